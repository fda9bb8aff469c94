"""The part of GitLab's REST answers that we read, and how it becomes a `Ticket`.

Must not do I/O. Tolerant: what does not decide anything may be missing.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from bot.trackers.gitlab.names import is_bot, is_login
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.text import FreeText
from bot.trackers.versions import content_version
from graphs.model import Login, Millis, Ticket, TicketRef, TicketState

TRIAGED_TYPES = frozenset({"issue", "incident"})
"""Work items of other types (tasks, objectives, test cases) are parts of a plan and nobody's news."""
_GHOST = Login("ghost")
"""GitLab's own stand-in for an account that no longer exists."""


def _login(login: Login) -> Login:
    if not is_login(login):
        raise ValueError("not the name of an account")
    return login


LoginName = Annotated[Login, AfterValidator(_login)]


class FromGitLab(BaseModel):
    """Base of everything GitLab tells us: what we do not know we do not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Person(FromGitLab):
    id: Annotated[int, Field(gt=0)]
    username: LoginName


class Project(FromGitLab):
    visibility: str = "private"


class Label(FromGitLab):
    name: FreeText


class Note(FromGitLab):
    id: int
    body: FreeText = ""
    author: Person | None = None
    system: bool = False
    """True for the history that GitLab writes between the comments."""
    internal: bool = False
    confidential: bool = False
    """What `internal` was called before."""


class Issue(FromGitLab):
    iid: Annotated[int, Field(gt=0)]
    title: FreeText
    description: FreeText | None = None
    state: Literal["opened", "closed"]
    labels: tuple[FreeText, ...] = ()
    assignees: tuple[Person, ...] | None = ()
    author: Person | None = None
    confidential: bool = False
    discussion_locked: bool | None = None
    issue_type: str = "issue"
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @property
    def logins(self) -> tuple[Login, ...]:
        return tuple(one.username for one in self.assignees or ())

    @property
    def is_open(self) -> bool:
        return self.state == "opened"


ISSUE = TypeAdapter(Issue)
ISSUES = TypeAdapter(tuple[Issue, ...])
LABELS = TypeAdapter(tuple[Label, ...])
NOTE = TypeAdapter(Note)
NOTES = TypeAdapter(tuple[Note, ...])
PEOPLE = TypeAdapter(tuple[Person, ...])
PROJECT = TypeAdapter(Project)


def to_ticket(ref: TicketRef, issue: Issue, site: GitLabSite, *, private: bool) -> Ticket:
    author = issue.author.username if issue.author else _GHOST
    return Ticket(
        ref=ref,
        url=site.page(ref),
        title=issue.title,
        body=issue.description or "",
        author=author,
        author_is_bot=is_bot(author),
        labels=issue.labels,
        assignees=issue.logins,
        state=TicketState.OPEN if issue.is_open else TicketState.CLOSED,
        private=private,
        locked=bool(issue.discussion_locked),
        created_at=millis(issue.created_at),
        updated_at=millis(issue.updated_at),
        # `updated_at` is not touched by every change of a label.
        version=content_version(
            issue.updated_at, issue.title, issue.description or "", issue.state, issue.labels, issue.logins
        ),
    )


def millis(moment: AwareDatetime) -> Millis:
    return Millis(int(moment.timestamp() * 1000))
