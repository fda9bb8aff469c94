"""Real histories to fit and measure with, split by time.

Owns the protocol: per project with at least `LEAST_TICKETS` owned tickets and `LEAST_OWNERS` owners in its history, the
first 70 % by filing time are history and the rest is asked. The data stay outside the repository.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from graphs.errors import StrataError
from graphs.lines import rows_of
from graphs.model import Millis
from graphs.ranking.history import Asked, Past
from graphs.rows import TicketRow

LEAST_TICKETS = 40
LEAST_OWNERS = 3
HISTORY_SHARE = 0.7
LEFT_OUT = frozenset({"1panel-dev/maxkb"})
"""Projects whose owners follow the form that was filled in, so there is nothing to judge."""
_FILE = "llm-app-issues/issues.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Project:
    """The history to learn from and the later tickets to ask, both in the order of time."""

    name: str
    history: list[Past]
    asked: list[Past]


def issues_file(folder: Path) -> Path:
    """The file of issues within a data folder. Raises `StrataError` where there is none."""
    for found in (folder / _FILE, folder / "data" / _FILE):
        if found.is_file():
            return found
    raise StrataError(f"{folder} holds no {_FILE}: point --data at the folder that has it")


def projects(folder: Path) -> list[Project]:
    """All projects that the protocol covers."""
    owned: dict[str, list[Past]] = defaultdict(list)
    for _, row in rows_of(issues_file(folder), TicketRow):
        if not isinstance(row, str) and row.owners and row.created_at is not None:
            owned[row.project].append(past(row, row.created_at))
    found = []
    for name, tickets in sorted(owned.items()):
        tickets.sort(key=lambda one: (one.ticket.at, one.ticket.key))
        cut = int(len(tickets) * HISTORY_SHARE)
        history = tickets[:cut]
        owners = {owner for one in history for owner in one.owners}
        if len(tickets) >= LEAST_TICKETS and len(owners) >= LEAST_OWNERS and name not in LEFT_OUT:
            found.append(Project(name=name, history=history, asked=tickets[cut:]))
    return found


def past(row: TicketRow, at: Millis) -> Past:
    """A row as evidence. `at` is when it was filed."""
    return Past(ticket=asked(row, at), owners=row.owners, closed_at=row.closed_at)


def asked(row: TicketRow, at: Millis) -> Asked:
    """A row as a question: what it says of owners and labels is left behind."""
    return Asked(key=row.key, project=row.project, title=row.title, body=row.body, author=row.author, at=at)
