"""Tickets as JSON lines: what the script commands and the measuring commands read and write.

Owns the parsing of each line, plain or gzipped, one at a time, so that a file of any length needs the memory of its
longest line. A line that cannot be used is told with its number and left out. Must not judge what a row means.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, cast

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from graphs.errors import StrataError
from graphs.model import Millis

LINE_CAP = 8 * 1024 * 1024
"""Bytes of a line that are held; a longer one is a bad row."""
_GZIP = b"\x1f\x8b"
_JIRA_TIMES = ("%d/%b/%y %H:%M", "%d/%b/%Y %H:%M")
_PROJECT = re.compile(r"(?P<project>[^#\s]+)#[^#\s]+")


class UnusableFile(StrataError):
    """A file that cannot be read or written at all."""


def _text(value: object) -> object:
    return "" if value is None else value


def _millis(value: object) -> object:
    """ISO 8601 (without a zone: UTC), or as Jira exports write it. Numbers are refused: their unit is unknown."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("must be a time such as 2026-01-31T12:00:00Z")  # noqa: TRY004  # Pydantic expects ValueError
    return int(_moment(value.strip()).timestamp() * 1000)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        for form in _JIRA_TIMES:
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                continue
        raise ValueError("must be a time such as 2026-01-31T12:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _names(value: object) -> object:
    return () if value is None else [value] if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
When = Annotated[Millis | None, BeforeValidator(_millis)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class TicketRow(BaseModel):
    """One line. Only `id` must be there; what else a command needs, it says."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: StrictInt | StrictStr
    repo: Text = Field(default="", validation_alias=AliasChoices("repo", "project"))
    created_at: When = None
    closed_at: When = None
    author: Text = Field(default="", validation_alias=AliasChoices("author", "reporter"))
    title: Text = ""
    body: Text = Field(default="", validation_alias=AliasChoices("body", "description"))
    owner: Text = ""
    assignees: Names = ()
    private: bool = False

    @property
    def key(self) -> str:
        """The id as text: `12` and `"12"` are one ticket."""
        return str(self.id)

    @property
    def project(self) -> str:
        """As the row says, else from an id such as `owner/repo#12`; empty where neither tells."""
        if self.repo:
            return self.repo.casefold()
        found = _PROJECT.fullmatch(self.key)
        return found["project"].casefold() if found else ""

    @property
    def owners(self) -> tuple[str, ...]:
        """Everybody who had it, the named owner first."""
        return tuple(dict.fromkeys(name for name in (self.owner, *self.assignees) if name))


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that was left out."""

    line: int
    why: str


def read_rows(path: Path) -> Iterator[TicketRow | BadRow]:
    """The rows of a file, one at a time. Raises `UnusableFile`."""
    with _opened(path) as lines:
        number = 0
        while content := _next(lines, path):
            number += 1
            if len(content) > LINE_CAP:
                while not content.endswith(b"\n") and (content := _next(lines, path)):
                    pass
                yield BadRow(number, f"longer than {LINE_CAP // 1024 // 1024} MiB")
            elif stripped := content.strip():
                yield _parsed(stripped, number)


def _parsed(content: bytes, number: int) -> TicketRow | BadRow:
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError):
        return BadRow(number, "is not JSON")
    if not isinstance(found, dict):
        return BadRow(number, "is not a JSON object")
    try:
        return TicketRow.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return BadRow(number, f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}")


def _next(lines: IO[bytes], path: Path) -> bytes:
    try:
        return lines.readline(LINE_CAP + 1)
    except (OSError, EOFError) as error:
        raise UnusableFile(f"cannot read {path} to its end: {_reason(error)}") from error


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
