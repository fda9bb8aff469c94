"""Why somebody is proposed, in plain sentences with the tickets that speak for it."""

from __future__ import annotations

import numpy as np

from graphs.ranking.features import HALF_LIFE_DAYS, nearest
from graphs.ranking.history import Ints, View

SHOWN = 3
ALIKE_ENOUGH = 0.1
"""Below this likeness a ticket is not named as similar."""


def why(view: View, owner: int) -> tuple[str, ...]:
    """At most four sentences, the strongest evidence first."""
    rows = view.pair_row[view.pair_owner == owner]
    found = [*_self(view, owner), *_similar(view, rows), *_reporter(view, rows)]
    return (*found[:3], _recency(view, rows))


def _self(view: View, owner: int) -> list[str]:
    return ["Reported it."] if view.owners[owner] == view.asked.author else []


def _similar(view: View, rows: Ints) -> list[str]:
    weight = nearest(view, np.exp2(-view.age / HALF_LIFE_DAYS))
    alike = [int(row) for row in rows if weight[row] > 0 and view.alike[row] >= ALIKE_ENOUGH]
    alike.sort(key=lambda row: -weight[row])
    if not alike:
        return []
    named = ", ".join(f"{view.names[row]} ({_ago(view.age[row])})" for row in alike[:SHOWN])
    more = f" and {len(alike) - SHOWN} more" if len(alike) > SHOWN else ""
    return [f"Took {_tickets(len(alike), 'similar ')}: {named}{more}."]


def _reporter(view: View, rows: Ints) -> list[str]:
    times, of = int(view.by_author[rows].sum()), int(view.by_author.sum())
    return [f"Took {times} of the {of} earlier tickets of this reporter."] if times and of > 1 else []


def _recency(view: View, rows: Ints) -> str:
    return f"Took {len(rows)} of {_tickets(len(view.age))}, the latest {_ago(float(view.age[rows].min()))}."


def _tickets(count: int, kind: str = "") -> str:
    return f"{count} {kind}ticket{'' if count == 1 else 's'}"


def _ago(days: float) -> str:
    whole = int(days)
    return "today" if whole < 1 else "yesterday" if whole == 1 else f"{whole} days ago"
