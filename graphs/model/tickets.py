"""A ticket as its tracker has it, and as the rest of the program may see it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from graphs.model.base import InstallId, Login, Millis, TicketKey, Value


class TrackerName(StrEnum):
    GITHUB = "github"
    GITLAB = "gitlab"
    JIRA = "jira"
    LINEAR = "linear"
    ZENDESK = "zendesk"


_KEYED = frozenset({TrackerName.JIRA, TrackerName.LINEAR})
"""Trackers whose projects have a key that begins the name of each of their tickets."""


class TicketState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class TicketRef(Value):
    """Where a ticket lives. `project` is the tracker's own name for the container (`owner/repo`)."""

    tracker: TrackerName
    install: InstallId
    project: str
    number: str

    @property
    def key(self) -> TicketKey:
        """One string for locks, rows and logs: `github:main:owner/repo#12`.

        The project without regard to case, as trackers take it: or a link typed in capitals would be another ticket.
        """
        return TicketKey(f"{self.place}#{self.number}")

    @property
    def place(self) -> str:
        """Its project, as rows and caches know it: `github:main:owner/repo`. What one place teaches stays there."""
        return f"{self.tracker}:{self.install}:{self.project.casefold()}"

    @property
    def short(self) -> str:
        """What people call it: `owner/repo#12`, or `ENG-12` where a project is named by a key."""
        return f"{self.project}{'-' if self.tracker in _KEYED else '#'}{self.number}"


class Ticket(Value):
    """A ticket as the tracker has it now. Every text in it is untrusted data, for ever."""

    ref: TicketRef
    url: str
    title: str
    body: str
    author: Login
    author_is_bot: bool
    labels: tuple[str, ...]
    assignees: tuple[Login, ...]
    state: TicketState
    private: bool
    locked: bool
    created_at: Millis
    updated_at: Millis
    version: str
    """What changes whenever the ticket changes; opaque, compared for equality only."""


class HygieneReport(Value):
    """What was taken out of or noticed in untrusted text, so that a person is told."""

    hidden: dict[str, int] = Field(default_factory=dict)
    """Removed things by kind (`zero_width`, `bidi`, `tag_characters`, `html_comment` ...), with counts."""
    redacted: dict[str, int] = Field(default_factory=dict)
    """Secrets and personal data replaced, by kind, with counts."""
    addressed_to_bot: tuple[str, ...] = ()
    """Short redacted quotes of text that speaks to a bot instead of to people."""
    truncated: bool = False
    folded: int = 0
    """Sections that a reader has to open (`<details>`); their text stays."""


class CleanTicket(Value):
    """A ticket whose text was normalised and redacted: the only form that reaches a model, a card or a log."""

    ref: TicketRef
    url: str
    title: str
    body: str
    author: Login
    labels: tuple[str, ...]
    assignees: tuple[Login, ...]
    private: bool
    version: str
    hygiene: HygieneReport
