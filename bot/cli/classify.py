"""`strata classify`: layers, kind, role and risk for a file of tickets, without a tracker, Slack or a key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.engines import HELP, MODELS, known
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphs.evaluation.answers import Analyst
    from graphs.model import Analysis
    from graphs.ports import Dossier

ROWS = '{"id": "1", "title": "…", "body": "…"}'


def classify(
    *,
    came: Annotated[Path, typer.Option("--in", help=f"Rows such as {ROWS}, one a line; - is standard input.")],
    goes: Annotated[Path, typer.Option("--out", help="Where the answers go, one a line; - is standard output.")],
    engine: Annotated[str, typer.Option(help=HELP, callback=known)] = "local",
) -> None:
    """Read tickets from a file, write what the engine says of each.

    A row that cannot be read is told with its line number and left out, the others are done: exit 1 then. Exit 2 when
    a file cannot be read or written at all, or when the model cannot be asked with these settings. A row for which no
    model could be had is the local engine's and says so in `stands_in`.
    """
    from bot.engines import open_analyst
    from bot.rows import BadFile, Progress, convert

    found, progress = settings(), Progress("classified")
    try:
        with open_analyst(found, engine) as analyst:
            convert(came, goes, _answers(found, analyst, by_model=engine in MODELS), progress)
    except BadFile as error:
        sys.stderr.write(f"strata: {error}\n")
        raise typer.Exit(WRONG) from None
    if progress.bad:
        raise typer.Exit(REFUSED)


def _answers(found: Settings, engine: Analyst, *, by_model: bool) -> Callable[[bytes], bytes]:
    from graphs.agent.classified import with_model
    from graphs.hygiene.redact import Redactor
    from graphs.learning.classify import asked, classified
    from graphs.taxonomy import LayerTaxonomy
    from policies.loader import load

    layers, redactor = LayerTaxonomy(load(found.strata_policies)).layers, Redactor(b"classify")

    def answer(line: bytes) -> bytes:
        remembers = _Remembers(engine)
        row = classified(remembers, asked(line), layers, redactor)
        whole = with_model(row, remembers.said) if by_model and remembers.said else row
        return whole.model_dump_json().encode()

    return answer


class _Remembers:
    """The engine, with the last thing it said."""

    def __init__(self, engine: Analyst) -> None:
        self._engine = engine
        self.name = engine.name
        self.said: Analysis | None = None

    def analyse_now(self, dossier: Dossier) -> Analysis:
        self.said = self._engine.analyse_now(dossier)
        return self.said
