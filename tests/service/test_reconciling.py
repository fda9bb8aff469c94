"""What a delivery did not tell is found by looking, once, and nothing that was done is done again."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from bot.events import Change
from bot.record.record import Record
from bot.service.arrivals import Install
from bot.service.reconciling import GRACE_MS, LOOK_BACK_MS, OVERLAP_MS, Reconciled, Reconciling
from bot.tasks import TriageTicket, WithdrawTicket
from bot.trackers.github.webhook import GitHubDoor
from graphs.errors import TrackerUnavailable
from graphs.model import InstallId, Millis, TicketRef, TrackerName, TriageId

MAIN = InstallId("main")
PROJECT = "acme/assistant"
INSTALL = Install(MAIN, TrackerName.GITHUB, GitHubDoor(), (), (PROJECT, "acme/*"))
HOUR = 3_600_000


def ref(number: int) -> TicketRef:
    return TicketRef(tracker=TrackerName.GITHUB, install=MAIN, project=PROJECT, number=str(number))


def counts(done: Reconciled) -> tuple[int, int]:
    return done.looked_at, done.triages


class Tracker:
    """A list of changes, which can be away."""

    def __init__(self) -> None:
        self.tickets: list[Change] = []
        self.asked: list[Millis] = []
        self.away = False

    def file(self, number: int, age_ms: int, *, is_open: bool = True) -> None:
        at = Millis(int(time.time() * 1000) - age_ms)
        self.tickets.append(Change(ref=ref(number), is_open=is_open, created_at=at, updated_at=at))

    async def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        assert (install, project) == (MAIN, PROJECT), "a pattern cannot be listed"
        self.asked.append(since)
        yield tuple(one for one in self.tickets[:1] if one.updated_at >= since)
        if self.away:
            raise TrackerUnavailable("away")
        yield tuple(one for one in self.tickets[1:] if one.updated_at >= since)


async def known(record: Record, number: int) -> TriageId:
    triage = TriageId(f"{number:032x}")
    async with record.begin() as tx:
        await tx.triages.begin(triage, ref(number), "opened")
    return triage


async def queued(record: Record) -> list[TicketRef]:
    found = []
    async with record.begin() as tx:
        while (job := await tx.jobs.claim(["triage_ticket", "withdraw_ticket"], "tests", 60_000)) is not None:
            assert isinstance(job.task, TriageTicket | WithdrawTicket)
            found.append(job.task.ref)
    return found


@pytest.fixture
def tracker() -> Tracker:
    return Tracker()


async def test_fault_62_a_lost_delivery_is_found_once(record: Record, tracker: Tracker) -> None:
    await known(record, 1)
    for number in (1, 2, 3):
        tracker.file(number, 2 * GRACE_MS)
    looking = Reconciling(record, tracker, [INSTALL])
    assert (await looking.look()).triages == 2
    assert (await looking.look()).triages == 0
    assert (await Reconciling(record, tracker, [INSTALL]).look()).triages == 0, "after a restart"
    assert await queued(record) == [ref(2), ref(3)]


async def test_a_ticket_whose_delivery_may_be_on_its_way_is_left_to_it(record: Record, tracker: Tracker) -> None:
    await known(record, 1)
    tracker.file(2, 0)
    looking = Reconciling(record, tracker, [INSTALL])
    assert counts(await looking.look()) == (1, 0)
    tracker.tickets.clear()
    tracker.file(2, 2 * GRACE_MS)
    assert (await looking.look()).triages == 1


async def test_the_backlog_of_a_new_install_is_left_alone(record: Record, tracker: Tracker) -> None:
    for number in range(1, 5):
        tracker.file(number, number * HOUR)
    assert (await Reconciling(record, tracker, [INSTALL]).look()).looked_at == 0


async def test_an_old_ticket_that_somebody_edits_is_not_news(record: Record, tracker: Tracker) -> None:
    await known(record, 1)
    now = int(time.time() * 1000)
    tracker.tickets = [
        Change(ref=ref(2), is_open=True, created_at=Millis(now - 90 * 24 * HOUR), updated_at=Millis(now - HOUR))
    ]
    assert counts(await Reconciling(record, tracker, [INSTALL]).look()) == (1, 0)


async def test_downtime_is_made_up_for(record: Record, tracker: Tracker) -> None:
    """The first look after a start begins a day before the newest ticket that is known."""
    await known(record, 1)
    await Reconciling(record, tracker, [INSTALL]).look()
    assert tracker.asked[0] == pytest.approx(time.time() * 1000 - LOOK_BACK_MS, abs=10_000)


async def test_each_look_goes_on_where_the_last_one_ended(record: Record, tracker: Tracker) -> None:
    await known(record, 1)
    looking = Reconciling(record, tracker, [INSTALL])
    await looking.look()
    await looking.look()
    assert tracker.asked[1] == pytest.approx(time.time() * 1000 - OVERLAP_MS, abs=10_000)


async def test_a_look_that_broke_off_is_repeated_whole(record: Record, tracker: Tracker) -> None:
    await known(record, 1)
    tracker.file(2, 2 * GRACE_MS)
    tracker.file(3, 2 * GRACE_MS)
    tracker.away = True
    looking = Reconciling(record, tracker, [INSTALL])
    broken = await looking.look()
    assert (broken.failed, broken.lag_s > 3600) == ((PROJECT,), True)
    tracker.away = False
    mended = await looking.look()
    assert tracker.asked[0] == tracker.asked[1]
    assert (mended.failed, mended.lag_s < 60) == ((), True)
    assert await queued(record) == [ref(2), ref(3)]


async def test_the_card_of_a_ticket_that_was_closed_is_taken_back(record: Record, tracker: Tracker) -> None:
    await known(record, 1)
    tracker.file(1, 2 * GRACE_MS, is_open=False)
    tracker.file(2, 2 * GRACE_MS, is_open=False)
    looking = Reconciling(record, tracker, [INSTALL])
    assert (await looking.look()).withdrawals == 1
    assert (await looking.look()).withdrawals == 0
    assert await queued(record) == [ref(1)]
