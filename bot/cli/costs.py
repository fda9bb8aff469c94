"""`strata costs`: what models cost, by day and version of the prompt, and what the cache was worth."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.setup import settings

if TYPE_CHECKING:
    from bot.record.spending import Bills
    from bot.settings import Settings

DAY_MS = 24 * 3_600_000
HEAD = (
    "day",
    "model",
    "prompt",
    "asked",
    "in batches",
    "read",
    "from cache",
    "to cache",
    "written",
    "hit rate",
    "cost",
)


def costs(
    *,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="How far to look back.")] = 14,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what models cost and how much of what they read came from the cache. It stands in the record's audit.

    Attempts that broke off are in the cost by an estimate: characters / 3.5 times 1.3, at the price of fresh tokens.
    """
    found = asyncio.run(_read(settings(), days))
    if as_json:
        rows = [{**one.model_dump(), "hit_rate": one.hit_rate} for one in found]
        total = {"asked": sum(one.asked for one in found), "usd": round(sum(one.usd for one in found), 6)}
        sys.stdout.write(json.dumps({"days": days, "rows": rows, "total": total}) + "\n")
        return
    sys.stdout.write("\n".join(_table(found, days)) + "\n")


async def _read(found: Settings, days: int) -> list[Bills]:
    from bot.bootstrap import open_core

    async with open_core(found) as core, core.record.read() as tx:
        return await tx.spending.by_day(days * DAY_MS)


def _table(found: list[Bills], days: int) -> list[str]:
    if not found:
        return [f"No model was asked within {days} days."]
    rows = [HEAD, *(_row(one) for one in found)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    asked = sum(one.asked for one in found)
    lines.append(f"{asked} {'answer' if asked == 1 else 'answers'} paid for, ${sum(one.usd for one in found):.4f}.")
    if lost := sum(one.lost for one in found):
        lines.append(f"About {lost:,} tokens went to attempts that broke off: an estimate, they are in the cost.")
    if untold := sum(one.untold for one in found):
        lines.append(f"Of {untold} older ones only the cost is known, not what was read.")
    return lines


def _row(one: Bills) -> tuple[str, ...]:
    rate = "-" if one.hit_rate is None else f"{one.hit_rate:.0%}"
    counts = (one.fresh, one.cached, one.kept, one.written)
    return (
        *(one.day, one.model, one.prompt, str(one.asked), str(one.batched)),
        *(f"{count:,}" for count in counts),
        rate,
        f"${one.usd:.4f}",
    )
