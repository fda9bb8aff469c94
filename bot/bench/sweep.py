"""A sweep of a large backlog: how long it takes to queue all of it, what it holds in memory, what the queue costs.

`strata sweep --all` as a process of its own against the local GitHub, which hands out its list in pages of a hundred.
Then some workers take from the queue, for whether a long queue slows them. Time counts from the first request on: a
program's start would make a small sweep look dear.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from bot.bench.crew import unbounded
from bot.bench.figures import BenchFailed
from bot.bench.footprint import spent
from bot.bench.people import LOOK_S, PATIENCE_S
from bot.bench.setup import Setup
from bot.bench.site import Site
from bot.bench.stage import file
from bot.bench.stores import Servers, open_store
from bot.demo.town import Bot, Town, free_port, open_town
from bot.record.record import Record
from bot.roles import Role
from bot.service.sweeping import Swept
from bot.work.delivery import InProcess
from graphs.model import Value

_ALL = ("sweep", "--all", "--json")


class Told(Swept):
    """What the command prints."""

    dry_run: bool


class Sweep(Value):
    """Of one backlog."""

    backlog: int
    seconds: float
    """From its first question to the end of the process."""
    cpu_s: float
    """Of that process in that time."""
    peak_mib: float
    again_s: float
    """A second sweep, which finds that all of it waits already."""
    worked_per_s: float
    """Tickets to cards by one worker while the rest of the backlog waits."""
    record_bytes_per_ticket: float
    """Of one that waits."""


async def sweep(folder: Path, setup: Setup, servers: Servers, backlog: int, tickets: int) -> Sweep:
    """Raises `BenchFailed` when not all of it was queued."""
    async with (
        open_store(setup.store, folder, servers) as store,
        open_town(folder, **setup.environment(), **store.environment) as town,
    ):
        unbounded(town)
        for _ in range(backlog):
            await file(town.github, town.repository)
        dry = await swept(town, "--dry-run")  # makes the tables
        before = await store.sizes()
        first = await swept(town)
        grown = sum(await store.sizes()) - sum(before)
        again = await swept(town)
        if [one.told.queued for one in (dry, first, again)] != [backlog, backlog, 0]:
            raise BenchFailed(f"a backlog of {backlog} was queued as {first.told}, then as {again.told}")
        record = Record(store.record_url, InProcess())
        try:
            pace = await _worked_off(Site(town, record, folder), min(tickets, backlog - 1))
        finally:
            await record.close()
    return Sweep(
        backlog=backlog,
        seconds=first.seconds,
        cpu_s=first.cpu_s,
        peak_mib=first.peak_mib,
        again_s=again.seconds,
        worked_per_s=pace,
        record_bytes_per_ticket=grown / backlog,
    )


class Ended(Value):
    told: Told
    seconds: float
    cpu_s: float
    peak_mib: float


async def swept(town: Town, *more: str) -> Ended:
    """One run of the command."""
    reads = town.github.journal.reads
    reads.clear()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *_ALL, *more),
        env=town.bot.env,
        cwd=town.bot.folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us: we end it
    )
    try:
        talking = asyncio.create_task(process.communicate())
        start = used = spent(process.pid)
        while not talking.done():
            now = spent(process.pid)  # of a process that is about to end there is nothing to be seen
            used = now if now.peak_mib is not None else used
            start = start if reads else used
            await asyncio.wait([talking], timeout=LOOK_S)
        ended = time.time()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BenchFailed(f"strata sweep ended with exit code {process.returncode}")
    return Ended(
        told=Told.model_validate_json(talking.result()[0]),
        seconds=ended - reads[0].at,
        cpu_s=(used.cpu_s or 0.0) - (start.cpu_s or 0.0),
        peak_mib=used.peak_mib or 0.0,
    )


async def _worked_off(site: Site, tickets: int) -> float:
    """Cards a second, from the first to the last of so many."""
    port = free_port()
    worker = Bot(port, site.town.bot.env, site.folder, (Role.WORKER.value, "--health-port", str(port)))
    try:
        await worker.start()
        first = await _cards(site, 1, worker)
        last = await _cards(site, tickets + 1, worker)
    finally:
        await worker.stop()
    return tickets / (last - first)


async def _cards(site: Site, count: int, worker: Bot) -> float:
    """When the card of this number was posted."""
    calls = site.town.slack.journal
    last, since = 0, time.monotonic()
    while len(posted := calls.of("chat.postMessage")) < count:
        if len(posted) > last:
            last, since = len(posted), time.monotonic()
        if time.monotonic() - since > PATIENCE_S:
            raise BenchFailed(f"{last} cards came and no more\n{worker.tail()}")
        await asyncio.sleep(LOOK_S)
    return posted[count - 1].at
