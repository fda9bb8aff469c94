"""An undo takes back what Strata has set and nothing else, whatever happens on the way."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.record.record import Record
from bot.record.tables import effects, jobs
from bot.service.undoing import begin
from bot.work.worker import TryAgain
from graphs.errors import TrackerRefused, TrackerUnavailable
from graphs.model import Login, Proposal, SlackUserId, TicketState, TriageState
from tests.builders import ON_DUTY, a_ticket
from tests.executor.bench import KIND, LAYER, Bench, approved, sent
from tests.executor.tracker import FakeTracker

UNDO = ["remove_comment", "unassign", "remove_label", "remove_label"]
"""The calls that take `bench.OPERATIONS` back, the last change first."""


async def written(record: Record, tracker: FakeTracker | None = None) -> Bench:
    """A ticket that Strata has changed."""
    bench = await approved(record, tracker=tracker)
    await bench.run()
    bench.tracker.calls.clear()
    return bench


async def asked(bench: Bench, by: str = ON_DUTY) -> Proposal | None:
    """Somebody asks for the undo; None when there is nothing to do."""
    async with bench.record.begin() as tx:
        return await begin(tx, bench.proposal, SlackUserId(by), f"human:{by}")


async def undone(bench: Bench) -> list[tuple[str, str]]:
    """Asks, lets the executor do it, and returns what the record says of each operation."""
    undo = await asked(bench)
    assert undo is not None
    await bench.run()
    return await told(bench, undo)


async def resumed(bench: Bench) -> None:
    """Another worker takes the undo over."""
    async with bench.record.engine.begin() as connection:
        await connection.execute(update(jobs).where(jobs.c.state == "leased").values(state="ready", lease_owner=None))
    await bench.run()


async def told(bench: Bench, undo: Proposal) -> list[tuple[str, str]]:
    async with bench.record.read() as tx:
        return [(f"{row.state} {row.outcome}", row.detail) for row in await tx.outbox.of(undo.id)]


async def test_everything_that_was_set_is_taken_back_the_last_first(record: Record) -> None:
    bench = await written(record, FakeTracker(a_ticket(labels=("from before",))))
    assert await undone(bench) == [("done applied", "")] * 4
    assert sent(bench) == UNDO
    assert bench.tracker.ticket.labels == ("from before",)
    assert bench.tracker.ticket.assignees == ()
    assert bench.tracker.posted == []
    assert [one.action for one in await bench.audited()][-5:] == ["undo_asked", *["undo_applied"] * 4]
    assert await bench.triage() == (TriageState.CLOSED, "written")


async def test_what_was_there_before_stays(record: Record) -> None:
    bench = await written(record, FakeTracker(a_ticket(labels=(LAYER,), assignees=("ml-lead",))))
    await undone(bench)
    assert sent(bench) == ["remove_comment", "remove_label"]
    assert bench.tracker.ticket.labels == (LAYER,)
    assert bench.tracker.ticket.assignees == ("ml-lead",)


async def test_what_a_person_has_changed_since_stays_and_is_named(record: Record) -> None:
    bench = await written(record)
    bench.tracker.set(labels=(KIND, "layer: model and evaluation"), assignees=(Login("data-lead"),))
    assert await undone(bench) == [
        ("done applied", ""),
        ("done already_there", "somebody had taken it off already; data-lead stays"),
        ("done applied", ""),
        ("done already_there", "somebody had taken it off already; “layer: model and evaluation” stays"),
    ]
    assert bench.tracker.ticket.labels == ("layer: model and evaluation",)
    assert bench.tracker.ticket.assignees == ("data-lead",)
    assert await asked(bench) is None, "nothing is left to take back"


async def test_a_second_person_who_was_assigned_stays(record: Record) -> None:
    bench = await written(record)
    bench.tracker.set(assignees=(Login("ml-lead"), Login("data-lead")))
    await undone(bench)
    assert bench.tracker.ticket.assignees == ("data-lead",)


async def test_a_comment_that_a_person_has_changed_stays(record: Record) -> None:
    bench = await written(record)
    bench.tracker.posted[0] = bench.tracker.posted[0].replace("Triage", "Triage, see also #7")
    found = await undone(bench)
    assert found[0] == ("failed drift", "a person has changed it since, so it stays")
    assert len(bench.tracker.posted) == 1
    assert "remove_comment" not in sent(bench)


async def test_of_two_equal_comments_the_older_is_ours(record: Record) -> None:
    bench = await written(record)
    bench.tracker.posted.append(bench.tracker.posted[0])
    bench.tracker.calls.clear()
    undo = await asked(bench)
    assert undo is not None
    await bench.run()
    assert ("remove_comment", "0") in bench.tracker.writes
    assert len(bench.tracker.posted) == 1


async def test_a_closed_ticket_can_be_set_right_too(record: Record) -> None:
    bench = await written(record)
    bench.tracker.set(state=TicketState.CLOSED)
    await undone(bench)
    assert sent(bench) == UNDO


async def test_of_two_people_who_ask_at_once_one_is_enough(record: Record) -> None:
    bench = await written(record)
    assert await asked(bench) is not None
    assert await asked(bench, "U02MLLEAD") is None
    await bench.run()
    assert sent(bench) == UNDO
    assert await asked(bench) is None


async def test_what_could_not_be_taken_back_is_offered_again(record: Record) -> None:
    bench = await written(record)
    bench.tracker.broken["unassign"] = TrackerRefused("no longer allowed")
    found = await undone(bench)
    assert found[1] == ("failed refused", "no longer allowed")
    bench.tracker.calls.clear()
    assert await undone(bench) == [("done applied", "")]
    assert sent(bench) == ["unassign"]


async def test_nothing_is_taken_back_while_it_is_still_being_written(record: Record) -> None:
    bench = await approved(record)
    bench.tracker.lost["comment"] = TrackerUnavailable("no answer")
    with pytest.raises(TrackerUnavailable):
        await bench.run()
    assert await asked(bench) is None, "the rest of it would be written afterwards"
    await resumed(bench)
    assert await undone(bench) == [("done applied", "")] * 4


async def test_a_lost_answer_is_resolved_by_reading(record: Record) -> None:
    bench = await written(record)
    bench.tracker.lost["remove_label"] = TrackerUnavailable("no answer")
    undo = await asked(bench)
    assert undo is not None
    with pytest.raises(TrackerUnavailable):
        await bench.run()
    await resumed(bench)
    assert await told(bench, undo) == [("done applied", "")] * 4
    assert sent(bench).count("remove_label") == 2, "one for each label"
    assert bench.tracker.ticket.labels == ()


async def test_nothing_is_taken_off_that_the_record_does_not_know_as_ours(record: Record) -> None:
    bench = await written(record)
    undo = await asked(bench)
    assert undo is not None
    async with record.engine.begin() as connection:
        await connection.execute(update(effects).where(effects.c.field == "label").values(value="another"))
    await bench.run()
    assert [outcome for outcome, _ in await told(bench, undo)] == [
        "done applied",
        "done applied",
        "failed denied",
        "failed denied",
    ]
    assert LAYER in bench.tracker.ticket.labels


async def test_while_paused_nothing_is_taken_back_and_nothing_is_lost(record: Record) -> None:
    bench = await written(record)
    undo = await asked(bench)
    assert undo is not None
    bench.paused = True
    with pytest.raises(TryAgain):
        await bench.run()
    assert sent(bench) == []
    bench.paused = False
    await resumed(bench)
    assert sent(bench) == UNDO
