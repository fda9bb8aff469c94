"""`strata classify`: layers, kind, role and risk for a file of tickets, without a tracker, Slack or a key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.settings import Settings
from graphs.learning.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = '{"id": "1", "title": "…", "body": "…"}'


def classify(
    *,
    came: Annotated[Path, typer.Option("--in", help=f"Rows such as {ROWS}, one a line; - is standard input.")],
    goes: Annotated[Path, typer.Option("--out", help="Where the answers go, one a line; - is standard output.")],
    engine: Annotated[Profile, typer.Option(help="Which engine; `local` is the best one installed.")] = Profile.LOCAL,
) -> None:
    """Read tickets from a file, write what the engine says of each.

    A row that cannot be read is told with its line number and left out, the others are done: exit 1 then. Exit 2 when
    a file cannot be read or written at all.
    """
    from bot.rows import BadFile, Progress, convert

    progress = Progress("classified")
    try:
        convert(came, goes, _answers(settings(), engine), progress)
    except BadFile as error:
        sys.stderr.write(f"strata: {error}\n")
        raise typer.Exit(WRONG) from None
    if progress.bad:
        raise typer.Exit(REFUSED)


def _answers(found: Settings, profile: Profile) -> Callable[[bytes], bytes]:
    from graphs.hygiene.redact import Redactor
    from graphs.learning.classify import asked, classified
    from graphs.learning.profiles import engine_of
    from graphs.taxonomy import LayerTaxonomy
    from policies.loader import load

    layers = LayerTaxonomy(load(found.strata_policies)).layers
    engine, redactor = engine_of(profile), Redactor(b"classify")

    def answer(line: bytes) -> bytes:
        return classified(engine, asked(line), layers, redactor).model_dump_json().encode()

    return answer
