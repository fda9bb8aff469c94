"""What is approved is written, once, one member at a time; what is not approved, or not any more, is not."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from bot.record.record import Record
from bot.record.tables import decisions, outbox, proposals
from bot.work.worker import TryAgain
from graphs.acts import Action
from graphs.errors import TrackerRejected
from graphs.model import (
    AddLabel,
    Approved,
    Assign,
    Comment,
    Decision,
    Edited,
    Expired,
    Login,
    ProposalId,
    SlackUserId,
    TicketState,
    TriageState,
)
from tests.builders import NOW, a_rejection, a_ticket
from tests.executor.bench import ALL, KIND, LAYER, Bench, approvable, approved, sent
from tests.executor.tracker import FakeTracker


async def test_what_was_approved_is_written_in_order_and_read_back(record: Record) -> None:
    bench = await approved(record)
    await bench.run()
    assert bench.tracker.writes[:3] == [("add_label", LAYER), ("add_label", KIND), ("assign", "ml-lead")]
    assert bench.marker.is_ours(bench.tracker.posted[0], bench.proposal.id, 3)
    assert await bench.outcomes() == ["done applied"] * 4
    assert [one.action for one in await bench.audited()] == ["write_applied"] * 4
    assert await bench.triage() == (TriageState.CLOSED, "written")
    calls = [call for call, _ in bench.tracker.calls]
    assert calls == ["read", "add_label", "read", "add_label", "read", "assign", "read", "comment", "read", "comments"]


async def test_the_job_is_finished_and_what_follows_is_queued(record: Record) -> None:
    bench = await approved(record)
    await bench.run()
    async with record.begin() as tx:
        assert await tx.jobs.claim(["execute_proposal"], "tests", 1000) is None
        settle = await tx.jobs.claim(["settle_triage"], "tests", 1000)
    assert settle is not None
    assert settle.ticket == bench.proposal.target.key


async def test_a_second_run_of_the_same_job_writes_nothing(record: Record) -> None:
    bench = await approved(record)
    await bench.run()
    writes = list(bench.tracker.writes)
    await bench.again()
    assert bench.tracker.writes == writes


# --- what is on the ticket already --------------------------------------------------------------------------------


async def test_what_is_there_already_is_not_sent_again(record: Record) -> None:
    ticket = a_ticket(labels=(LAYER.upper(), KIND), assignees=("ML-Lead",))
    bench = await approved(record, tracker=FakeTracker(ticket))
    await bench.run()
    assert sent(bench) == ["comment"]
    assert await bench.outcomes() == ["done already_there"] * 3 + ["done applied"]
    async with record.read() as tx:
        assert await tx.outbox.effects() == 1, "what a person has set is not ours to take back"


async def test_a_label_the_tracker_lacks_is_made_first_if_the_proposal_says_so(record: Record) -> None:
    bench = await approved(record, approvable((AddLabel(label=LAYER, creates=True), AddLabel(label=KIND))))
    await bench.run()
    assert bench.tracker.writes == [("create_label", LAYER), ("add_label", LAYER), ("add_label", KIND)]
    assert bench.gate.asked[0] == (Action.CREATE_LABEL, True)


# --- a person changed the ticket meanwhile ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": ("layer: model and evaluation",)}, "the label “layer: model and evaluation” was added"),
        ({"assignees": (Login("data-lead"),)}, "data-lead was assigned"),
        ({"state": TicketState.CLOSED}, "the ticket was closed"),
    ],
)
async def test_fault_28_a_drifted_ticket_is_left_alone(record: Record, change: dict[str, object], words: str) -> None:
    bench = await approved(record)
    bench.tracker.set(**change)
    await bench.run()
    assert bench.tracker.writes == []
    rows = await bench.rows()
    assert {(row.outcome, row.detail) for row in rows} == {("drift", words)}
    assert [one.action for one in await bench.audited()] == ["write_drift"] * 4
    assert await bench.triage() == (TriageState.CLOSED, "drift,drift,drift,drift")


async def test_fault_28_a_change_between_two_writes_stops_only_what_it_touches(record: Record) -> None:
    bench = await approved(record)

    def meanwhile(call: str) -> None:
        if call == "add_label":
            bench.tracker.set(assignees=(Login("data-lead"),))

    bench.tracker.between = meanwhile
    await bench.run()
    assert sent(bench) == ["add_label", "add_label", "comment"]
    assert await bench.outcomes() == ["done applied", "done applied", "failed drift", "done applied"]
    assert bench.tracker.ticket.assignees == ("data-lead",)


async def test_a_comment_is_skipped_when_nothing_else_could_be_set(record: Record) -> None:
    bench = await approved(record)
    for call in ("add_label", "assign"):
        bench.tracker.broken[call] = TrackerRejected("no")
    bench.tracker.deaf = {"add_label"}
    await bench.run()
    assert bench.tracker.posted == []
    assert (await bench.outcomes())[-1] == "failed skipped"
    assert "comment" not in sent(bench)


async def test_a_comment_that_is_all_a_person_approved_is_posted(record: Record) -> None:
    bench = await approved(record, approvable((Comment(body="Please try the next version."),)))
    await bench.run()
    assert len(bench.tracker.posted) == 1
    assert await bench.outcomes() == ["done applied"]


# --- the gate, once more ------------------------------------------------------------------------------------------


async def refused(bench: Bench, why: str) -> None:
    """Nothing was sent, each refusal is audited, and the reason is told."""
    await bench.run()
    assert bench.tracker.writes == []
    assert bench.tracker.posted == []
    rows = await bench.rows()
    assert all(row.outcome in ("denied", "skipped") for row in rows), rows
    assert why in rows[0].detail
    assert any(one.action == "write_denied" for one in await bench.audited())
    assert (await bench.triage())[0] is TriageState.CLOSED


async def test_an_approval_that_is_too_old_writes_nothing(record: Record) -> None:
    bench = await approved(record)
    bench.max_age_s = -1
    await refused(bench, "the approval is too old")


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (a_rejection(), "no rule lets Executor"),
        (Expired(at=NOW), "no rule lets Executor"),
        (Edited(by=SlackUserId("U0ONDUTY"), at=NOW, proposal=ProposalId("another")), "approval is too old"),
        (Approved(by=SlackUserId(""), at=NOW), "approval is too old"),
    ],
)
async def test_without_a_persons_yes_nothing_is_written(record: Record, decision: Decision, why: str) -> None:
    bench = await approved(record, decision=decision)
    await refused(bench, why)


async def test_without_any_decision_nothing_is_written(record: Record) -> None:
    bench = await approved(record)
    async with record.engine.begin() as connection:
        await connection.execute(decisions.delete())
    await refused(bench, "no rule lets Executor")


async def test_a_login_that_left_the_directory_is_not_assigned(record: Record) -> None:
    bench = await approved(record)
    bench.people = frozenset()
    await bench.run()
    assert sent(bench) == ["add_label", "add_label", "comment"]
    assert (await bench.outcomes())[2] == "failed denied"
    denied = [one for one in await bench.audited() if one.action == "write_denied"]
    assert [(one.facts.get("operation"), one.facts.get("policies")) for one in denied if "operation" in one.facts] == [
        ("assign", "executor-listed-values-only")
    ]


async def test_a_label_that_is_on_no_list_is_not_added_and_not_made(record: Record) -> None:
    bench = await approved(record, approvable((AddLabel(label="pwned", creates=True),)))
    await refused(bench, "comes from no list")
    assert bench.gate.asked == [(Action.CREATE_LABEL, False)]


async def test_there_is_a_limit_to_what_one_proposal_may_write(record: Record) -> None:
    many = tuple(Comment(body=f"comment {number}") for number in range(20))
    bench = await approved(record, approvable((AddLabel(label=LAYER), *many)))
    await bench.run()
    assert len(bench.tracker.writes) == 16


# --- a store that was tampered with -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"operations": [{"op": "assign", "login": "data-lead"}] * 4},
        {"seen": {"labels": ["x"], "assignees": [], "version": "v1"}},
        {"versions": {"operations": "1"}},
    ],
)
async def test_a_proposal_that_was_changed_after_the_approval_is_not_written(
    record: Record, change: dict[str, object]
) -> None:
    bench = await approved(record)
    body = json.loads(bench.proposal.model_dump_json()) | change
    async with record.engine.begin() as connection:
        await connection.execute(update(proposals).values(body=json.dumps(body)))
        operations = [json.dumps(one) for one in body["operations"]]
        for position, operation in enumerate(operations):  # and the outbox with it, as somebody thorough would
            row = update(outbox).where(outbox.c.position == position)
            await connection.execute(row.values(operation=operation))
    await refused(bench, "no rule lets Executor")


async def test_an_outbox_row_that_is_not_the_approved_operation_is_not_written(record: Record) -> None:
    bench = await approved(record)
    other = Assign(login=Login("data-lead")).model_dump_json()
    async with record.engine.begin() as connection:
        await connection.execute(update(outbox).where(outbox.c.position == 2).values(operation=other))
    await bench.run()
    assert ("assign", "data-lead") not in bench.tracker.writes
    assert (await bench.rows())[2].detail == "what was to be written is not what was approved"


async def test_a_decision_about_another_digest_is_no_yes(record: Record) -> None:
    bench = await approved(record)
    async with record.engine.begin() as connection:
        await connection.execute(update(decisions).values(digest="0" * 64))
    await refused(bench, "no rule lets Executor")


# --- paused -------------------------------------------------------------------------------------------------------


async def test_while_paused_the_job_goes_back_without_penalty_and_is_done_later(record: Record) -> None:
    bench = await approved(record)
    bench.paused = True
    with pytest.raises(TryAgain) as caught:
        await bench.run()
    assert not caught.value.penalty
    assert bench.tracker.calls == []
    assert await bench.outcomes() == ["pending"] * 4
    bench.paused = False
    await bench.again()
    assert sent(bench) == ALL


async def test_a_pause_in_the_middle_stops_before_the_next_write_and_loses_nothing(record: Record) -> None:
    bench = await approved(record)

    def pause(call: str) -> None:
        bench.paused = bench.paused or call == "add_label"

    bench.tracker.between = pause
    with pytest.raises(TryAgain) as caught:
        await bench.run()
    assert not caught.value.penalty
    assert await bench.outcomes() == ["done applied", "pending", "pending", "pending"]
    bench.paused, bench.tracker.between = False, lambda _: None
    await bench.again()
    assert sent(bench) == ALL
    assert await bench.outcomes() == ["done applied"] * 4
