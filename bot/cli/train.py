"""`strata train`: makes the local engine's weights anew, from the tickets in the repository and your own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def train(
    *,
    data: Annotated[Path | None, typer.Option(help="Folder with `golden/` and `data/`: labelled real issues.")] = None,
    stacked: Annotated[bool, typer.Option("--stacked", help="Train the encoder's heads too (`make stacked`).")] = False,
) -> None:
    """Train the local engine. The same data give the same bytes."""
    from graphs.learning.train import train as fit

    sys.stdout.write(fit(data, stacked=stacked).model_dump_json(indent=2) + "\n")
