"""Histories for tests of the ranking: who took what, a ticket a day."""

from __future__ import annotations

from graphs.model import Millis
from graphs.ranking.history import Asked, History, Past

DAY = 86_400_000


def asked(
    title: str,
    day: float = 100,
    *,
    author: str = "customer-one",
    project: str = "a/b",
    private: bool = False,
    key: str = "asked",
) -> Asked:
    return Asked(
        key=key, project=project, title=title, body="", author=author, at=Millis(int(day * DAY)), private=private
    )


def past(
    number: int,
    title: str,
    *owners: str,
    day: float | None = None,
    author: str = "customer-two",
    project: str = "a/b",
    private: bool = False,
) -> Past:
    when = float(number) if day is None else day
    ticket = asked(title, when, author=author, project=project, private=private, key=f"a/b#{number}")
    return Past(ticket=ticket, owners=owners)


def history(*tickets: Past) -> History:
    found = History()
    for one in tickets:
        found.add(one)
    return found
