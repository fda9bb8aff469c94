"""The part of GitHub's REST answers that we read, and how it becomes a `Ticket`.

Must not do I/O. Tolerant like the webhook side: what does not decide anything may be missing.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated

from pydantic import AwareDatetime, Field, TypeAdapter

from bot.trackers.github.deliveries import Account, FromGitHub
from bot.trackers.github.site import GitHubSite
from bot.trackers.text import FreeText
from graphs.model import Login, Millis, Ticket, TicketRef, TicketState

_GHOST = Account(login=Login("ghost"))
_VERSION_DIGITS = 20


class LabelPayload(FromGitHub):
    name: FreeText | None = None


class IssuePayload(FromGitHub):
    number: Annotated[int, Field(gt=0)]
    title: FreeText
    body: FreeText | None = None
    user: Account | None = None
    labels: tuple[LabelPayload | FreeText, ...] = ()
    assignees: tuple[Account, ...] | None = ()
    state: TicketState
    locked: bool = False
    created_at: AwareDatetime
    updated_at: AwareDatetime
    pull_request: object = None

    @property
    def label_names(self) -> tuple[str, ...]:
        return names_of(self.labels)

    @property
    def logins(self) -> tuple[Login, ...]:
        return tuple(one.login for one in self.assignees or ())


class CommentPayload(FromGitHub):
    id: int
    body: FreeText | None = None
    user: Account | None = None

    @property
    def author(self) -> Login:
        return (self.user or _GHOST).login


class RepositoryPayload(FromGitHub):
    private: bool


class AssigneesPayload(FromGitHub):
    """An issue again, of which only the assignees matter: enough to see whether an assignment took place."""

    assignees: tuple[Account, ...]


ISSUE = TypeAdapter(IssuePayload)
REPOSITORY = TypeAdapter(RepositoryPayload)
LABELS = TypeAdapter(tuple[LabelPayload, ...])
COMMENT = TypeAdapter(CommentPayload)
COMMENTS = TypeAdapter(tuple[CommentPayload, ...])
ASSIGNEES = TypeAdapter(AssigneesPayload)


def names_of(labels: tuple[LabelPayload | str, ...]) -> tuple[str, ...]:
    named = (one if isinstance(one, str) else one.name for one in labels)
    return tuple(name for name in named if name)


def to_ticket(ref: TicketRef, issue: IssuePayload, site: GitHubSite, *, private: bool) -> Ticket:
    author = issue.user or _GHOST
    return Ticket(
        ref=ref,
        url=site.page(ref),
        title=issue.title,
        body=issue.body or "",
        author=author.login,
        author_is_bot=author.type == "Bot",
        labels=issue.label_names,
        assignees=issue.logins,
        state=issue.state,
        private=private,
        locked=issue.locked,
        created_at=_millis(issue.created_at),
        updated_at=_millis(issue.updated_at),
        version=_version(issue),
    )


def _version(issue: IssuePayload) -> str:
    """GitHub's `updated_at` has whole seconds, so two changes within one look alike; the content tells them apart."""
    told = [
        issue.updated_at.isoformat(),
        issue.title,
        issue.body or "",
        issue.state.value,
        sorted(issue.label_names),
        sorted(issue.logins),
    ]
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()[:_VERSION_DIGITS]


def _millis(moment: AwareDatetime) -> Millis:
    return Millis(int(moment.timestamp() * 1000))
