"""What is approved is written, once, one member at a time; what is not approved, or not any more, is not."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from bot.record.record import Record
from bot.record.tables import decisions, outbox, proposals
from bot.work.worker import TryAgain
from graphs.acts import Action
from graphs.errors import RateLimited, TicketGone, TrackerRefused, TrackerRejected, TrackerUnavailable
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
from tests.executor.bench import KIND, LAYER, OPERATIONS, Bench, approvable, approved
from tests.executor.tracker import FakeTracker

ALL = ["add_label", "add_label", "assign", "comment"]


def sent(bench: Bench) -> list[str]:
    return [call for call, _ in bench.tracker.writes]


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
async def test_a_drifted_ticket_is_left_alone(record: Record, change: dict[str, object], words: str) -> None:
    bench = await approved(record)
    bench.tracker.set(**change)
    await bench.run()
    assert bench.tracker.writes == []
    rows = await bench.rows()
    assert {(row.outcome, row.detail) for row in rows} == {("drift", words)}
    assert [one.action for one in await bench.audited()] == ["write_drift"] * 4
    assert await bench.triage() == (TriageState.CLOSED, "drift,drift,drift,drift")


async def test_a_change_between_two_writes_stops_only_what_it_touches(record: Record) -> None:
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


# --- the tracker says no, or nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(TicketGone("deleted"), "gone"), (TrackerRefused("403"), "refused")],
)
async def test_a_ticket_that_cannot_be_read_fails_all_of_it(record: Record, error: Exception, outcome: str) -> None:
    bench = await approved(record)
    bench.tracker.broken["read"] = error
    await bench.run()
    assert await bench.outcomes() == [f"failed {outcome}"] * 4
    assert bench.tracker.writes == []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(TrackerRejected("unknown person"), "rejected"), (TrackerRefused("403"), "refused"), (TicketGone("x"), "gone")],
)
async def test_one_refused_operation_does_not_stop_the_others(record: Record, error: Exception, outcome: str) -> None:
    bench = await approved(record)
    bench.tracker.broken["assign"] = error
    await bench.run()
    assert sent(bench) == ALL
    assert await bench.outcomes() == ["done applied", "done applied", f"failed {outcome}", "done applied"]


async def test_a_write_that_changed_nothing_is_told(record: Record) -> None:
    bench = await approved(record)
    bench.tracker.deaf = {"assign"}
    await bench.run()
    assert (await bench.outcomes())[2] == "failed not_applied"


@pytest.mark.parametrize("call", ["add_label", "assign", "comment"])
@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "lost"])
async def test_a_lost_answer_is_resolved_by_reading(record: Record, call: str, *, arrived: bool) -> None:
    bench = await approved(record)
    (bench.tracker.lost if arrived else bench.tracker.broken)[call] = TrackerUnavailable("no answer")
    with pytest.raises(TrackerUnavailable):
        await bench.run()
    assert "unknown unknown" in await bench.outcomes()
    await bench.again()
    assert await bench.outcomes() == ["done applied"] * 4
    once = {name: ALL.count(name) for name in ALL}
    twice = once | ({} if arrived else {call: once[call] + 1})
    assert {name: sent(bench).count(name) for name in once} == twice
    assert (len(bench.tracker.ticket.labels), len(bench.tracker.ticket.assignees), len(bench.tracker.posted)) == (
        2,
        1,
        1,
    )


async def test_a_rate_limit_is_handed_up_and_the_rest_is_done_later(record: Record) -> None:
    bench = await approved(record)
    bench.tracker.broken["assign"] = RateLimited("slow down", 7.0)
    with pytest.raises(RateLimited) as caught:
        await bench.run()
    assert caught.value.retry_after_s == 7.0
    await bench.again()
    assert await bench.outcomes() == ["done applied"] * 4
    assert sent(bench) == [*ALL[:3], "assign", "comment"]


@pytest.mark.parametrize("error", [TrackerUnavailable("x"), RateLimited("x", 1.0)])
async def test_a_tracker_that_cannot_be_read_now_leaves_everything_as_it_was(record: Record, error: Exception) -> None:
    bench = await approved(record)
    bench.tracker.broken["read"] = error
    with pytest.raises(type(error)):
        await bench.run()
    assert await bench.outcomes() == ["pending"] * 4


# --- a crash while sending ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "lost"])
async def test_a_crash_while_sending_leads_to_one_write(record: Record, position: int, *, arrived: bool) -> None:
    """The row says `sending`; the next executor finds out by reading what became of it."""
    bench = await approved(record)
    calls = iter(range(10))

    class Killed(BaseException):
        pass

    def kill(call: str) -> None:
        if call in ("add_label", "assign", "comment") and next(calls) == position:
            if arrived:
                _apply(bench, position)
            raise Killed

    bench.tracker.between = kill
    with pytest.raises(Killed):
        await bench.run()
    assert (await bench.outcomes())[position] == "sending"
    bench.tracker.between = lambda _: None
    await bench.again()
    assert await bench.outcomes() == ["done applied"] * 4
    assert len(bench.tracker.writes) == (3 if arrived else 4)
    assert (len(bench.tracker.ticket.labels), len(bench.tracker.ticket.assignees), len(bench.tracker.posted)) == (
        2,
        1,
        1,
    )


def _apply(bench: Bench, position: int) -> None:
    match OPERATIONS[position]:
        case AddLabel(label=label):
            bench.tracker.set(labels=(*bench.tracker.ticket.labels, label))
        case Assign(login=login):
            bench.tracker.set(assignees=(login,))
        case Comment(body=body):
            bench.tracker.posted.append(bench.marker.sign(body, bench.proposal.id, position))


@pytest.mark.parametrize("forged", ["", "<!-- strata:{id}.3.00000000000000000000000000000000 -->"])
async def test_a_forged_marker_does_not_pass_for_our_comment(record: Record, forged: str) -> None:
    bench = await approved(record)
    bench.tracker.posted.append(f"Triage: retrieval and context.\n\n{forged.format(id=bench.proposal.id)}")
    bench.tracker.broken["comment"] = TrackerUnavailable("no answer")
    with pytest.raises(TrackerUnavailable):
        await bench.run()
    await bench.again()
    assert len(bench.tracker.posted) == 2
    assert bench.marker.is_ours(bench.tracker.posted[1], bench.proposal.id, 3)


async def test_a_stale_executor_writes_nothing_into_the_record(record: Record) -> None:
    """Another one has taken the job over: the first one's fence is too old."""
    from bot.record.states import LeaseLost

    bench = await approved(record)
    slow = await bench.claim(lease_ms=-1)
    await bench.claim()
    with pytest.raises(LeaseLost):
        await bench.executor().handle(slow)
    assert await bench.outcomes() == ["pending"] * 4
    assert bench.tracker.writes == []
