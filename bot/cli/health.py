"""`strata health`: is the bot on this machine alive? For container health checks."""

from __future__ import annotations

import sys
from typing import Annotated

import httpx
import typer

from bot.cli.exits import REFUSED
from bot.cli.setup import settings


def health(
    *, port: Annotated[int | None, typer.Option(help="Of a role started with --health-port.", min=1, max=65535)] = None
) -> None:
    """Exit 0 when the bot on this machine answers."""
    url = f"http://127.0.0.1:{port or settings().strata_port}/healthz"
    try:
        answer = httpx.get(url, timeout=3, trust_env=False)
    except httpx.HTTPError as error:
        sys.stderr.write(f"strata: nothing answers at {url} ({type(error).__name__})\n")
        raise typer.Exit(REFUSED) from None
    if answer.is_error:
        sys.stderr.write(f"strata: {url} answers {answer.status_code}\n")
        raise typer.Exit(REFUSED)
