"""A sweep queues what was never triaged, no more than was asked for, and can be started again at any time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.record.record import Record
from bot.service.sweeping import Sweeping, Swept
from bot.tasks import SweepTicket, TriageTicket
from graphs.model import InstallId, TicketRef, TrackerName, TriageId, TriageState

MAIN = InstallId("main")
PROJECT = "acme/assistant"


def ref(number: int) -> TicketRef:
    return TicketRef(tracker=TrackerName.GITHUB, install=MAIN, project=PROJECT, number=str(number))


class Pages:
    """A backlog of numbered tickets, in pages of ten."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked = 0

    async def tickets(self, install: InstallId, project: str) -> AsyncIterator[tuple[TicketRef, ...]]:
        assert (install, project) == (MAIN, PROJECT)
        for start in range(1, self.size + 1, 10):
            self.asked += 1
            yield tuple(ref(number) for number in range(start, min(start + 10, self.size + 1)))


async def sweep(record: Record, size: int, limit: int, *, dry_run: bool = False) -> Swept:
    told: list[Swept] = []
    swept = await Sweeping(record, Pages(size), told.append).sweep(MAIN, (PROJECT,), limit, dry_run=dry_run)
    assert told[-1] == swept
    return swept


async def queued(record: Record) -> list[TicketRef]:
    found = []
    async with record.begin() as tx:
        while (job := await tx.jobs.claim(["sweep_ticket"], "tests", 60_000)) is not None:
            assert isinstance(job.task, SweepTicket)
            found.append(job.task.ref)
    return found


async def test_the_oldest_come_first_and_no_more_than_asked_for(record: Record) -> None:
    pages = Pages(100)
    swept = await Sweeping(record, pages, lambda _: None).sweep(MAIN, (PROJECT,), 13, dry_run=False)
    assert swept == Swept(seen=20, known=0, queued=13)
    assert pages.asked == 2
    assert await queued(record) == [ref(number) for number in range(1, 14)]


async def test_a_second_sweep_goes_on_where_the_first_ended(record: Record) -> None:
    await sweep(record, 25, 13)
    assert await sweep(record, 25, 100) == Swept(seen=25, known=13, queued=12)
    assert await sweep(record, 25, 100) == Swept(seen=25, known=25, queued=0)
    assert await queued(record) == [ref(number) for number in range(1, 26)]


async def test_what_was_triaged_or_is_about_to_be_is_passed_over_and_what_failed_is_not(record: Record) -> None:
    async with record.begin() as tx:
        await tx.triages.begin(TriageId("a" * 32), ref(1), "opened")
        await tx.triages.begin(TriageId("b" * 32), ref(2), "opened")
        await tx.triages.move(TriageId("b" * 32), TriageState.QUEUED, TriageState.FAILED, "the tracker said no")
        await tx.jobs.add(TriageTicket(ref=ref(3), why="opened"), ticket=ref(3).key)
    assert await sweep(record, 4, 100) == Swept(seen=4, known=2, queued=2)
    assert await queued(record) == [ref(2), ref(4)]


@pytest.mark.parametrize("limit", [3, 100])
async def test_a_dry_run_counts_the_same_and_queues_nothing(record: Record, limit: int) -> None:
    dry = await sweep(record, 25, limit, dry_run=True)
    assert await queued(record) == []
    assert await sweep(record, 25, limit) == dry
