"""How far a sweep is: what is done, what it cost, how long it will take."""

from __future__ import annotations

import asyncio

import pytest

from bot.record.record import Record
from bot.service.spending import RecordJournal
from bot.service.watching import Far, Watching
from bot.tasks import SweepTicket, TriageTicket
from tests.builders import a_ref
from tests.record.test_spending import spent


async def test_progress_is_counted_with_its_cost(record: Record) -> None:
    async with record.begin() as tx:
        for number in range(1, 5):
            await tx.jobs.add(SweepTicket(ref=a_ref(number), why="swept"), ticket=a_ref(number).key)
        await tx.jobs.add(TriageTicket(ref=a_ref(9), why="new"), ticket=a_ref(9).key)
    journal = RecordJournal(record)
    await journal.note(spent(9.0))
    await asyncio.sleep(0.02)  # what was spent before the sweep began, by the record's clock
    watching = await Watching.of(record, journal)
    first = await watching.look()
    assert (first.done, first.left) == (0, 4)
    await journal.note(spent(0.25))
    async with record.begin() as tx:
        job = await tx.jobs.claim(["sweep_ticket"], "tests", 60_000)
        assert job is not None
        await tx.jobs.finish(job)
        assert await tx.jobs.claim(["sweep_ticket"], "tests", 60_000) is not None
    later = await watching.look()
    assert (later.done, later.left) == (1, 3), "what is being worked on is not done"
    assert later.usd == 0.25


@pytest.mark.parametrize(
    ("far", "words"),
    [
        (Far(done=0, left=40, seconds=1, usd=0), "0 of 40 tickets triaged, $0.0000 so far"),
        (Far(done=10, left=30, seconds=20, usd=0.0051), "10 of 40 tickets triaged, $0.0051 so far, about 60 s left"),
        (Far(done=10, left=300, seconds=20, usd=1), "10 of 310 tickets triaged, $1.0000 so far, about 10 min left"),
        (
            Far(done=10, left=30_000, seconds=20, usd=1),
            "10 of 30010 tickets triaged, $1.0000 so far, about 16.7 h left",
        ),
        (Far(done=40, left=0, seconds=20, usd=0), "40 of 40 tickets triaged, $0.0000 so far"),
    ],
)
def test_progress_in_words(far: Far, words: str) -> None:
    assert far.words == words
