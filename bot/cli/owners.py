"""`strata owners rank`: who should take these tickets, by a history of who took what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from graphs.ranking.history import Asked
    from graphs.rows import TicketRow

owners = typer.Typer(help="Rank owners for the tickets of a file.", no_args_is_help=True)

MOST = 10


@owners.callback()
def _group() -> None:
    """A group, so that its one command keeps its name."""


@owners.command("rank")
def rank(
    *,
    history: Annotated[Path, typer.Option(help="Rows {id, created_at, title, body, author, owner or assignees, ...}.")],
    asked: Annotated[Path, typer.Option("--in", help="Rows to rank owners for; what they say of owners is not read.")],
    target: Annotated[Path, typer.Option("--out", help="Rows {id, owners: [{owner, score, why}]}, at most ten each.")],
) -> None:
    """The likeliest owners of each row, by tickets of the history that were filed before it. JSON lines, plain or .gz.

    Labels are not looked at. Exit codes: 0 done; 1 done, but some rows were unusable and left out; 2 a file cannot be
    read or written.
    """
    from bot.cli.rows import Rows, out
    from graphs.ranking.history import History, Past
    from graphs.ranking.rank import rank as ranked

    rows, past = Rows(), History()
    latest = 0
    for row in rows.of(history, "reading the history"):
        if row.created_at is None:
            rows.refuse(history, row.key, "has no created_at")
            continue
        past.add(Past(ticket=_asked(row, row.created_at), owners=row.owners, closed_at=row.closed_at))
        latest = max(latest, row.created_at)
    with out(target) as file:
        for row in rows.of(asked, "ranking"):
            found = ranked(past, _asked(row, row.created_at or latest + 1), MOST)
            shown = [{"owner": one.owner, "score": one.score, "why": " ".join(one.why)} for one in found]
            file.write({"id": row.id, "owners": shown})
    rows.end()


def _asked(row: TicketRow, at: int) -> Asked:
    from graphs.model import Millis
    from graphs.ranking.history import Asked

    return Asked(key=row.key, project=row.project, title=row.title, body=row.body, author=row.author, at=Millis(at))
