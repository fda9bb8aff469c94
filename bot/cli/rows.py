"""What the commands that turn files of rows into files of rows have in common.

Owns progress and bad rows on standard error, the output file, and the exit code. The output is written beside its
place and moved there when it is complete, so that nobody takes half a file for a whole one.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.tickets import printable
from graphs.lines import UnusableFile, rows_of
from graphs.rows import TicketRow

SHOWN_BAD_ROWS = 20
EVERY_S = 2.0
"""How often progress is told."""

_Json = dict[str, object]


class Rows:
    """Counts what was read; tells bad rows by file and line as they come."""

    def __init__(self) -> None:
        self.bad = 0

    def of(self, path: Path, doing: str) -> Iterator[TicketRow]:
        """The usable rows of a file. Ends the command with code 2 where the file cannot be read."""
        told, count, started = time.monotonic(), 0, time.monotonic()
        try:
            for number, row in rows_of(path, TicketRow):
                if isinstance(row, str):
                    self.refuse(path, number, row)
                    continue
                yield row
                count += 1
                if time.monotonic() - told > EVERY_S:
                    told = time.monotonic()
                    sys.stderr.write(f"{doing}: {count:,} rows, {count / (told - started):,.0f} a second\n")
        except UnusableFile as error:
            _stop(str(error))
        sys.stderr.write(f"{doing}: {count:,} rows in {time.monotonic() - started:.1f} s\n")

    def refuse(self, path: Path, line: int | str, why: str) -> None:
        self.bad += 1
        if self.bad <= SHOWN_BAD_ROWS:
            where = f"line {line}" if isinstance(line, int) else f"row {printable(line)[:80]}"
            sys.stderr.write(f"strata: {path.name}, {where}: {printable(why)}\n")
        elif self.bad == SHOWN_BAD_ROWS + 1:
            sys.stderr.write("strata: more bad rows are counted, not shown\n")

    def end(self) -> None:
        """Exit code 1 if any row was left out; all others were done."""
        if self.bad:
            sys.stderr.write(f"strata: {self.bad:,} bad rows were left out; all others are done\n")
            raise typer.Exit(REFUSED)


class Out:
    """Writes one JSON object a line."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, row: _Json) -> None:
        self._file.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


@contextmanager
def out(path: Path) -> Iterator[Out]:
    """The output, gzipped where its name says so. Ends the command with code 2 where it cannot be written."""
    part: Path | None = None
    with ExitStack() as stack:
        try:
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            part = Path(name)
            plain = stack.enter_context(os.fdopen(handle, "wb"))
            packed = path.suffix == ".gz"
            file = stack.enter_context(gzip.GzipFile(path.name, "wb", mtime=0, fileobj=plain)) if packed else plain
            yield Out(file)  # type: ignore[arg-type]  # a GzipFile is written to like a file
            stack.close()
            part.chmod(0o644)
            part.replace(path)
        except OSError as error:
            _stop(f"cannot write {path}: {(error.strerror or str(error)).lower()}")
        finally:
            if part:
                with suppress(FileNotFoundError):
                    part.unlink()


def _stop(message: str) -> None:
    sys.stderr.write(f"strata: {printable(message)}\n")
    raise typer.Exit(WRONG)
