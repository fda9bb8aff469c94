"""`strata manifest`: the Slack app, described with exactly the scopes the code uses."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from bot.cli.exits import WRONG


class Mode(StrEnum):
    SOCKET = "socket"
    HTTP = "http"


def manifest(
    *,
    mode: Annotated[Mode, typer.Option(help="How Slack reaches the bot. Socket Mode needs no public address.")] = (
        Mode.SOCKET
    ),
    url: Annotated[str, typer.Option(help="The bot's public https address, for --mode http.")] = "",
    link: Annotated[bool, typer.Option(help="Print a link that creates the app with one click instead.")] = False,
) -> None:
    """Print the Slack app manifest."""
    from bot.slack.manifest import manifest as described
    from bot.slack.manifest import manifest_link

    try:
        found = described(mode.value, url or None)
    except ValueError as error:
        sys.stderr.write(f"strata: {error}; use --url https://…\n")
        raise typer.Exit(WRONG) from None
    sys.stdout.write((manifest_link(found) if link else json.dumps(found, indent=2)) + "\n")
