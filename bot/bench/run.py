"""All measurements, one after another, as often as was asked for; each in a folder of its own that is removed."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from bot.bench.comparison import Pipeline, PlainPipeline, compared
from bot.bench.endtoend import EndToEnd, end_to_end
from bot.bench.figures import over_runs, spread, spreads
from bot.bench.footprint import Imports, imports
from bot.bench.intake import Intake, intake
from bot.bench.machine import machine
from bot.bench.report import BYTES_AIM, TIME_AIM, Asked, Ratios, Report
from bot.bench.steps import steps

Tell = Callable[[str], None]
T = TypeVar("T")


@dataclass
class Measured:
    """What the runs have told so far, one entry for each run."""

    intake: list[Intake] = field(default_factory=list)
    end_to_end: list[EndToEnd] = field(default_factory=list)
    steps: list[dict[str, float]] = field(default_factory=list)
    imports: list[Imports] = field(default_factory=list)
    pipelines: list[tuple[Pipeline, PlainPipeline]] = field(default_factory=list)


async def bench(folder: Path, asked: Asked, tell: Tell) -> Report:
    """`folder` is where databases are made; nothing stays in it. Raises `BenchFailed`."""
    began = time.monotonic()
    facts = machine(folder)
    measured = Measured()
    for number in range(1, asked.runs + 1):
        await _run(folder, asked, measured, _numbered(tell, f"run {number} of {asked.runs}"))
    ours, plain = zip(*measured.pipelines, strict=True)
    return Report(
        machine=facts,
        asked=asked,
        intake=over_runs(measured.intake),
        end_to_end=over_runs(measured.end_to_end),
        steps=spreads(measured.steps),
        imports=over_runs(measured.imports),
        ours=over_runs(ours),
        plain=over_runs(plain),
        ratios=_ratios(measured),
        seconds=round(time.monotonic() - began, 1),
    )


def _numbered(tell: Tell, which: str) -> Tell:
    return lambda what: tell(f"{which}: {what}")


async def _run(folder: Path, asked: Asked, measured: Measured, tell: Tell) -> None:
    tickets, setup = asked.tickets, asked.setup
    tell("end to end")
    measured.end_to_end.append(await _within(folder, lambda here: end_to_end(here, setup, tickets)))
    tell("intake")
    measured.intake.append(await _within(folder, lambda here: intake(here, setup, asked.deliveries, asked.steady)))
    tell("steps of the graph")
    measured.steps.append(await _within(folder, lambda here: steps(here, tickets)))
    tell("our pipeline and a plain one, in turns")
    measured.pipelines.append(await _within(folder, lambda here: compared(here, tickets)))
    tell("imports")
    measured.imports.append(await imports())


async def _within(folder: Path, measure: Callable[[Path], Awaitable[T]]) -> T:
    with TemporaryDirectory(dir=folder) as here:
        return await measure(Path(here))


def _ratios(measured: Measured) -> Ratios:
    """Of each run by itself, because what the machine does meanwhile is in both."""
    pairs = list(zip(measured.pipelines, measured.end_to_end, strict=True))
    times = spread([ours.ticket_ms / plain.ticket_ms for (ours, plain), _ in pairs])
    sizes = spread([_kept(ours) / plain.bytes_per_ticket for (_, plain), ours in pairs])
    aged = spread([ours.aged_bytes_per_ticket / plain.bytes_per_ticket for (_, plain), ours in pairs])
    return Ratios(
        time=times,
        bytes=sizes,
        aged_bytes=aged,
        time_aim_met=times.median <= TIME_AIM,
        bytes_aim_met=sizes.median <= BYTES_AIM,
        aged_bytes_aim_met=aged.median <= BYTES_AIM,
    )


def _kept(ours: EndToEnd) -> float:
    return ours.record_bytes_per_ticket + ours.checkpoint_bytes_per_ticket
