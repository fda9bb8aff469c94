"""The menu of a card: put off, passed on, a double, a question, run again, reported. Judged by the real gate."""

from __future__ import annotations

import pytest

from bot.record.incidents import Wrong
from bot.service.routing import Routes
from bot.service.verdicts import Wish
from bot.slack.blocks.card import card
from bot.slack.blocks.message import Message
from bot.slack.errors import SlackNotSetUp
from bot.slack.ids import VERBS, Action, Callback
from bot.slack.payloads import (
    AskForm,
    HandOverForm,
    RejectForm,
    ReportForm,
    RunAgainForm,
    SnoozeForm,
    parse_submission,
)
from bot.tasks import ExecuteProposal, TellChannel, TellThread, TriageTicket
from graphs.errors import Outage
from graphs.model import (
    Approved,
    Comment,
    OutboxState,
    OwnerId,
    Proposal,
    RejectReason,
    TriageState,
    Withdrawn,
)
from graphs.owners import Owners
from graphs.proposing import digest_holds
from tests.builders import ON_DUTY, TEAM, an_actor
from tests.service.house import CHANNEL, KEY, POLICIES, House


async def wished(house: House, proposal: Proposal, wish: Wish, **traits: bool) -> str:
    """What the person was told."""
    async with house.record.begin() as tx:
        actor = an_actor(ON_DUTY).model_copy(update=traits)
        reply = await house.verbs.carry_out(tx, actor, proposal, wish)
    return reply.text if isinstance(reply, Message) else ""


WISHES: dict[str, Wish] = {
    "snooze": SnoozeForm(until="1h"),
    "hand over": HandOverForm(owner=OwnerId("ml-lead"), note=""),
    "ask": AskForm(question="Which version?"),
    "run again": RunAgainForm(),
    "report": ReportForm(what="wrong", note=""),
}


@pytest.mark.parametrize("name", WISHES)
async def test_whoever_may_not_decide_changes_nothing(house: House, name: str) -> None:
    proposal = await house.propose()
    before = await house.waiting()
    assert "guests cannot" in await wished(house, proposal, WISHES[name], is_guest=True)
    assert await house.waiting() == before
    async with house.record.read() as tx:
        assert await tx.proposals.decision(proposal.id) is None
        assert await tx.snoozes.get(proposal.id) is None
        assert await tx.incidents.all(open_only=False) == []


@pytest.mark.parametrize("name", [one for one in WISHES if one != "report"])
async def test_a_decided_card_takes_no_verb(house: House, name: str) -> None:
    proposal = await house.propose()
    await wished(house, proposal, RejectForm(reason=RejectReason.OTHER, note=""))
    assert "Already decided" in await wished(house, proposal, WISHES[name])


@pytest.mark.parametrize(("name", "works"), [("ask", False), ("run again", False), ("snooze", True), ("report", True)])
async def test_while_paused_nothing_is_written_or_proposed(house: House, name: str, works: bool) -> None:  # noqa: FBT001  # pytest passes by name
    proposal = await house.propose()
    house.paused = True
    assert ("paused" not in await wished(house, proposal, WISHES[name])) is works


async def test_a_question_is_approved_bound_and_written_beside_the_waiting_card(house: House) -> None:
    proposal = await house.propose()
    assert "goes on waiting" in await wished(house, proposal, AskForm(question=" Which version? "))
    (task,) = await house.waiting("execute_proposal")
    assert isinstance(task, ExecuteProposal)
    async with house.record.read() as tx:
        (asked,) = await tx.proposals.questions(proposal.id)
        assert isinstance(await tx.proposals.decision(asked.id), Approved)
        assert await tx.proposals.decision(proposal.id) is None
        assert await tx.proposals.latest(proposal.triage) == proposal, "the card shows the proposal, not the question"
        assert (await tx.triages.get(proposal.triage)).state is TriageState.AWAITING
        assert [row.operation for row in await tx.outbox.of(asked.id)] == [Comment(body="Which version?")]
    assert task.proposal == asked.id
    assert digest_holds(asked)
    assert asked.digest != proposal.digest
    assert "asked already" in await wished(house, proposal, AskForm(question="Which version?"))
    assert "nothing is posted" in await wished(house, proposal, AskForm(question="  "))


