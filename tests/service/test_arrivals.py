"""What becomes of each event: our own writes are recognised by what was sent, and a new ticket is never dropped."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.executor.marker import Marker
from bot.record.inbox import Outcome
from bot.record.tables import outbox
from bot.service.arrivals import ECHO_WINDOW_MS, Arrivals, Install
from bot.tasks import TriageTicket, WithdrawTicket
from bot.trackers.github.webhook import GitHubDoor
from graphs.model import AddLabel, Approved, Assign, Comment, InstallId, Login, OutboxState, Proposal, SlackUserId
from graphs.proposing import proposal_id
from tests.builders import a_proposal, a_ref
from tests.service.house import House
from tests.trackers.github.deliveries import PROJECT, SECRET, as_json, headers, payload

MARKER = Marker(b"a marker key of the tests, 32 by")
INSTALL = Install(
    id=InstallId("main"), provider="github", door=GitHubDoor(), secrets=(SECRET,), projects=(PROJECT, "Acme/S*")
)
LABEL, LOGIN = "layer: retrieval and context", "ml-lead"
BOT = {"login": "strata[bot]", "type": "Bot"}
_ids = iter(range(10_000))


async def arrives(house: House, event: str, action: str, **more: object) -> Outcome:
    body = as_json(payload(action, **more))  # type: ignore[arg-type]  # JSON
    sent = headers(event, body) | {"x-github-delivery": f"delivery-{next(_ids)}"}
    return await Arrivals(house.record, MARKER).arrived(INSTALL, sent, body)


async def labeled(house: House, label: str = LABEL, by: str = "strata[bot]") -> Outcome:
    return await arrives(house, "issues", "labeled", label={"name": label}, sender={"login": by})


async def assigned(house: House, login: str = LOGIN) -> Outcome:
    return await arrives(house, "issues", "assigned", assignee={"login": login}, sender=BOT)


async def commented(house: House, body: str, by: str = "strata[bot]") -> Outcome:
    return await arrives(house, "issue_comment", "created", comment={"body": body}, sender={"login": by})


async def sent(house: House, state: OutboxState = OutboxState.DONE, number: int = 12) -> Proposal:
    """Our operations on the ticket, with their outbox rows in this state."""
    operations = (AddLabel(label=LABEL), Assign(login=Login(LOGIN)), Comment(body="Thanks."))
    proposal = a_proposal(proposal_id(a_proposal().triage), target=a_ref(number), operations=operations)
    async with house.record.begin() as tx:
        await tx.triages.begin(proposal.triage, proposal.target, "opened")
        await tx.proposals.add(proposal)
        await tx.proposals.decide(proposal, Approved(by=SlackUserId("U0ONDUTY"), at=await tx.now()))
        await tx.outbox.add(proposal)
    async with house.record.engine.begin() as connection:
        await connection.execute(update(outbox).values(state=state))
    return proposal


# --- echoes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [OutboxState.SENDING, OutboxState.UNKNOWN, OutboxState.DONE])
@pytest.mark.parametrize("by", ["strata[bot]", "on-duty"])
async def test_fault_29_our_own_write_comes_back_whoever_the_token_belongs_to(
    house: House, state: OutboxState, by: str
) -> None:
    await sent(house, state)
    assert await labeled(house, by=by) is Outcome.ECHO
    assert await labeled(house, LABEL.upper(), by) is Outcome.ECHO
    assert await assigned(house) is Outcome.ECHO


@pytest.mark.parametrize("state", [OutboxState.PENDING, OutboxState.FAILED])
async def test_what_was_never_sent_cannot_come_back(house: House, state: OutboxState) -> None:
    await sent(house, state)
    assert await labeled(house) is Outcome.IGNORED
    assert await assigned(house) is Outcome.IGNORED


async def test_what_was_there_already_was_a_persons(house: House) -> None:
    await sent(house)
    async with house.record.engine.begin() as connection:
        await connection.execute(update(outbox).values(outcome="already_there"))
    assert await labeled(house) is Outcome.IGNORED


async def test_another_value_or_another_ticket_is_a_persons(house: House) -> None:
    await sent(house, number=13)
    assert await labeled(house) is Outcome.IGNORED
    assert await assigned(house) is Outcome.IGNORED
    await sent_on_this_ticket_too(house)
    assert await labeled(house, "kind: bug") is Outcome.IGNORED
    assert await assigned(house, "data-lead") is Outcome.IGNORED


async def sent_on_this_ticket_too(house: House) -> None:
    async with house.record.engine.begin() as connection:
        await connection.execute(update(outbox).values(ticket_key=a_ref(12).key))


async def test_a_person_who_sets_the_same_later_is_a_person(house: House) -> None:
    await sent(house)
    await house.later(outbox.c.changed_at, ECHO_WINDOW_MS - 60_000)
    assert await labeled(house) is Outcome.ECHO
    await house.later(outbox.c.changed_at, 120_000)
    assert await labeled(house) is Outcome.IGNORED


async def test_fault_29_our_comment_is_known_by_its_marker_and_a_forged_one_is_not(house: House) -> None:
    proposal = await sent(house)
    signed = MARKER.sign("Thanks.", proposal.id, 2)
    assert await commented(house, signed, by="on-duty") is Outcome.ECHO
    forged = f"<!-- strata:{proposal.id}.2.{'0' * 32} -->"
    other = Marker(b"somebody else's key, also 32 byt").sign("Thanks.", proposal.id, 2)
    for body in ("Thanks.", forged, other, ""):
        assert await commented(house, body) is Outcome.IGNORED


# --- work that follows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["strata[bot]", "on-duty", "ghost"])
@pytest.mark.parametrize("action", ["opened", "reopened"])
async def test_a_new_ticket_is_never_dropped_not_even_our_own(house: House, action: str, by: str) -> None:
    await sent(house)
    assert await arrives(house, "issues", action, sender={"login": by}) is Outcome.ACCEPTED
    assert await house.waiting() == [TriageTicket(ref=a_ref(12), why=action)]


@pytest.mark.parametrize("action", ["closed", "deleted", "transferred"])
async def test_a_ticket_that_went_away_takes_its_proposal_back(house: House, action: str) -> None:
    assert await arrives(house, "issues", action, sender=BOT) is Outcome.ACCEPTED
    assert await house.waiting() == [WithdrawTicket(ref=a_ref(12), why=action)]


@pytest.mark.parametrize(
    ("event", "action", "more"),
    [
        ("issues", "edited", {"changes": {"title": {"from": "x"}}}),
        ("issues", "pinned", {}),
        ("issues", "opened", {"issue": {"number": 12, "pull_request": {"url": "x"}}}),
        ("issue_comment", "created", {"comment": {"body": "me too"}}),
        ("label", "created", {"label": {"name": "x"}}),
        ("star", "created", {}),
    ],
)
async def test_what_is_of_no_interest_is_recorded_and_starts_nothing(
    house: House, event: str, action: str, more: dict[str, object]
) -> None:
    assert await arrives(house, event, action, **more) is Outcome.IGNORED
    assert await house.waiting() == []
    assert len(await house.kept()) == 1


@pytest.mark.parametrize(
    ("project", "outcome"),
    [
        (PROJECT, Outcome.ACCEPTED),
        (PROJECT.upper(), Outcome.ACCEPTED),
        ("acme/search", Outcome.ACCEPTED),
        ("acme/other", Outcome.IGNORED),
        ("evil/assistant", Outcome.IGNORED),
    ],
)
async def test_a_delivery_about_a_project_we_do_not_cover_starts_nothing(
    house: House, project: str, outcome: Outcome
) -> None:
    repository = {"full_name": project, "private": False}
    assert await arrives(house, "issues", "opened", repository=repository) is outcome
    assert len(await house.waiting()) == (outcome is Outcome.ACCEPTED)


async def test_a_payload_of_no_project_is_covered() -> None:
    assert INSTALL.covers(None)
