"""`strata classify`: layers, kind, role and risk for a file of tickets, without a tracker, Slack or a key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.engines import HELP, MODELS, known
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from graphs.evaluation.answers import Analyst
    from graphs.model import Analysis
    from graphs.ports import Dossier

SALT = b"classify"
PIPE = Path("-")
ROWS = '{"id": "1", "title": "…", "body": "…"}'


def classify(
    *,
    came: Annotated[Path, typer.Option("--in", help=f"Rows such as {ROWS}, one a line; - is standard input.")],
    goes: Annotated[Path, typer.Option("--out", help="Where the answers go, one a line; - is standard output.")],
    engine: Annotated[str, typer.Option(help=HELP, callback=known)] = "local",
    batch: Annotated[
        bool,
        typer.Option("--batch", help="Ask the model in Message Batches: half the price, no look-ups, within a day."),
    ] = False,
) -> None:
    """Read tickets from a file, write what the engine says of each.

    A row that cannot be read is told with its line number and left out, the others are done: exit 1 then. Exit 2 when
    a file cannot be read or written at all, or when the model cannot be asked with these settings. A row for which no
    model could be had is the local engine's and says so in `stands_in`.

    With --batch it can be interrupted and started again with the same files: what was sent is not sent again. Which
    batches are under way stands in a file beside --out, which is deleted at the end.
    """
    from bot.batches.state import BadState
    from bot.rows import BadFile, Progress, convert

    if batch and engine not in MODELS:
        _wrong(f"--batch asks a model: add --engine {MODELS[0]}")
    if batch and PIPE in (came, goes):
        _wrong("--batch reads --in twice and keeps its state beside --out: name a file for each")
    found, progress = settings(), Progress("classified")
    try:
        with _analyst(found, engine, came, goes, batch=batch) as analyst:
            convert(came, goes, _answers(found, analyst, by_model=engine in MODELS), progress)
    except (BadFile, BadState) as error:
        _wrong(str(error))
    if progress.bad:
        raise typer.Exit(REFUSED)


def _analyst(found: Settings, engine: str, came: Path, goes: Path, *, batch: bool) -> AbstractContextManager[Analyst]:
    from bot.batches import post
    from bot.batches.file import open_batched
    from bot.engines import open_analyst
    from bot.rows import rows

    if not batch:
        return open_analyst(found, engine)
    dossier = _dossiers(found)
    dossiers = [one for line in rows(came, goes) if (one := dossier(line)) is not None]
    return open_batched(found, engine, goes, dossiers, _tell, post.PACE)


def _dossiers(found: Settings) -> Callable[[bytes], Dossier | None]:
    from graphs.errors import BadRow
    from graphs.hygiene.redact import Redactor
    from graphs.learning.classify import asked, dossier_of
    from graphs.taxonomy import LayerTaxonomy
    from policies.loader import load

    layers, redactor = LayerTaxonomy(load(found.strata_policies)).layers, Redactor(SALT)

    def dossier(line: bytes) -> Dossier | None:
        try:
            return dossier_of(asked(line), layers, redactor)
        except BadRow:
            return None  # told with its number when the answers are written

    return dossier


def _tell(text: str) -> None:
    sys.stderr.write(f"strata: {text}\n")
    sys.stderr.flush()


def _wrong(why: str) -> NoReturn:
    _tell(why)
    raise typer.Exit(WRONG)


def _answers(found: Settings, engine: Analyst, *, by_model: bool) -> Callable[[bytes], bytes]:
    from graphs.agent.classified import with_model
    from graphs.hygiene.redact import Redactor
    from graphs.learning.classify import asked, classified
    from graphs.taxonomy import LayerTaxonomy
    from policies.loader import load

    layers, redactor = LayerTaxonomy(load(found.strata_policies)).layers, Redactor(SALT)

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
