"""The things of Linear's that we read, and how an issue becomes a `Ticket`; whole answers are in `answers`.

Must not do I/O. Tolerant: what does not decide anything may be missing.
"""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from bot.trackers.linear.names import is_id, parts
from bot.trackers.linear.site import LinearSite
from bot.trackers.text import FreeText
from bot.trackers.versions import content_version
from graphs.model import Login, Millis, Ticket, TicketRef, TicketState

CLOSED_STATES = frozenset({"completed", "canceled", "duplicate"})
"""Types of workflow states; a team names its states as it likes, their types are Linear's."""
_NOBODY = Login("somebody-outside")
"""Who wrote through a form, a mail or an integration that names no person."""


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError("not an id of Linear's")
    return text


def _identifier(text: str) -> str:
    if parts(text) is None:
        raise ValueError("not the identifier of an issue")
    return text


Id = Annotated[str, AfterValidator(_id)]
Identifier = Annotated[str, AfterValidator(_identifier)]


class FromLinear(BaseModel):
    """Base of everything Linear tells us: what we do not know we do not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Person(FromLinear):
    id: Id
    display_name: Annotated[FreeText, Field(alias="displayName")]
    app: bool = False
    active: bool = True
    is_assignable: Annotated[bool, Field(alias="isAssignable")] = True

    @property
    def login(self) -> Login:
        return Login(self.display_name)


class _Bot(FromLinear):
    name: FreeText | None = None


class _Outsider(FromLinear):
    display_name: Annotated[FreeText, Field(alias="displayName")]


class _State(FromLinear):
    type: str


class _Team(FromLinear):
    key: str
    visibility: str = "private"


class PageInfo(FromLinear):
    has_next_page: Annotated[bool, Field(alias="hasNextPage")] = False
    end_cursor: Annotated[str | None, Field(alias="endCursor")] = None


Node = TypeVar("Node")


class Page(FromLinear, Generic[Node]):
    """Part of a list, and where the rest begins."""

    nodes: tuple[Node, ...]
    page_info: Annotated[PageInfo, Field(alias="pageInfo")] = PageInfo()

    @property
    def next(self) -> str | None:
        return self.page_info.end_cursor if self.page_info.has_next_page else None


class IssueLabel(FromLinear):
    id: Id
    name: FreeText


class _LabelTeam(FromLinear):
    id: Id
    key: str


class ProjectLabel(IssueLabel):
    """A label that may be put on issues of `team`, or of every team where it has none."""

    is_group: Annotated[bool, Field(alias="isGroup")] = False
    """A heading over labels; issues cannot have it."""
    team: _LabelTeam | None = None


class Team(FromLinear):
    id: Id
    key: str


class Listed(FromLinear):
    """An issue as a list shows it."""

    identifier: Identifier
    created_at: Annotated[AwareDatetime, Field(alias="createdAt")]
    updated_at: Annotated[AwareDatetime, Field(alias="updatedAt")]
    archived_at: Annotated[AwareDatetime | None, Field(alias="archivedAt")] = None
    trashed: bool | None = None
    state: _State

    @property
    def is_open(self) -> bool:
        return self.archived_at is None and not self.trashed and self.state.type not in CLOSED_STATES


class Issue(Listed):
    id: Id
    title: FreeText
    description: FreeText | None = None
    url: str = ""
    team: _Team
    assignee: Person | None = None
    creator: Person | None = None
    bot_actor: Annotated[_Bot | None, Field(alias="botActor")] = None
    labels: Page[IssueLabel]

    @property
    def author(self) -> Login:
        if self.creator is not None:
            return self.creator.login
        return Login((self.bot_actor and self.bot_actor.name) or _NOBODY)

    @property
    def author_is_bot(self) -> bool:
        return self.creator.app if self.creator is not None else self.bot_actor is not None


class Comment(FromLinear):
    id: Id
    body: FreeText = ""
    created_at: Annotated[AwareDatetime, Field(alias="createdAt")]
    user: Person | None = None
    bot_actor: Annotated[_Bot | None, Field(alias="botActor")] = None
    external_user: Annotated[_Outsider | None, Field(alias="externalUser")] = None

    @property
    def author(self) -> Login:
        if self.user is not None:
            return self.user.login
        if self.external_user is not None:
            return Login(self.external_user.display_name)
        return Login((self.bot_actor and self.bot_actor.name) or _NOBODY)


def to_ticket(ref: TicketRef, issue: Issue, site: LinearSite) -> Ticket:
    labels = tuple(one.name for one in issue.labels.nodes)
    assignees = (issue.assignee.login,) if issue.assignee else ()
    state = TicketState.OPEN if issue.is_open else TicketState.CLOSED
    body = issue.description or ""
    return Ticket(
        ref=ref,
        url=site.page(issue.identifier, issue.url),
        title=issue.title,
        body=body,
        author=issue.author,
        author_is_bot=issue.author_is_bot,
        labels=labels,
        assignees=assignees,
        state=state,
        private=issue.team.visibility != "public",
        locked=False,
        created_at=millis(issue.created_at),
        updated_at=millis(issue.updated_at),
        version=content_version(issue.updated_at, issue.title, body, state, labels, assignees),
    )


def millis(moment: AwareDatetime) -> Millis:
    return Millis(int(moment.timestamp() * 1000))
