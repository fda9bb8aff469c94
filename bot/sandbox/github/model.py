"""The values the local tracker keeps: accounts, repositories, labels, issues, comments, history.

Owns their fields only. Must not know HTTP or JSON (`shapes`), nor how they change (`acts`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

Json = dict[str, object]
MAX_ASSIGNEES = 10


class LabelPolicy(StrEnum):
    """What `POST issue labels` does with a name the repository does not have."""

    STRICT = "strict"
    """422. Catches a client that invents labels."""
    CREATE = "create"
    """Makes it, as github.com does for people with push access."""


class UnknownAssignee(StrEnum):
    """What assigning somebody who cannot be assigned does; github.com does either, depending on the call."""

    REJECT = "reject"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    login: str
    type: Literal["User", "Bot", "Organization"] = "User"


@dataclass(frozen=True, slots=True)
class Repository:
    id: int
    owner: Account
    name: str
    private: bool
    collaborators: frozenset[str]
    """Logins that can be assigned; in lower case, as GitHub compares them."""
    created_at: float

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass(frozen=True, slots=True)
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None
    default: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    author: str
    body: str
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of an issue's history: who did what. `event` is GitHub's word (`labeled`, `renamed` ...)."""

    id: int
    event: str
    actor: str
    at: float
    via_api: bool
    """False when a person did it in the web page, True for an API call."""
    label: str | None = None
    assignee: str | None = None
    rename: tuple[str, str] | None = None
    comment: int | None = None
    state_reason: str | None = None
    color: str = "ededed"


@dataclass(frozen=True, slots=True)
class Issue:
    id: int
    repo: str
    number: int
    author: str
    title: str
    body: str | None
    created_at: float
    updated_at: float
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    history: tuple[Happening, ...] = field(default=(), repr=False)
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    closed_at: float | None = None
    closed_by: str | None = None
    locked: bool = False
    lock_reason: str | None = None
    deleted: bool = False
    moved_to: tuple[str, int] | None = None


def iso(at: float) -> str:
    """GitHub's time stamps: whole seconds, so that two changes within one second share theirs."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