async def test_the_card_says_that_the_reporter_was_asked_once_it_is_posted(house: House) -> None:
    proposal = await house.propose()
    await wished(house, proposal, AskForm(question="Which version?"))

    async def shown() -> str:
        async with house.record.read() as tx:
            view = await house.cards.view(tx, proposal.triage, for_card=True)
        assert view
        return repr(card(view).blocks)

    assert "reporter asked" not in await shown()
    async with house.record.begin() as tx:
        (asked,) = await tx.proposals.questions(proposal.id)
        (row,) = await tx.outbox.of(asked.id)
        await tx.outbox.move(row, OutboxState.DONE, 1, "applied")
    assert "reporter asked" in await shown()


async def test_what_is_passed_on_waits_anew_for_the_other_team(house: House) -> None:
    proposal = await house.propose()
    told = await wished(house, proposal, HandOverForm(owner=OwnerId("ml-lead"), note="decoder, <!channel>"))
    assert "goes to ML team" in told
    async with house.record.read() as tx:
        decision = await tx.proposals.decision(proposal.id)
        new = await tx.proposals.latest(proposal.triage)
    assert isinstance(decision, Withdrawn)
    assert new
    assert new.owner
    assert (new.owner.owner, new.layer, new.edited_by) == (OwnerId("ml-lead"), proposal.layer, None)
    assert digest_holds(new)
    assert "'login': 'ml-lead'" in repr([one.model_dump() for one in new.operations])
    assert await house.waiting("execute_proposal") == []
    (thread,) = await house.waiting("tell_thread")
    assert isinstance(thread, TellThread)
    assert "<@U02MLLEAD>" in thread.text
    assert "<!channel>" not in thread.text
    assert "Already decided" in await wished(house, proposal, RejectForm(reason=RejectReason.OTHER, note=""))
    assert await wished(house, new, RejectForm(reason=RejectReason.OTHER, note="")) == ""
    assert "cannot go there" in await wished(
        house, await house.propose(triage="b" * 32), HandOverForm(owner=OwnerId("nobody-known"), note="")
    )


async def test_running_again_withdraws_the_card_and_reads_anew(house: House) -> None:
    proposal = await house.propose()
    assert "anew" in await wished(house, proposal, RunAgainForm())
    async with house.record.read() as tx:
        assert isinstance(await tx.proposals.decision(proposal.id), Withdrawn)
        assert await tx.triages.live(proposal.target.key) is None
    assert [one.ref for one in await house.waiting("triage_ticket") if isinstance(one, TriageTicket)] == [
        proposal.target
    ]


async def test_a_report_is_kept_redacted_and_the_operator_told_even_after_the_decision(house: House) -> None:
    proposal = await house.propose()
    await wished(house, proposal, RejectForm(reason=RejectReason.OTHER, note=""))
    secret = "ghp_" + "a" * 36
    assert "operator is told" in await wished(house, proposal, ReportForm(what="invented", note=f"see {secret}"))
    async with house.record.read() as tx:
        (found,) = await tx.incidents.all(open_only=True)
    assert (found.kind, found.proposal, found.by) == (Wrong.INVENTED, proposal.id, ON_DUTY)
    assert secret not in found.note
    (told,) = await house.waiting("tell_channel")
    assert isinstance(told, TellChannel)
    assert "strata incidents" in told.text
    async with house.record.begin() as tx:
        assert await tx.incidents.close(found.id)
        assert not await tx.incidents.close(found.id)
        assert await tx.incidents.all(open_only=True) == []


# --- what Slack sends ---------------------------------------------------------------------------------------------


def submitted(proposal: Proposal, callback: Callback, **values: dict[str, object]) -> dict[str, object]:
    state = {block: {next(iter(answer)): next(iter(answer.values()))} for block, answer in values.items()}
    return {
        "type": "view_submission",
        "user": {"id": ON_DUTY, "team_id": TEAM},
        "team": {"id": TEAM},
        "view": {"callback_id": callback, "private_metadata": KEY.value_for(proposal.id), "state": {"values": state}},
    }


def _chosen(value: str) -> dict[str, object]:
    return {"type": "static_select", "selected_option": {"value": value}}


def _wrote(value: str) -> dict[str, object]:
    return {"type": "plain_text_input", "value": value}


