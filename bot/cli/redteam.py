"""`strata redteam`: attacks this installation's policies and an engine with every known pattern."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from bot.cli.exits import REFUSED
from bot.cli.setup import settings
from graphs.learning.profiles import Profile

SEED = 20_261_123


def redteam(
    *,
    engine: Annotated[Profile, typer.Option(help="Which engine the model rows are about.")] = Profile.LOCAL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    variants: Annotated[int, typer.Option(min=1, max=9, help="At least so many variants of each pattern.")] = 5,
    lies: Annotated[int, typer.Option(min=1, max=10, help="Hostile models that each variant is run against.")] = 2,
    adapt: Annotated[int, typer.Option(min=0, max=500, help="Attacks that the search starts from.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed gives the same attacks.")] = SEED,
) -> None:
    """Run every attack pattern through the graph, the gate and the card; nothing is sent anywhere.

    Exit 0 when every promise held in every run, 1 when one was broken. Model rows are figures with intervals, not a
    pass or a fail. Takes about a minute.
    """
    from bot.redteam.report import lines, red_team
    from bot.redteam.running import Stage
    from graphs.gate import Gate
    from graphs.hygiene.redact import Redactor
    from graphs.learning.profiles import engine_of
    from policies.loader import load

    found = settings()
    stage = Stage(load(found.strata_policies), Gate.load(found.strata_policies), Redactor(b"red team"))
    made = red_team(stage, engine_of(engine), seed=seed, least=variants, lies=lies, starts=adapt)
    report = asyncio.run(made)
    sys.stdout.write(report.model_dump_json() + "\n" if as_json else "\n".join(lines(report)) + "\n")
    if report.deterministic_failures:
        raise typer.Exit(REFUSED)
