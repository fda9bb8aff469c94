"""The tracker says no, or nothing, or we die: each operation is on the ticket once in the end, or told as failed."""

from __future__ import annotations

import pytest

from bot.record.record import Record
from bot.record.states import LeaseLost
from graphs.errors import RateLimited, TicketGone, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import AddLabel, Assign, Comment
from tests.executor.bench import ALL, OPERATIONS, Bench, approved, sent

# --- the tracker says no, or nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(TicketGone("deleted"), "gone"), (TrackerRefused("403"), "refused")],
)
async def test_fault_52_a_ticket_that_cannot_be_read_fails_all_of_it(
    record: Record, error: Exception, outcome: str
) -> None:
    bench = await approved(record)
    bench.tracker.broken["read"] = error
    await bench.run()
    assert await bench.outcomes() == [f"failed {outcome}"] * 4
    assert bench.tracker.writes == []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(TrackerRejected("unknown person"), "rejected"), (TrackerRefused("403"), "refused"), (TicketGone("x"), "gone")],
)
async def test_fault_52_53_one_refused_operation_does_not_stop_the_others(
    record: Record, error: Exception, outcome: str
) -> None:
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
async def test_fault_51_a_lost_answer_is_resolved_by_reading(record: Record, call: str, *, arrived: bool) -> None:
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


async def test_fault_54_a_rate_limit_is_handed_up_and_the_rest_is_done_later(record: Record) -> None:
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
async def test_fault_12_13_14_a_crash_while_sending_leads_to_one_write(
    record: Record, position: int, *, arrived: bool
) -> None:
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


async def test_fault_21_a_stale_executor_writes_nothing_into_the_record(record: Record) -> None:
    """Another one has taken the job over: the first one's fence is too old."""
    bench = await approved(record)
    slow = await bench.claim(lease_ms=-1)
    await bench.claim()
    with pytest.raises(LeaseLost):
        await bench.executor().handle(slow)
    assert await bench.outcomes() == ["pending"] * 4
    assert bench.tracker.writes == []
