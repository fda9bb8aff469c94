"""`strata duplicates find`: which tickets filed earlier are most like these ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from graphs.model import Millis
    from graphs.rows import TicketRow
    from graphs.similar.index import Entry

duplicates = typer.Typer(help="Find similar tickets in files; closes nothing, ever.", no_args_is_help=True)

MOST = 10


@duplicates.callback()
def _group() -> None:
    """A group, so that its one command keeps its name."""


@duplicates.command("find")
def find(
    *,
    corpus: Annotated[Path, typer.Option(help="Rows {id, created_at, title, body, repo?, private?} to search in.")],
    asked: Annotated[Path, typer.Option("--in", help="Rows to find similar ones for.")],
    target: Annotated[Path, typer.Option("--out", help="Rows {id, candidates: [{id, score}]}, at most ten each.")],
) -> None:
    """The ten best tickets filed earlier, for each row. JSON lines, plain or .gz.

    Exit codes: 0 done; 1 done, but some rows were unusable and left out; 2 a file cannot be read or written.
    """
    from bot.cli.rows import Rows, out
    from graphs.similar.projects import SimilarByProject

    rows, index = Rows(), SimilarByProject()
    ids: dict[str, int | str] = {}
    times: dict[str, Millis] = {}
    for row in rows.of(corpus, "indexing"):
        if row.created_at is None:
            rows.refuse(corpus, row.key, "has no created_at")
            continue
        ids[row.key], times[row.key] = row.id, row.created_at
        index.add(_entry(row, row.created_at))
    latest = max(times.values(), default=0)
    with out(target) as file:
        for row in rows.of(asked, "searching"):
            at = row.created_at or times.get(row.key) or latest + 1
            hits = index.find(_entry(row, at), MOST)
            file.write({"id": row.id, "candidates": [{"id": ids[hit.key], "score": hit.score} for hit in hits]})
    rows.end()


def _entry(row: TicketRow, at: int) -> Entry:
    from graphs.model import Millis
    from graphs.similar.index import Entry

    return Entry(key=row.key, title=row.title, body=row.body, at=Millis(at), project=row.project, private=row.private)
