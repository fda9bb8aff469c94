"""JSON lines, from a file or a stream: every command that reads rows reads them here.

Owns lines and their numbers, the longest line, gzip (known by its first bytes, not by the name), a byte order mark, and
what is said of a line that holds no usable row. Holds one line at a time. Must not judge what a row means.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar, cast

from pydantic import BaseModel, ValidationError

from graphs.errors import BadRow, StrataError

MOST_BYTES = 8 * 1024 * 1024
"""Of one line. Trackers stop far below."""
_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
Row = TypeVar("Row", bound=BaseModel)


class UnusableFile(StrataError):
    """A file cannot be used as a whole; the text says which, why, and how to mend it."""


def numbered(lines: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Line numbers from 1 and lines; None for one that is too long. Blank lines are counted and left out."""
    number = 0
    while line := lines.readline(MOST_BYTES + 1):
        number += 1
        if len(line) > MOST_BYTES:
            while line and not line.endswith(b"\n"):
                line = lines.readline(MOST_BYTES)
            yield number, None
            continue
        row = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if row:
            yield number, row


def whole(line: bytes | None) -> bytes:
    """Raises `BadRow` for a line that was too long."""
    if line is None:
        raise BadRow(f"longer than {MOST_BYTES // 1024 // 1024} MiB")
    return line


def row_of(line: bytes | None, kind: type[Row]) -> Row:
    """Raises `BadRow`, which says what is wrong with the line and quotes nothing of it."""
    try:
        found: object = json.loads(whole(line).decode("utf-8"))
    except UnicodeDecodeError:
        raise BadRow("is no UTF-8 text: save the file as JSON lines in UTF-8") from None
    except (ValueError, RecursionError):
        raise BadRow("is not JSON") from None
    if not isinstance(found, dict):
        raise BadRow("is not a JSON object")
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the whole"
        raise BadRow(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def rows_of(path: Path, kind: type[Row]) -> Iterator[tuple[int, Row | str]]:
    """Line number and row, or the reason why that line is none. Raises `UnusableFile`."""
    with _opened(path) as lines:
        for number, line in numbered(lines):
            try:
                yield number, row_of(line, kind)
            except BadRow as error:
                yield number, str(error)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file
    except (OSError, EOFError) as error:
        raise UnusableFile(f"cannot read {path}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error) or "it is cut short"