async def test_forms_of_the_menu_are_read_and_carried_out(house: House) -> None:
    proposal = await house.propose()
    note: dict[str, object] = {"write_note": _wrote("")}
    double = submitted(proposal, Callback.DUPLICATE, other_ticket={"choose_ticket": _chosen("a/b#7")}, note=note)
    assert parse_submission(double).form == RejectForm(reason=RejectReason.DUPLICATE, note="of a/b#7")
    report = submitted(proposal, Callback.AGAIN, trouble={"choose_trouble": _chosen("rude")}, note=note)
    assert parse_submission(report).form == ReportForm(what="rude", note="")
    again = submitted(proposal, Callback.AGAIN, trouble={"choose_trouble": _chosen("again")}, note=note)
    assert parse_submission(again).form == RunAgainForm()
    body = submitted(proposal, Callback.SNOOZE, time={"choose_time": _chosen("4h")})
    await house.front.keep_verdict("form:1", body)
    job = await house.claim("take_verdict")
    assert job
    await house.verdicts.take(job)
    async with house.record.read() as tx:
        snooze = await tx.snoozes.get(proposal.id)
    assert snooze
    assert snooze.by == ON_DUTY


async def test_the_menu_has_five_verbs_that_carry_the_sealed_value(house: House) -> None:
    proposal = await house.propose()
    async with house.record.read() as tx:
        view = await house.cards.view(tx, proposal.triage, for_card=True)
    assert view
    (buttons,) = [one for one in card(view).blocks if one.get("block_id") == "buttons"]
    menu = [one for one in buttons["elements"] if one["type"] == "overflow"]  # type: ignore[attr-defined]
    assert [option["value"] for option in menu[0]["options"]] == [f"{verb}:{view.value}" for verb in VERBS]
    assert menu[0]["action_id"] == Action.MORE


# --- where cards go -----------------------------------------------------------------------------------------------


def routed(**channels: str) -> Routes:
    """Channels by the owner's handle, or by the layer's id."""
    owners = tuple(one.model_copy(update={"channel": channels.get(one.id)}) for one in POLICIES.owners)
    layers = tuple(one.model_copy(update={"channel": channels.get(one.id)}) for one in POLICIES.layers)
    return Routes(CHANNEL, Owners(POLICIES.model_copy(update={"owners": owners, "layers": layers})))


async def post(house: House) -> None:
    job = await house.claim("post_card")
    assert job
    await house.cards.post(job)


@pytest.mark.parametrize(
    ("channels", "goes_to"),
    [
        ({}, CHANNEL),
        ({"retrieval_and_context": "C0LAYER1"}, "C0LAYER1"),
        ({"retrieval_and_context": "C0LAYER1", "data-lead": "C0DATA01"}, "C0DATA01"),
        ({"ml-lead": "C0OTHER1"}, CHANNEL),
    ],
)
async def test_a_card_goes_to_its_owners_channel_else_its_layers_and_nowhere_else(
    house: House, channels: dict[str, str], goes_to: str
) -> None:
    house.routes = routed(**channels)
    await house.propose()
    await post(house)
    assert [channel for channel, _ in house.desk.posted] == [goes_to]


async def test_what_is_passed_on_leaves_the_channel_and_comes_in_the_other_one(house: House) -> None:
    house.routes = routed(**{"data-lead": "C0DATA01", "ml-lead": "C0ML0001"})
    proposal = await house.propose()
    await post(house)
    await wished(house, proposal, HandOverForm(owner=OwnerId("ml-lead"), note=""))
    job = await house.claim("leave_channel")
    assert job
    await house.cards.left(job)
    ((channel, ts, message),) = house.desk.updated
    assert (channel, ts) == ("C0DATA01", "1.0")
    assert "passed on" in message.text
    assert "approve" not in repr(message.blocks)
    async with house.record.begin(job) as tx:
        await tx.jobs.finish(job)
    await post(house)
    assert [channel for channel, _ in house.desk.posted] == ["C0DATA01", "C0ML0001"]


async def test_of_a_channel_that_does_not_take_cards_the_operator_is_told_once(house: House) -> None:
    house.routes = routed(**{"data-lead": "C0DATA01"})
    house.desk.broken["post"] = SlackNotSetUp("Slack refused (not_in_channel)")
    await house.propose()
    job = await house.claim("post_card")
    assert job
    for _ in range(3):
        with pytest.raises(Outage):
            await house.cards.post(job)
    (told,) = await house.waiting("tell_channel")
    assert isinstance(told, TellChannel)
    assert "C0DATA01" in told.text
