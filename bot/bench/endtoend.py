"""The whole bot as a process of its own: from a ticket's webhook to its label, and what it kept and took for that.

First one ticket at a time, for how long somebody waits; then all at once, for how many it can do. What is counted is
checked: every ticket has one card and one layer, nothing was written twice, no job is left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.bench.figures import BenchFailed, percentile
from bot.bench.footprint import settled_bytes, spent
from bot.bench.people import LOOK_S, PATIENCE_S, Case, People
from bot.bench.setup import Setup
from bot.bench.site import Site
from bot.checkpoints.sqlite import open_sqlite
from bot.demo.town import Town, open_town
from bot.record.record import Record
from bot.record.retention import Rules, sweep
from bot.record.size import measure
from bot.work.delivery import InProcess
from graphs.model import Value

WARM_UP = 3
CLICKS_AT_ONCE = 16


class EndToEnd(Value):
    ticket_to_card_ms: float
    ticket_to_card_p99_ms: float
    click_to_label_ms: float
    click_to_label_p99_ms: float
    tickets_per_s: float
    """All filed at once, each approved when its card comes, until nothing is left to do."""
    cpu_ms_per_ticket: float | None
    """Of the bot's process, while all are filed at once."""
    record_bytes_per_ticket: float
    """How much the file grew, right after the tickets were closed."""
    checkpoint_bytes_per_ticket: float
    aged_bytes_per_ticket: float
    """What is still in use of the record when everything is older than it is kept for; decisions and audit stay."""
    peak_mib: float | None


@dataclass
class Running(Site):
    """The whole bot as one process, on SQLite."""

    async def sizes(self) -> tuple[int, int]:
        """(record, checkpoints) in bytes, when nothing is going on."""
        await self.quiet()
        record = await asyncio.to_thread(settled_bytes, self.folder / "record.db")
        return record, await asyncio.to_thread(settled_bytes, self.folder / "checkpoints.db")

    async def in_use(self) -> int:
        """Bytes of the record that hold something."""
        return (await measure(self.record.engine)).total

    async def aged(self) -> int:
        """The same, after the retention sweep as it will be when all there is has grown old."""
        await self.quiet()
        rules = Rules(bodies_ms=0, work_ms=0, key=b"bench", deliveries_ms=0, settled_ms=0, pause_s=0.0)
        async with open_sqlite(self.folder / "checkpoints.db") as saver:
            await sweep(self.record, saver, rules)
        return await self.in_use()


@asynccontextmanager
async def running(folder: Path, setup: Setup, **extra: str) -> AsyncIterator[Running]:
    """The bot's process is up; the tracker's webhook is not connected yet."""
    async with open_town(folder, **setup.environment(), **extra) as town:
        await town.bot.start()
        record = Record(f"sqlite+aiosqlite:///{folder / 'record.db'}", InProcess())
        try:
            yield Running(town, record, folder)
        finally:
            await record.close()


async def end_to_end(folder: Path, setup: Setup, tickets: int) -> EndToEnd:
    async with running(folder, setup) as bot:
        bot.town.connect_webhook()
        people, empty = People(bot.town), await bot.in_use()
        await one_at_a_time(bot, people, WARM_UP)
        before = await bot.sizes()
        alone = await one_at_a_time(bot, people, tickets)
        cpu, began = spent(bot.town.bot.pid).cpu_s, time.monotonic()
        await all_at_once(bot, people, tickets)
        took, used = time.monotonic() - began, spent(bot.town.bot.pid)
        grown = [(one - other) / (2 * tickets) for one, other in zip(await bot.sizes(), before, strict=True)]
        check(bot.town, people)
        aged = (await bot.aged() - empty) / len(people.cases)
    cards, labels = [one.card_s * 1000 for one in alone], [one.label_s * 1000 for one in alone]
    return EndToEnd(
        ticket_to_card_ms=percentile(cards, 0.5),
        ticket_to_card_p99_ms=percentile(cards, 0.99),
        click_to_label_ms=percentile(labels, 0.5),
        click_to_label_p99_ms=percentile(labels, 0.99),
        tickets_per_s=tickets / took,
        cpu_ms_per_ticket=None if used.cpu_s is None or cpu is None else (used.cpu_s - cpu) / tickets * 1000,
        record_bytes_per_ticket=grown[0],
        checkpoint_bytes_per_ticket=grown[1],
        aged_bytes_per_ticket=aged,
        peak_mib=used.peak_mib,
    )


async def one_at_a_time(bot: Site, people: People, tickets: int) -> list[Case]:
    done = []
    for _ in range(tickets):
        case = await people.file()
        await people.until_card(case)
        await people.approve(case)
        await people.until_written(case)
        await bot.quiet()
        done.append(case)
    return done


async def all_at_once(bot: Site, people: People, tickets: int) -> None:
    """Each card is approved as soon as it is there, some at a time, as a busy team would."""
    waiting = {(await people.file()).number for _ in range(tickets)}
    hands = asyncio.Semaphore(CLICKS_AT_ONCE)

    async def approve(case: Case) -> None:
        async with hands:
            await people.approve(case)

    last = time.monotonic()
    async with asyncio.TaskGroup() as group:
        while waiting:
            for case in people.look():
                group.create_task(approve(case))
                waiting.discard(case.number)
                last = time.monotonic()
            if time.monotonic() - last > PATIENCE_S:
                raise BenchFailed(f"no card came for {len(waiting)} tickets\n{bot.town.bot.tail()}")
            await asyncio.sleep(LOOK_S)
    await bot.quiet()
    people.look()


def check(town: Town, people: People) -> None:
    """What was counted was done, and once."""
    for case in people.cases.values():
        layers = [one for one in town.github.issue(town.repository, case.number).labels if one.startswith("layer: ")]
        if len(layers) != 1 or not case.written_at:
            raise BenchFailed(f"ticket {case.number} has {len(layers)} layers\n{town.bot.tail()}")
    twice = town.github.duplicate_writes()
    if twice:
        raise BenchFailed(f"{len(twice)} changes were made twice")
