"""All measurements of several processes, as often as was asked for: throughput, sweeps, floods, dead workers.

Owns what is measured in which order and how the runs are summed up; each measurement has a folder and a store of its
own that are gone afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.bench.figures import Spread, over_runs, spreads
from bot.bench.flood import flood
from bot.bench.machine import Machine, machine
from bot.bench.recovery import LEASE_S, recoveries
from bot.bench.setup import Setup, Store
from bot.bench.stores import Servers
from bot.bench.sweep import sweep
from bot.bench.throughput import Plan, throughput
from graphs.model import Value

Tell = Callable[[str], None]


class Asked(Value):
    """What is measured; an empty list leaves a measurement out."""

    stores: tuple[Store, ...]
    workers: tuple[int, ...]
    """Worker processes; one is always measured too, because the others are compared with it."""
    sweeps: tuple[int, ...]
    """Sizes of backlogs."""
    floods: tuple[int, ...]
    """Numbers of webhooks, at 5,000 a minute."""
    kills: int
    """Workers that die in each run."""
    runs: int
    tickets: int
    idle_s: float
    servers: Servers
    """Whose addresses may hold passwords: never told."""


class Row(Value):
    """One measurement over its runs."""

    store: Store
    what: str
    """`workers`, `sweep`, `flood` or `recovery`."""
    size: int
    """How many workers, tickets, webhooks or deaths."""
    figures: dict[str, Spread]


class ScaleReport(Value):
    machine: Machine
    runs: int
    tickets: int
    rows: list[Row]
    seconds: float


async def scale(folder: Path, asked: Asked, tell: Tell) -> ScaleReport:
    """`folder` is where databases are made; nothing stays in it. Raises `BenchFailed`."""
    began = time.monotonic()
    facts = machine(folder)
    rows = []
    for store in asked.stores:
        rows += await _of_store(folder, Setup(store=store), asked, tell)
    return ScaleReport(
        machine=facts,
        runs=asked.runs,
        tickets=asked.tickets,
        rows=rows,
        seconds=round(time.monotonic() - began, 1),
    )


async def _of_store(folder: Path, setup: Setup, asked: Asked, tell: Tell) -> list[Row]:
    found: dict[tuple[str, int], list[dict[str, float]]] = {}
    for run in range(1, asked.runs + 1):
        for what, size in _measurements(asked):
            tell(f"run {run} of {asked.runs}: {setup.store}, {what} {size}")
            with TemporaryDirectory(dir=folder) as here:
                told = await _measured(Path(here), setup, asked, what, size)
            found.setdefault((what, size), []).append(told)
    _compare(found)
    return [Row(store=setup.store, what=what, size=size, figures=spreads(runs)) for (what, size), runs in found.items()]


def _measurements(asked: Asked) -> Iterable[tuple[str, int]]:
    """Sizes take turns, so that what the machine does meanwhile is in all of them."""
    yield from (("workers", size) for size in sorted({*asked.workers, 1}) if asked.workers)
    yield from (("sweep", size) for size in sorted(asked.sweeps))
    yield from (("flood", size) for size in asked.floods)
    yield from (("recovery", size) for size in [asked.kills] if size)


async def _measured(here: Path, setup: Setup, asked: Asked, what: str, size: int) -> dict[str, float]:
    servers = asked.servers
    match what:
        case "workers":
            plan = Plan(asked.tickets, asked.idle_s)
            return await throughput(here, setup.model_copy(update={"workers": size}), servers, plan)
        case "sweep":
            return _numbers(await sweep(here, setup, servers, size, asked.tickets))
        case "flood":
            return _numbers(await flood(here, setup, servers, size))
        case _:
            found = over_runs(await recoveries(here, setup, servers, size, LEASE_S))
            return {name: one.median for name, one in found.items()} | {
                f"{name}_max": one.max for name, one in found.items() if name != "lease_s"
            }


def _numbers(value: Value) -> dict[str, float]:
    return {name: float(one) for name, one in value if isinstance(one, int | float)}


def _compare(found: dict[tuple[str, int], list[dict[str, float]]]) -> None:
    """Each run with the smallest of the same kind in the same run: workers with one, sweeps with the least backlog."""
    for what, figure, name in (
        ("workers", "tickets_per_s", "ratio_to_one_worker"),
        ("workers", "tickets_per_core_s", "core_ratio_to_one_worker"),
        ("sweep", "seconds", "time_ratio_to_smallest"),
        ("sweep", "cpu_s", "cpu_ratio_to_smallest"),
    ):
        sizes = sorted(size for one, size in found if one == what)
        for size in sizes:
            for run, first in zip(found[what, size], found[what, sizes[0]], strict=True):
                run[name] = run[figure] / first[figure] if first[figure] else 0.0
