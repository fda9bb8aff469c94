"""The data of a local tracker: projects, tickets, comments, and what happened to them. Plain; must not act."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Comment:
    id: int
    author: str
    body: str
    at: float
    chosen: str = ""
    """The id that the client gave it, where a vendor takes one."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a ticket's history."""

    event: str
    """`labeled`, `unlabeled`, `assigned`, `unassigned`, `commented`, `comment_deleted`, `closed`, `reopened`, ..."""
    value: str
    actor: str
    via_api: bool
    at: float


@dataclass
class Ticket:
    project: str
    number: int
    title: str
    body: str
    author: str
    created_at: float
    updated_at: float
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    history: list[Happening] = field(default_factory=list)
    closed: bool = False
    locked: bool = False
    confidential: bool = False
    gone: bool = False


@dataclass
class Project:
    name: str
    id: int
    private: bool
    members: frozenset[str]
    labels: list[str] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)

    def ticket(self, number: int) -> Ticket | None:
        return next((one for one in self.tickets if one.number == number and not one.gone), None)


@dataclass(frozen=True, slots=True)
class Fired:
    """Something that webhooks tell of."""

    event: str
    """As in `Happening`, or `opened`."""
    ticket: Ticket
    actor: str
    value: str = ""
    before: tuple[str, ...] = ()
    """The labels or assignees before."""
    comment: Comment | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    login: str
    via_api: bool = False
