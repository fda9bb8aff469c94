"""`strata doctor`: says what is missing and how to mend it."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Annotated

import typer

from bot.cli.exits import REFUSED
from bot.cli.setup import settings
from bot.doctor.checks import offline
from bot.doctor.finding import Check, Grade

_SIGNS = {Grade.GOOD: "✓", Grade.WARNING: "⚠", Grade.BROKEN: "✗"}


def doctor(
    *,
    online: Annotated[bool, typer.Option(help="Also ask Slack, GitHub and the model service.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array instead.")] = False,
) -> None:
    """Check settings, tokens, channel and policies. Exit 0 when the bot can run, 1 when something must be mended."""
    found = settings()
    checks = offline(found)
    if online:
        from bot.doctor.online import online as ask

        checks += asyncio.run(ask(found))
    if as_json:
        sys.stdout.write(json.dumps([one.model_dump(mode="json") for one in checks], indent=2) + "\n")
    else:
        for one in checks:
            _show(one)
    if any(one.is_broken for one in checks):
        raise typer.Exit(REFUSED)


def _show(check: Check) -> None:
    sys.stdout.write(f"{_SIGNS[check.grade]} {check.name}: {check.finding}\n")
    if check.fix:
        sys.stdout.write(f"  → {check.fix}\n")
