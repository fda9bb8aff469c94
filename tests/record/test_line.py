"""Nobody is held up by somebody else's queue: turns go round the installs, whatever each of them has waiting."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update

from bot.record.line import install_of
from bot.record.record import Record
from bot.record.tables import jobs
from bot.tasks import Claimed, RefreshCard, SweepTicket, TriageTicket
from graphs.model import TicketKey, TriageId
from tests.builders import a_ref
from tests.record.seeds import ALL_KINDS, MINUTE, claim, claimed, tamper, tuples


async def _add(record: Record, install: str, numbers: Iterable[int], delay_ms: int = 0) -> None:
    async with record.begin() as tx:
        for number in numbers:
            ref = a_ref(number, install=install)
            await tx.jobs.add(TriageTicket(ref=ref, why="opened"), ticket=ref.key, delay_ms=delay_ms)


async def _finish(record: Record, job: Claimed) -> str:
    """Whose job it was."""
    async with record.begin(job) as tx:
        await tx.jobs.finish(job)
    return install_of(job.ticket).removeprefix("github:")


async def _served(record: Record, count: int) -> list[str]:
    """The installs of the next jobs, one done after the other."""
    return [await _finish(record, await claimed(record)) for _ in range(count)]


async def _again(record: Record, job: Claimed, delay_ms: int) -> None:
    async with record.begin(job) as tx:
        await tx.jobs.give_back(job, delay_ms, "the tracker is away", penalty=False)


async def _wait_is_over(record: Record) -> None:
    await tamper(record, update(jobs).values(run_at=jobs.c.run_at - 2 * MINUTE))


def test_the_install_is_read_off_the_ticket() -> None:
    assert install_of(a_ref(1, install="north").key) == "github:north"
    assert install_of(TicketKey("github:main:a/b:c#1")) == "github:main"
    assert install_of(TicketKey("x" * 400)) == "x" * 128
    assert install_of(None) == ""


async def test_one_ticket_is_not_held_up_by_the_backlog_of_another_install(record: Record) -> None:
    await _add(record, "big", range(500))
    assert await _served(record, 3) == ["big"] * 3
    await _add(record, "small", [1])
    assert "small" in await _served(record, 2)


async def test_installs_take_turns_however_much_each_has_waiting(record: Record) -> None:
    await _add(record, "big", range(30))
    await _add(record, "middle", range(4))
    await _add(record, "small", range(2))
    order = await _served(record, 12)
    assert [sorted(order[start : start + 3]) for start in (0, 3)] == [["big", "middle", "small"]] * 2
    assert order[6:] == ["big", "middle", "big", "middle", "big", "big"]


async def test_time_without_work_is_not_saved_up(record: Record) -> None:
    """Who comes after a long silence takes turns with the others, instead of going first with all it has."""
    await _add(record, "busy", range(40))
    await _served(record, 20)
    await _add(record, "newcomer", range(10))
    assert (await _served(record, 10)).count("newcomer") in (5, 6)


async def test_within_an_install_the_older_comes_first(record: Record) -> None:
    await _add(record, "main", range(5))
    assert [(await claimed(record)).ticket for _ in range(5)] == [a_ref(number).key for number in range(5)]


async def test_what_fails_again_and_again_does_not_hold_up_another_install(record: Record) -> None:
    """An outage: everything of one install comes back, all at once, and new work of it arrives as well."""
    await _add(record, "ill", range(40))
    for _ in range(40):
        await _again(record, await claimed(record), MINUTE)
    await _add(record, "ill", range(40, 80))
    await _wait_is_over(record)
    await _add(record, "well", range(6))
    order = await _served(record, 18)
    assert order.count("well") == 6


async def test_a_retry_is_not_sent_behind_all_new_work_of_its_install(record: Record) -> None:
    await _add(record, "main", range(100))
    failed = await claimed(record)
    await _again(record, failed, 0)
    assert failed.id in [(await claimed(record)).id for _ in range(3)]


async def test_a_job_that_waits_for_its_time_has_no_place_yet(record: Record) -> None:
    """Neither does it earn one by waiting: the claim lines it up when its time has come."""
    await _add(record, "patient", range(20), delay_ms=MINUTE)
    await _add(record, "busy", range(20))
    await _served(record, 10)
    assert await tuples(record, select(jobs.c.turn).where(jobs.c.install == "github:patient").distinct()) == [(None,)]
    await _wait_is_over(record)
    order = await _served(record, 10)
    assert order.count("busy") == 5


async def test_a_lost_lease_keeps_its_place_near_the_front(record: Record) -> None:
    await _add(record, "main", range(100))
    lost = await claimed(record, "dies", lease_ms=-1)
    assert lost.id in [(await claimed(record)).id for _ in range(3)]


async def test_each_kind_has_a_line_of_its_own(record: Record) -> None:
    """And what is more urgent comes first, however long the other lines are."""
    await _add(record, "big", range(50))
    async with record.begin() as tx:
        await tx.jobs.add(RefreshCard(triage=TriageId("t")), ticket=a_ref(1, install="big").key)
    assert (await claimed(record)).kind == "refresh_card"


async def test_a_sweep_comes_after_everything_else(record: Record) -> None:
    async with record.begin() as tx:
        for number in range(30):
            await tx.jobs.add(SweepTicket(ref=a_ref(number), why="swept"), ticket=a_ref(number).key)
    await _add(record, "main", [100, 101])
    async with record.begin() as tx:
        kinds = [*ALL_KINDS, "sweep_ticket"]
        found = [await tx.jobs.claim(kinds, "worker", MINUTE) for _ in range(3)]
    assert [job.kind for job in found if job] == ["triage_ticket", "triage_ticket", "sweep_ticket"]


async def test_work_for_no_tracker_is_first_come_first_served(record: Record) -> None:
    async with record.begin() as tx:
        for number in range(5):
            await tx.jobs.add(RefreshCard(triage=TriageId(str(number))))
    order = [(await claimed(record)).task for _ in range(5)]
    assert order == [RefreshCard(triage=TriageId(str(number))) for number in range(5)]


async def test_a_busy_ticket_costs_its_install_no_turn(record: Record) -> None:
    """Jobs behind a ticket at work are passed over, and taken in their old place once it is free."""
    ref = a_ref(1)
    async with record.begin() as tx:
        for _ in range(2):
            await tx.jobs.add(TriageTicket(ref=ref, why="opened"), ticket=ref.key)
    await _add(record, "other", range(3))
    held = await claimed(record)
    assert held.ticket == ref.key
    assert await _served(record, 2) == ["other", "other"]
    await _finish(record, held)
    assert [(await claimed(record)).ticket for _ in range(2)] == [ref.key, a_ref(2, install="other").key]
    assert await claim(record) is None
