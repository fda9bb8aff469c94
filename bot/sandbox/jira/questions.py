"""The few questions of Jira's query language that a triage bot asks, answered on a board. Anything else is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from bot.sandbox.board.model import Ticket

_QUERY: Final = re.compile(
    r'project = "(?P<project>[^"]+)"(?P<more>.*?)(?: ORDER BY (?P<order>[a-z]+) (?P<way>ASC|DESC).*)?'
)
_AGO: Final = re.compile(r'updated >= "-(?P<count>[0-9]+)(?P<unit>[md])"')
_FILED: Final = re.compile(r'created >= "(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"')
_MINUTES: Final = {"m": 1, "d": 24 * 60}
Test = Callable[[Ticket], bool]


class Unreadable(ValueError):
    """Jira would say that the query is wrong."""


def project_of(jql: str) -> str:
    """Raises `Unreadable`."""
    found = _QUERY.fullmatch(jql)
    if found is None:
        raise Unreadable(jql)
    return found["project"]


def ask(jql: str, tickets: list[Ticket], now: float) -> list[Ticket]:
    """Raises `Unreadable`."""
    found = _QUERY.fullmatch(jql)
    if found is None:
        raise Unreadable(jql)
    tests = [_test(one, now) for one in found["more"].split(" AND ") if one]
    kept = [one for one in tickets if not one.gone and all(test(one) for test in tests)]
    by_update = found["order"] == "updated"
    kept.sort(key=lambda one: (one.updated_at if by_update else one.created_at, one.number))
    return kept[::-1] if found["way"] == "DESC" else kept


def _test(words: str, now: float) -> Test:
    if words == "statusCategory != Done":
        return lambda one: not one.closed
    if words == "statusCategory = Done":
        return lambda one: one.closed
    if words == "labels IS NOT EMPTY":
        return lambda one: bool(one.labels)
    if (ago := _AGO.fullmatch(words)) is not None:
        # Jira's queries end at the minute.
        start = (now // 60 - int(ago["count"]) * _MINUTES[ago["unit"]]) * 60
        return lambda one: one.updated_at >= start
    if (filed := _FILED.fullmatch(words)) is not None:
        day = datetime.fromisoformat(filed["day"]).replace(tzinfo=UTC).timestamp()
        return lambda one: one.created_at >= day
    raise Unreadable(words)
