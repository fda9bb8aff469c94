"""The part of Zendesk's answers that we read, and how it becomes a `Ticket`.

Must not do I/O. Tolerant: what does not decide anything may be missing.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from bot.trackers.blanks import with_blanks
from bot.trackers.text import LARGEST_EXACT, FreeText
from bot.trackers.versions import content_version
from bot.trackers.zendesk.site import ZendeskSite
from graphs.model import Login, Millis, Ticket, TicketRef, TicketState

NOBODY: Final = Login("former-user")
_DONE: Final = frozenset({"solved", "closed"})
_HIDDEN: Final = re.compile(r"\n\n<!-- strata:([0-9a-z.]{1,100}) -->\s*$")
_SHOWN: Final = re.compile(r"\[strata:([0-9a-z.]{1,100})\]")

Number = Annotated[int, Field(gt=0, lt=LARGEST_EXACT)]


class FromZendesk(BaseModel):
    """Base of everything Zendesk tells us: what we do not know we do not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Issue(FromZendesk):
    id: Number
    subject: FreeText | None = None
    description: FreeText | None = None
    status: str
    tags: tuple[FreeText, ...] = ()
    assignee: Number | None = Field(default=None, alias="assignee_id")
    requester: Number | None = Field(default=None, alias="requester_id")
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @property
    def labels(self) -> tuple[str, ...]:
        """The tags as our policies write them."""
        return tuple(with_blanks(one) for one in self.tags)

    @property
    def assignees(self) -> tuple[Login, ...]:
        return (Login(str(self.assignee)),) if self.assignee else ()

    @property
    def is_open(self) -> bool:
        return self.status not in _DONE


class _One(FromZendesk):
    ticket: Issue


class Cursor(FromZendesk):
    has_more: bool = False
    after: str | None = Field(default=None, alias="after_cursor")


class Page(FromZendesk):
    """A list that comes with a cursor."""

    meta: Cursor = Cursor()


class Issues(Page):
    tickets: tuple[Issue, ...]


class Comment(FromZendesk):
    id: Number
    body: FreeText = ""
    author: Number | None = Field(default=None, alias="author_id")
    public: bool = False

    @property
    def login(self) -> Login:
        return Login(str(self.author)) if self.author else NOBODY


class Comments(Page):
    comments: tuple[Comment, ...]


class _Tag(FromZendesk):
    name: FreeText


class AllTags(Page):
    tags: tuple[_Tag, ...]


class Tags(FromZendesk):
    tags: tuple[FreeText, ...]


ISSUE: Final = TypeAdapter(_One)
ISSUES: Final = TypeAdapter(Issues)
COMMENTS: Final = TypeAdapter(Comments)
ALL_TAGS: Final = TypeAdapter(AllTags)
TAGS: Final = TypeAdapter(Tags)


def to_ticket(ref: TicketRef, found: Issue, site: ZendeskSite) -> Ticket:
    title, body = found.subject or "", found.description or ""
    return Ticket(
        ref=ref,
        url=site.page(ref),
        title=title,
        body=body,
        author=Login(str(found.requester)) if found.requester else NOBODY,
        author_is_bot=False,
        labels=found.labels,
        assignees=found.assignees,
        state=TicketState.OPEN if found.is_open else TicketState.CLOSED,
        private=True,  # a customer's letter is nobody else's
        locked=False,
        created_at=millis(found.created_at),
        updated_at=millis(found.updated_at),
        version=content_version(found.updated_at, title, body, found.status, found.tags, found.assignees),
    )


def to_note(body: str) -> str:
    """A comment as it is posted: the marker, which a browser would hide elsewhere, is a line that the team sees."""
    return _HIDDEN.sub(lambda found: f"\n\n[strata:{found[1]}]", body)


def plain(body: str) -> str:
    """The other way."""
    return _SHOWN.sub(lambda found: f"<!-- strata:{found[1]} -->", body.replace("\r\n", "\n"))


def millis(moment: AwareDatetime) -> Millis:
    return Millis(int(moment.timestamp() * 1000))
