"""The team's own notes: a folder of Markdown files, cut at their headings, found by words.

Owns reading the folder and the age of each note. A note may begin with front matter (`date: 2026-05-01`,
`visibility: public`); without a date the file's own counts, without visibility it is private: a public ticket never
leads to it. Files are read once and again when the folder changes. Must not follow a link out of the folder.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import yaml

from graphs.model import Millis, Value
from graphs.similar.words import prose, terms

MOST_FILES, MOST_BYTES, MOST_PARTS = 500, 200_000, 5_000
NAME_CHARS = 120
DAY_MS = 86_400_000
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_HEADING = re.compile(r"(?m)^#{1,3}[ \t]+(.+)$")


class Note(Value):
    """One section of a note."""

    name: str
    """`runbooks/index.md: Rebuild`"""
    text: str
    dated: date
    public: bool

    def age_days(self, now: Millis) -> int:
        return max(0, (datetime.fromtimestamp(now / 1000, UTC).date() - self.dated).days)


@dataclass(frozen=True, slots=True)
class _Shelf:
    mark: tuple[tuple[str, int, int], ...]
    notes: tuple[Note, ...]
    words: tuple[frozenset[int], ...]
    """Hashed words of each."""


class Notes:
    """Without a folder there are no notes."""

    def __init__(self, folder: Path | None, stale_after_days: int = 180) -> None:
        self._folder = folder
        self._stale_after = stale_after_days
        self._shelf = _Shelf((), (), ())

    def is_stale(self, note: Note, now: Millis) -> bool:
        return note.age_days(now) > self._stale_after

    async def search(self, words: str, *, private: bool, most: int) -> list[Note]:
        """The best sections, best first; a public ticket (`private` False) finds public notes only."""
        return await asyncio.to_thread(self._search, words, private, most)

    def _search(self, words: str, private: bool, most: int) -> list[Note]:  # noqa: FBT001  # handed on to a thread
        shelf = self._read()
        wanted = _words(words)
        seen = [at for at, note in enumerate(shelf.notes) if private or note.public]
        spread = Counter(word for at in seen for word in wanted & shelf.words[at])
        scores = {at: sum(math.log(1 + len(seen) / spread[word]) for word in wanted & shelf.words[at]) for at in seen}
        best = sorted((at for at in seen if scores[at] > 0), key=lambda at: (-scores[at], at))
        return [shelf.notes[at] for at in best[:most]]

    def _read(self) -> _Shelf:
        if self._folder is None:
            return self._shelf
        files = list(_files(self._folder))
        mark = tuple((str(file), stat.st_mtime_ns, stat.st_size) for file in files if (stat := file.stat()))
        if mark != self._shelf.mark:
            notes = tuple(note for file in files for note in _notes(file, self._folder))[:MOST_PARTS]
            words = tuple(_words(prose(note.name, note.text)) for note in notes)
            self._shelf = _Shelf(mark, notes, words)
        return self._shelf


def _words(text: str) -> frozenset[int]:
    return frozenset(terms(text).ids.tolist())


def _files(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    inside = (file for file in sorted(folder.rglob("*.md")) if file.resolve().is_relative_to(root) and file.is_file())
    for count, file in enumerate(inside):
        if count < MOST_FILES and file.stat().st_size <= MOST_BYTES:
            yield file


def _notes(file: Path, folder: Path) -> Iterator[Note]:
    """Sections of a file; one that is no text has none."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    dated, public = _front(text, datetime.fromtimestamp(file.stat().st_mtime, UTC).date())
    body = _FRONT.sub("", text, count=1)
    starts = [0, *(one.start() for one in _HEADING.finditer(body)), len(body)]
    for start, end in pairwise(starts):
        part = body[start:end].strip()
        heading = _HEADING.match(part)
        if part:
            name = file.relative_to(folder).as_posix() + (f": {heading.group(1).strip()}" if heading else "")
            yield Note(name=" ".join(name.split())[:NAME_CHARS], text=part, dated=dated, public=public)


def _front(text: str, fallback: date) -> tuple[date, bool]:
    found = _FRONT.match(text)
    try:
        front = yaml.safe_load(found.group(1)) if found else None
    except yaml.YAMLError:
        front = None
    if not isinstance(front, dict):
        return fallback, False
    dated = front.get("date")
    if isinstance(dated, datetime):
        dated = dated.date()
    return (dated if isinstance(dated, date) else fallback), front.get("visibility") == "public"
