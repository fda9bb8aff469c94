"""What `strata bench` tells: every figure with its runs, the machine, and the comparison with the plain bot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table

from bot.bench.figures import Spread
from bot.bench.machine import Machine
from bot.bench.setup import Setup
from graphs.model import Value

TIME_AIM = 1.5
BYTES_AIM = 0.25
Figures = Mapping[str, Spread]


class Asked(Value):
    """What was measured how often."""

    runs: int
    tickets: int
    """Of each run, for each measurement."""
    deliveries: int
    """Webhooks as fast as they are answered."""
    steady: int
    """Webhooks at a steady pace."""
    ticket_bytes: int
    setup: Setup


class Ratios(Value):
    """Ours divided by the plain bot's; aims are upper bounds."""

    time: Spread
    bytes: Spread
    """As closed a moment ago."""
    aged_bytes: Spread
    """When what is kept for a time only has gone. The plain bot forgets nothing."""
    time_aim: float = TIME_AIM
    bytes_aim: float = BYTES_AIM
    time_aim_met: bool
    bytes_aim_met: bool
    aged_bytes_aim_met: bool


class Report(Value):
    """Times in ms, sizes in bytes unless a name says otherwise; `ours` and `plain` are the bare pipelines."""

    machine: Machine
    asked: Asked
    intake: dict[str, Spread]
    end_to_end: dict[str, Spread]
    steps: dict[str, Spread]
    imports: dict[str, Spread]
    ours: dict[str, Spread]
    plain: dict[str, Spread]
    ratios: Ratios
    seconds: float

    def groups(self) -> Iterator[tuple[str, Figures]]:
        yield "intake, workers busy", self.intake
        yield "one ticket, end to end", self.end_to_end
        yield "steps of the graph", self.steps
        yield "imports", self.imports
        yield "pipeline without Slack", self.ours
        yield "plain LangGraph bot", self.plain
        ratios = self.ratios
        yield "ours / plain", {"time": ratios.time, "bytes": ratios.bytes, "aged_bytes": ratios.aged_bytes}


def show(report: Report, console: Console) -> None:
    """As a table for people."""
    machine, asked = report.machine, report.asked
    table = Table(title=f"{asked.runs} runs of {asked.tickets} tickets, {asked.setup.store}")
    for name in ("", "median", "lowest", "highest"):
        table.add_column(name, justify="right" if name else "left")
    for title, figures in report.groups():
        table.add_section()
        table.add_row(f"[bold]{title}[/bold]")
        for name, one in figures.items():
            table.add_row(f"  {name}", *(number(value) for value in (one.median, one.min, one.max)))
    console.print(table)
    load = ", ".join(f"{one:.2f}" for one in machine.load_average)
    console.print(f"{machine.cpus} of {machine.cpu}, load {load}, one commit {machine.commit_ms} ms")
    console.print(f"Python {machine.python}, SQLite {machine.sqlite}, LangGraph {machine.libraries['langgraph']}")
    ratios = report.ratios
    for name, met, ratio, aim in (
        ("time", ratios.time_aim_met, ratios.time.median, ratios.time_aim),
        ("bytes", ratios.bytes_aim_met, ratios.bytes.median, ratios.bytes_aim),
        ("aged bytes", ratios.aged_bytes_aim_met, ratios.aged_bytes.median, ratios.bytes_aim),
    ):
        console.print(f"{'✓' if met else '✗'} {name}: {ratio} of the plain bot's, the aim is at most {aim}")


def number(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:g}"
