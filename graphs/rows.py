"""A ticket as one JSON line: what the script commands and the measuring commands read and write.

Owns the names a field may have and how times are written. Reading of lines is that of `graphs.lines`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr

from graphs.model import Millis

_JIRA_TIMES = ("%d/%b/%y %H:%M", "%d/%b/%Y %H:%M")
_PROJECT = re.compile(r"(?P<project>[^#\s]+)#[^#\s]+")


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
