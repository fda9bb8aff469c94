"""A process falls asleep in the middle of its work, another one takes over, the first one wakes up again."""

from __future__ import annotations

import asyncio
import signal
import sqlite3

from sqlalchemy import make_url

from tests.crash.account import check, quiet
from tests.crash.bots import BotProcess
from tests.crash.night import Night

POINTS = ("outbox.sending", "tracker.applied", "operation.done")
WRITE = r"/issues/\d+/(labels|assignees|comments)$"


async def _to_sleep(night: Night, one: BotProcess) -> None:
    """Stopped, but not while it holds SQLite's only write lock: nobody could take over from it, by design."""
    while True:
        one.signal(signal.SIGSTOP)
        if not night.record_url.startswith("sqlite") or _may_write(night.record_url):
            return
        one.signal(signal.SIGCONT)
        await asyncio.sleep(0.05)


def _may_write(url: str) -> bool:
    path = make_url(url).database
    assert path is not None
    connection = sqlite3.connect(path, timeout=1, isolation_level=None)  # the others' turns are short
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    else:
        connection.execute("ROLLBACK")
        return True
    finally:
        connection.close()


async def test_fault_21_one_that_sleeps_beyond_its_lease_writes_nothing_when_it_wakes(long_leases: Night) -> None:
    night = long_leases
    night.split()
    await night.bot.start()
    for point in POINTS:
        case = await night.file(f"Asleep at {point}")
        sleeper, other = night.executor(), night.executor()
        sleeper.launch(sleeps=True, STRATA_CRASH_AT=point)
        await night.approve(case)
        await sleeper.asleep()
        other.launch()
        await night.written(case)
        sleeper.signal(signal.SIGCONT)
        assert await sleeper.stop() == 0  # it brings to an end what it had begun
        assert await other.stop() == 0
    await quiet(night)
    assert await night.bot.stop() == 0
    await check(night)


async def test_fault_21_one_that_sleeps_while_github_works_on_its_request(long_leases: Night) -> None:
    """GitHub has done it, or never will, while the sender sleeps: reading the ticket tells which."""
    night = long_leases
    night.split()
    await night.bot.start()
    faults = night.town.github.faults
    for hold in (faults.apply_then_hang, faults.hang):
        held = hold(method="POST", path=WRITE)
        case = await night.file("Asleep with a request on its way")
        sleeper, other = night.executor(), night.executor()
        sleeper.launch()
        await night.approve(case)
        await held.struck()
        await _to_sleep(night, sleeper)
        other.launch()
        await night.written(case)
        night.town.github.let_go()
        sleeper.signal(signal.SIGCONT)
        assert await sleeper.stop() == 0
        assert await other.stop() == 0
    await quiet(night)
    assert await night.bot.stop() == 0
    await check(night)


async def test_fault_21_one_that_sleeps_before_it_posts_does_not_post_when_it_wakes(long_leases: Night) -> None:
    night = long_leases
    other = night.second_bot()
    await night.bot.start(sleeps=True, STRATA_CRASH_AT="card.posting")
    case = await night.file()
    await night.bot.asleep()
    other.launch()
    await night.card(case)
    night.bot.signal(signal.SIGCONT)
    await night.finish(case)
    await quiet(night)
    for one in (night.bot, other):
        assert await one.stop() == 0
    await check(night)
