"""`strata demo`: the whole product on this machine, without accounts or keys."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.exits import REFUSED
from bot.demo.report import Report


def demo(
    *,
    headless: Annotated[bool, typer.Option(help="Let the story play by itself and say little.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
) -> None:
    """Play the story: tickets, their cards, people who approve, edit and reject. Exit 1 if it came out wrong."""
    report = asyncio.run(_play(show_cards=not headless))
    problems = report.problems()
    for problem in problems:
        sys.stderr.write(f"strata: the story came out wrong: {problem}\n")
    text = report.model_dump_json() if as_json else "\n".join(f"{name}: {value}" for name, value in report)
    sys.stdout.write(text + "\n")
    if problems:
        raise typer.Exit(REFUSED)


async def _play(*, show_cards: bool) -> Report:
    from bot.demo.story import play
    from bot.demo.town import open_town

    with tempfile.TemporaryDirectory(prefix="strata-demo-") as folder:
        async with open_town(Path(folder)) as town:
            return await play(town, _tell, show_cards=show_cards)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
