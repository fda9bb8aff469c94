"""The scale report as a table for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bot.bench.report import number
from bot.bench.scale import ScaleReport


def show(report: ScaleReport, console: Console) -> None:
    table = Table(title=f"{report.runs} runs of {report.tickets} tickets")
    for name in ("", "median", "lowest", "highest"):
        table.add_column(name, justify="right" if name else "left")
    for row in report.rows:
        table.add_section()
        table.add_row(f"[bold]{row.store}: {row.what} {row.size:,}[/bold]")
        for name, one in row.figures.items():
            table.add_row(f"  {name}", *(number(value) for value in (one.median, one.min, one.max)))
    console.print(table)
    machine = report.machine
    load = ", ".join(f"{one:.2f}" for one in machine.load_average)
    console.print(f"{machine.cpus} of {machine.cpu}, load {load}, one commit {machine.commit_ms} ms")
