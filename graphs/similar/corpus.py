"""Real reports with known duplicates, to measure with.

Owns reading of the two public sets: GitBugs' Hadoop reports with the official split, and the issues of open-source LLM
applications with pairs that people named. The data stay outside the repository.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from graphs.errors import StrataError
from graphs.lines import rows_of
from graphs.rows import TicketRow
from graphs.similar.index import Entry

ISSUES, NAMED = "llm-app-issues/issues.jsonl.gz", "llm-app-issues/duplicates.csv"
HADOOP = "gitbugs-hadoop"
Pairs = dict[str, set[str]]
"""The later report -> the earlier ones that it repeats."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Reports in the order of filing, and the questions among them."""

    name: str
    entries: list[Entry]
    pairs: Pairs


def hadoop(folder: Path, split: str) -> Corpus:
    """`split` is `train`, `test` or `combined`. Raises `StrataError` where the files are missing."""
    place = _place(folder, HADOOP)
    rows = [
        TicketRow.model_validate(
            {"id": row["Issue id"], "title": row["Summary"], "body": row["Description"], "created_at": row["Created"]}
        )
        for row in _csv(place / "hadoop_bugs.csv")
    ]
    entries = _sorted(rows)
    named = [
        (row["Issue id"], other.strip())
        for row in _csv(place / f"hadoop_bugs-{split}.csv")
        for other in row["Duplicate id"].split(",")
    ]
    return Corpus(f"gitbugs-hadoop, {split}", entries, _pairs(entries, named))


def issues(folder: Path) -> list[Corpus]:
    """One corpus for each repository with named duplicates. Raises `StrataError` where the files are missing."""
    named: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _csv(_place(folder, NAMED)):
        named[row["repo"].casefold()].append((f"{row['repo']}#{row['number']}", f"{row['repo']}#{row['duplicate_of']}"))
    found = every_repository(folder)
    return [Corpus(name, found[name], _pairs(found[name], pairs)) for name, pairs in sorted(named.items())]


def every_repository(folder: Path) -> dict[str, list[Entry]]:
    rows: dict[str, list[TicketRow]] = defaultdict(list)
    for _, row in rows_of(_place(folder, ISSUES), TicketRow):
        if not isinstance(row, str):
            rows[row.project].append(row)
    return {name: _sorted(found) for name, found in rows.items()}


def _sorted(rows: list[TicketRow]) -> list[Entry]:
    entries = [
        Entry(key=row.key, title=row.title, body=row.body, at=row.created_at, project=row.project)
        for row in rows
        if row.created_at is not None
    ]
    return sorted(entries, key=lambda one: (one.at, one.key))


def _pairs(entries: list[Entry], named: list[tuple[str, str]]) -> Pairs:
    at = {one.key: one.at for one in entries}
    found: Pairs = defaultdict(set)
    for one, other in named:
        if one in at and other in at and at[one] != at[other]:
            later, earlier = (one, other) if at[one] > at[other] else (other, one)
            found[later].add(earlier)
    return dict(found)


def _place(folder: Path, name: str) -> Path:
    for found in (folder / name, folder / "data" / name):
        if found.exists():
            return found
    raise StrataError(f"{folder} holds no {name}: point --data at the folder that has it")


def _csv(file: Path) -> list[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
