"""Rows of JSON, one a line, from and to files or pipes, in memory that does not grow with the file.

Owns pipes, progress and what is said of bad rows. What a row means is its command's business. Must not hold more than
one row.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from graphs.errors import BadRow, StrataError
from graphs.lines import numbered, whole

TELL_EVERY_S = 2.0
MOST_TOLD = 50
"""Bad rows that get a line of their own; the rest is counted."""
_PIPE = Path("-")


class BadFile(StrataError):
    """A file cannot be read or written, or both are one; the text says which and why."""


@dataclass
class Progress:
    """Counts rows and tells of them on standard error: each bad one, and every two seconds how far it is."""

    verb: str
    rows: int = 0
    bad: int = 0
    _started: float = field(default_factory=time.monotonic)
    _told: float = field(default_factory=time.monotonic)

    def done(self) -> None:
        self.rows += 1
        if time.monotonic() - self._told >= TELL_EVERY_S:
            self._told = time.monotonic()
            self._say(f"{self.rows} rows {self.verb} …")

    def wrong(self, line: int, why: str) -> None:
        self.bad += 1
        if self.bad <= MOST_TOLD:
            self._say(f"line {line}: {why}")
        if self.bad == MOST_TOLD:
            self._say("more bad lines are counted, but not listed")

    def end(self) -> None:
        took = time.monotonic() - self._started
        self._say(f"{self.rows} rows {self.verb}, {self.bad} bad, in {took:.1f} s")

    def _say(self, text: str) -> None:
        sys.stderr.write(f"strata: {text}\n")
        sys.stderr.flush()


def convert(came: Path, goes: Path, answer: Callable[[bytes], bytes], progress: Progress) -> None:
    """Each row of `came` becomes a row of `goes`; `-` is standard input or output. A `BadRow` is told and left out.

    Raises `BadFile`. What was written before stays.
    """
    _check(came, goes)
    with _reading(came) as lines, _writing(goes) as out:
        for number, line in numbered(lines):
            try:
                row = answer(whole(line))
            except BadRow as error:
                progress.wrong(number, str(error))
                continue
            out.write(row + b"\n")
            progress.done()
    progress.end()


def rows(came: Path, goes: Path) -> Iterator[bytes]:
    """Every row that `convert` would be given, for whoever has to read them twice; too long ones are left out.

    Raises `BadFile`.
    """
    _check(came, goes)
    with _reading(came) as lines:
        yield from (line for _, line in numbered(lines) if line is not None)


def _check(came: Path, goes: Path) -> None:
    try:
        if _PIPE not in (came, goes) and goes.exists() and came.samefile(goes):
            raise BadFile(f"{goes} is both --in and --out: its rows would be lost; name another file for --out")
    except OSError:
        return  # opening them says it better


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    if path == _PIPE:
        yield sys.stdin.buffer
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}") from error
    with stream:
        yield stream


@contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    try:
        if path == _PIPE:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        else:
            with path.open("wb") as stream:
                yield stream
    except BrokenPipeError as error:
        # What is left in the buffer has nowhere to go: or Python would complain about it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise BadFile("standard output was closed before all rows were written") from error
    except OSError as error:
        raise BadFile(f"{path} cannot be written: {error.strerror}") from error
