"""The part of Jira's REST answers that we read, and how it becomes a `Ticket`.

Must not do I/O. Tolerant: what does not decide anything may be missing.
"""

from __future__ import annotations

from typing import Final

from pydantic import AwareDatetime, Field, JsonValue, TypeAdapter

from bot.trackers.blanks import with_blanks
from bot.trackers.jira.rich_text import Rich, plain
from bot.trackers.jira.site import JiraSite
from bot.trackers.jira.vocabulary import NOBODY, Account, FromJira, State
from bot.trackers.text import FreeText
from bot.trackers.versions import content_version
from graphs.model import Login, Millis, Ticket, TicketRef, TicketState

FIELDS: Final = "summary,description,status,issuetype,labels,assignee,reporter,creator,created,updated,security"


class Fields(State):
    summary: FreeText
    description: Rich = None
    labels: tuple[FreeText, ...] = ()
    assignee: Account | None = None
    reporter: Account | None = None
    creator: Account | None = None
    created: AwareDatetime
    updated: AwareDatetime
    security: JsonValue = None
    """The issue's security level: who may see it beside the project's own rules."""

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as our policies write them."""
        return tuple(with_blanks(one) for one in self.labels)

    @property
    def assignees(self) -> tuple[Login, ...]:
        return (self.assignee.login,) if self.assignee else ()


class Issue(FromJira):
    key: str
    fields: Fields


class Listed(State):
    """An issue in a list of changes."""

    created: AwareDatetime
    updated: AwareDatetime


class Labelled(FromJira):
    labels: tuple[FreeText, ...] = ()


class Visibility(FromJira):
    value: str = ""


class Comment(FromJira):
    id: str
    body: Rich = None
    author: Account | None = None
    visibility: Visibility | None = None
    """Shown to one role or group only."""
    public: bool = Field(default=True, alias="jsdPublic")
    """False for an internal note of a service project."""

    @property
    def is_shown(self) -> bool:
        return self.public and self.visibility is None

    @property
    def login(self) -> Login:
        return self.author.login if self.author else NOBODY


class Comments(FromJira):
    comments: tuple[Comment, ...]
    total: int = 0


ISSUE: Final = TypeAdapter(Issue)
COMMENT: Final = TypeAdapter(Comment)
COMMENTS: Final = TypeAdapter(Comments)


def to_ticket(ref: TicketRef, fields: Fields, site: JiraSite, *, private: bool) -> Ticket:
    author = fields.reporter or fields.creator
    body, state = plain(fields.description), TicketState.OPEN if fields.is_open else TicketState.CLOSED
    return Ticket(
        ref=ref,
        url=site.page(ref),
        title=fields.summary,
        body=body,
        author=author.login if author else NOBODY,
        author_is_bot=author is not None and author.is_bot,
        labels=fields.names,
        assignees=fields.assignees,
        state=state,
        private=private,
        locked=False,
        created_at=millis(fields.created),
        updated_at=millis(fields.updated),
        # On servers `updated` is as coarse as a second.
        version=content_version(fields.updated, fields.summary, body, state, fields.labels, fields.assignees),
    )


def millis(moment: AwareDatetime) -> Millis:
    return Millis(int(moment.timestamp() * 1000))
