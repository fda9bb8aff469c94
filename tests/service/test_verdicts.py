"""A click becomes a decision with its work and audit entry, in one transaction; or an answer, and nothing else."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.record.inbox import Delivery, Outcome
from bot.slack.errors import PostUnknown, SlackRefused
from bot.tasks import ExecuteProposal, RefreshCard, SettleTriage, TakeVerdict
from graphs.errors import RateLimited
from graphs.model import AddLabel, Approved, Assign, Comment, Edited, LayerId, Proposal, Rejected, TriageState
from graphs.proposing import digest_holds
from tests.builders import DAY, MODEL, ON_DUTY, TEAM, a_ticket, an_actor
from tests.service.house import CHANNEL, KEY, STRICT, House

TOKEN = "ghp_" + "a1B2" * 9


def click(
    proposal: Proposal, *, user: str = ON_DUTY, team: str = TEAM, value: str = "", action: str = "approve"
) -> dict[str, object]:
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": team},
        "team": {"id": TEAM},
        "container": {"type": "message", "channel_id": CHANNEL, "message_ts": "1.2"},
        "channel": {"id": CHANNEL},
        "trigger_id": "1.2.abc",
        "actions": [{"action_id": action, "value": value or KEY.value_for(proposal.id), "action_ts": "3.4"}],
    }


def form(
    proposal: Proposal, callback: str = "edit_form", *, user: str = ON_DUTY, comment: str = "Thanks.", **chosen: str
) -> dict[str, object]:
    def choice(name: str, default: str) -> dict[str, object]:
        return {"selected_option": {"value": chosen.get(name, default)}}

    values = {
        "layer": {"choose_layer": choice("layer", "business_workflow")},
        "kind": {"choose_kind": choice("kind", "task")},
        "owner": {"choose_owner": choice("owner", "ops-lead")},
        "comment": {"write_comment": {"value": comment}},
        "reason": {"choose_reason": choice("reason", "not_now")},
        "note": {"write_note": {"value": comment}},
    }
    return {
        "type": "view_submission",
        "user": {"id": user, "team_id": TEAM},
        "team": {"id": TEAM},
        "view": {
            "callback_id": callback,
            "private_metadata": KEY.value_for(proposal.id),
            "state": {"values": values},
        },
    }


_ids = iter(range(100_000))


async def keep(house: House, body: dict[str, object]) -> None:
    delivery = Delivery(
        provider="slack",
        install=TEAM,
        delivery_id=f"v{next(_ids)}",
        name="verdict",
        body=json.dumps(body).encode(),
    )
    async with house.record.begin() as tx:
        _, row = await tx.inbox.store(delivery, Outcome.ACCEPTED, "")
        await tx.jobs.add(TakeVerdict(delivery=row))


async def taken(house: House, body: dict[str, object]) -> str:
    """What the person was told, if anything."""
    await keep(house, body)
    job = await house.claim("take_verdict")
    assert job is not None
    before = len(house.desk.whispered)
    await house.verdicts.take(job)
    return "\n".join(text for _, _, text in house.desk.whispered[before:])


async def decision(house: House, proposal: Proposal) -> object:
    async with house.record.read() as tx:
        return await tx.proposals.decision(proposal.id)


async def audited(house: House, proposal: Proposal) -> list[tuple[str, str]]:
    async with house.record.read() as tx:
        assert await tx.audit.verify()
        entries = await tx.audit.entries(proposal.target.key)
    return [(one.actor, one.action) for one in entries if one.actor.startswith("human:")]


async def written(house: House) -> list[Proposal]:
    """Proposals whose operations are in the outbox."""
    found = []
    for task in await house.waiting("execute_proposal"):
        assert isinstance(task, ExecuteProposal)
        async with house.record.read() as tx:
            proposal = await tx.proposals.get(task.proposal)
            assert proposal is not None
            assert len(await tx.outbox.of(proposal.id)) == len(proposal.operations)
        found.append(proposal)
    return found


# --- approve ------------------------------------------------------------------------------------------------------


async def test_an_approval_is_decision_work_and_audit_entry(house: House) -> None:
    proposal = await house.propose()
    assert await taken(house, click(proposal)) == ""
    made = await decision(house, proposal)
    assert isinstance(made, Approved)
    assert made.by == ON_DUTY
    assert await written(house) == [proposal]
    assert RefreshCard(triage=proposal.triage) in await house.waiting()
    assert await audited(house, proposal) == [(f"human:{ON_DUTY}", "approved")]
    async with house.record.read() as tx:
        assert (await tx.triages.get(proposal.triage)).state is TriageState.APPLYING
        assert await tx.proposals.decided_digest(proposal.id) == proposal.digest


async def test_another_layer_is_chosen_with_one_press_and_written_to_the_letter(house: House) -> None:
    proposal = await house.propose(rather=(MODEL, LayerId("business_workflow")))
    second = proposal.alternatives[1]
    assert await taken(house, click(proposal, action="instead_2")) == ""
    (edited,) = await written(house)
    assert (edited.layer, edited.owner, edited.operations) == (second.layer, second.owner, second.operations)
    assert digest_holds(edited)
    assert (edited.edited_by, edited.replaces, edited.alternatives) == (ON_DUTY, proposal.id, ())
    made = await decision(house, proposal)
    assert isinstance(made, Edited)
    assert made.proposal == edited.id
    assert await audited(house, proposal) == [(f"human:{ON_DUTY}", "edited")]


async def test_an_alternative_that_the_card_never_offered_writes_nothing(house: House) -> None:
    proposal = await house.propose(rather=(MODEL,))
    assert "Nothing was written" in await taken(house, click(proposal, action="instead_2"))
    assert await decision(house, proposal) is None
    assert await written(house) == []


async def test_fault_24_a_second_click_changes_nothing_and_is_told_who_decided(house: House) -> None:
    proposal = await house.propose()
    await taken(house, click(proposal))
    told = await taken(house, click(proposal, user="U0SECOND"))
    assert "Already decided" in told
    assert f"<@{ON_DUTY}>" in told
    assert await written(house) == [proposal]
    assert (await audited(house, proposal))[1:] == [("human:U0SECOND", "decision_refused")]


async def test_fault_22_of_many_clicks_at_once_one_wins(house: House) -> None:
    proposal = await house.propose()
    people = [f"U0PERSON{number}" for number in range(8)]
    for user in people:
        await keep(house, click(proposal, user=user))
    jobs = [await house.claim("take_verdict") for _ in people]
    await asyncio.gather(*(house.verdicts.take(job) for job in jobs if job))
    assert await written(house) == [proposal]
    assert len(house.desk.whispered) == 7
    assert sorted(action for _, action in await audited(house, proposal)) == ["approved", *["decision_refused"] * 7]


# --- who may not --------------------------------------------------------------------------------------------------

REFUSED = {
    "a guest": ({"is_guest": True}, "guests cannot decide"),
    "a bot": ({"is_bot": True}, "a bot cannot decide"),
    "somebody who left": ({"is_deactivated": True}, "deactivated"),
    "a stranger": ({"is_stranger": True}, "another workspace"),
    "nobody known": ({"is_known": False}, "could not tell who this is"),
}


@pytest.mark.parametrize("who", REFUSED)
@pytest.mark.parametrize("how", ["click", "edit", "reject"])
async def test_fault_30_49_who_may_not_decide_decides_nothing(house: House, who: str, how: str) -> None:
    traits, why = REFUSED[who]
    house.desk.directory[ON_DUTY] = an_actor().model_copy(update=traits)
    proposal = await house.propose()
    body = click(proposal) if how == "click" else form(proposal, f"{how}_form")
    told = await taken(house, body)
    # A form carries no channel: where no card was posted yet, there is no place to whisper.
    assert (why in told) or (how != "click" and told == "")
    assert await decision(house, proposal) is None
    assert await written(house) == []
    assert await audited(house, proposal) == [(f"human:{ON_DUTY}", "decision_refused")]


async def test_fault_49_a_click_signed_for_another_workspace_decides_nothing(house: House) -> None:
    proposal = await house.propose()
    assert "another workspace" in await taken(house, click(proposal, team="T0ELSEWHERE"))
    assert await decision(house, proposal) is None


async def test_the_reporter_may_not_approve_where_the_team_says_so(house: House) -> None:
    proposal = await house.propose(a_ticket(author="On-Duty"))
    house.approvers = STRICT
    assert "filed the ticket" in await taken(house, click(proposal, user="U01ONDUTY"))
    assert await decision(house, proposal) is None


async def test_a_forged_value_decides_nothing(house: House) -> None:
    proposal = await house.propose()
    for value in (proposal.id, f"{proposal.id}.{'A' * 24}", "x.y"):
        assert "do not know this card" in await taken(house, click(proposal, value=value))
    assert await decision(house, proposal) is None


async def test_fault_25_an_expired_proposal_cannot_be_approved(house: House) -> None:
    from bot.record.tables import proposals

    proposal = await house.propose()
    expired = proposal.model_copy(update={"expires_at": proposal.created_at - DAY})
    async with house.record.engine.begin() as connection:
        await connection.execute(proposals.update().values(body=expired.model_dump_json()))
    assert "expired" in await taken(house, click(proposal))
    assert await decision(house, proposal) is None


async def test_while_paused_only_a_no_counts(house: House) -> None:
    proposal = await house.propose()
    house.paused = True
    assert "paused" in await taken(house, click(proposal))
    await taken(house, form(proposal))
    assert await decision(house, proposal) is None
    await taken(house, form(proposal, "reject_form"))
    assert isinstance(await decision(house, proposal), Rejected)


# --- reject -------------------------------------------------------------------------------------------------------


async def test_a_rejection_writes_nothing_and_closes_the_thread(house: House) -> None:
    proposal = await house.propose()
    await taken(house, form(proposal, "reject_form", comment=f"because {TOKEN}"))
    made = await decision(house, proposal)
    assert isinstance(made, Rejected)
    assert made.reason == "not_now"
    assert TOKEN not in made.note
    assert made.note.startswith("because ")
    assert await written(house) == []
    assert SettleTriage(triage=proposal.triage, proposal=proposal.id) in await house.waiting()
    assert await audited(house, proposal) == [(f"human:{ON_DUTY}", "rejected")]
    async with house.record.read() as tx:
        assert (await tx.triages.get(proposal.triage)).state is TriageState.CLOSED
        assert await tx.triages.live(proposal.target.key) is None


# --- edit ---------------------------------------------------------------------------------------------------------


async def test_an_edit_approves_a_proposal_of_its_own(house: House) -> None:
    proposal = await house.propose()
    await taken(house, form(proposal))
    made = await decision(house, proposal)
    (edited,) = await written(house)
    assert isinstance(made, Edited)
    assert made.proposal == edited.id != proposal.id
    assert isinstance(await decision(house, edited), Approved)
    assert (edited.edited_by, edited.replaces, edited.seen) == (ON_DUTY, proposal.id, proposal.seen)
    assert edited.digest != proposal.digest
    assert digest_holds(edited)
    assert edited.operations == (
        AddLabel(label="layer: business workflow"),
        AddLabel(label="kind: task"),
        Assign(login="ops-lead"),
        Comment(body="Thanks."),
    )
    async with house.record.read() as tx:
        assert await tx.proposals.decided_digest(edited.id) == edited.digest
        latest = await tx.proposals.latest(proposal.triage)
    assert latest == edited
    assert await audited(house, proposal) == [(f"human:{ON_DUTY}", "edited")]


async def test_an_owner_can_be_taken_out(house: House) -> None:
    proposal = await house.propose()
    await taken(house, form(proposal, owner="-", comment=""))
    (edited,) = await written(house)
    assert edited.owner is None
    assert [one.op for one in edited.operations] == ["add_label", "add_label"]


async def test_what_is_written_into_the_comment_is_redacted_and_cut(house: House) -> None:
    proposal = await house.propose()
    await taken(house, form(proposal, comment=f"see {TOKEN} " + "x" * 2900))
    (edited,) = await written(house)
    (comment,) = [one for one in edited.operations if isinstance(one, Comment)]
    assert TOKEN not in comment.body
    assert comment.body.startswith("see [SECRET")
    assert len(comment.body) == 2000


@pytest.mark.parametrize("chosen", [{"layer": "made_up"}, {"owner": "made-up"}])
async def test_an_edit_with_a_value_that_is_not_on_offer_decides_nothing(house: House, chosen: dict[str, str]) -> None:
    proposal = await house.propose()
    await taken(house, form(proposal, **chosen))
    assert await decision(house, proposal) is None
    assert await written(house) == []
    assert await audited(house, proposal) == [(f"human:{ON_DUTY}", "decision_refused")]


async def test_the_same_form_twice_is_one_edit(house: House) -> None:
    proposal = await house.propose()
    await taken(house, form(proposal))
    await taken(house, form(proposal))
    assert len(await written(house)) == 1


async def test_fault_26_an_edit_after_an_approval_is_too_late(house: House) -> None:
    proposal = await house.propose()
    await taken(house, click(proposal))
    await taken(house, form(proposal, user="U0SECOND"))
    assert await written(house) == [proposal]


async def test_fault_25_an_approval_after_an_edit_is_too_late_and_told_so(house: House) -> None:
    proposal = await house.propose()
    await taken(house, form(proposal))
    assert "Already decided" in await taken(house, click(proposal, user="U0SECOND"))
    assert len(await written(house)) == 1


# --- Slack in trouble ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [SlackRefused("no"), PostUnknown("lost"), RateLimited("later", 1.0)])
async def test_an_answer_that_cannot_be_given_costs_nothing_else(house: House, error: Exception) -> None:
    proposal = await house.propose()
    house.desk.broken["whisper"] = error
    house.desk.directory["U0GUEST"] = an_actor("U0GUEST", is_guest=True)
    await taken(house, click(proposal, value="forged"))
    await taken(house, click(proposal, user="U0GUEST"))
    assert await audited(house, proposal) == [("human:U0GUEST", "decision_refused")]


async def test_while_the_directory_cannot_be_reached_nothing_is_decided_and_nothing_lost(house: House) -> None:
    proposal = await house.propose()
    house.desk.broken["person"] = PostUnknown("lost")
    with pytest.raises(PostUnknown):
        await taken(house, click(proposal))
    assert await decision(house, proposal) is None
