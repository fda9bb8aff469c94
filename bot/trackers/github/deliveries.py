"""The part of GitHub's webhook payloads that we read.

Tolerant on purpose: GitHub adds fields weekly and its own published examples lack some, so only what decides
something is here and nearly all of it is optional. Names that end up in addresses or records are strict.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.trackers.github.names import is_login, is_project
from bot.trackers.text import LARGEST_EXACT, FreeText, LabelName
from graphs.model import Login


def _project(text: str) -> str:
    if not is_project(text):
        raise ValueError("not of the form owner/repo")
    return text


def _login(login: Login) -> Login:
    if not is_login(login):
        raise ValueError("not the name of an account")
    return login


ProjectName = Annotated[str, AfterValidator(_project)]
LoginName = Annotated[Login, AfterValidator(_login)]


class FromGitHub(BaseModel):
    """Base of everything GitHub tells us: what we do not know we do not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Account(FromGitHub):
    login: LoginName
    type: str = "User"


class _Repository(FromGitHub):
    full_name: ProjectName


class _Label(FromGitHub):
    name: LabelName


class _Comment(FromGitHub):
    body: FreeText | None = None


class _Issue(FromGitHub):
    number: Annotated[int, Field(strict=True, gt=0, lt=LARGEST_EXACT)]
    pull_request: object = None


class _Changes(FromGitHub):
    title: object = None
    body: object = None

    @property
    def touches_text(self) -> bool:
        """Named at all: the old body of an issue without one is null, and some servers say only `true`."""
        return bool({"title", "body"} & self.model_fields_set)


class Envelope(FromGitHub):
    """What every event has in common."""

    action: str | None = None
    repository: _Repository | None = None


class IssueDelivery(Envelope):
    """`issues` and `issue_comment`."""

    issue: _Issue | None = None
    changes: _Changes | None = None
    label: _Label | None = None
    assignee: Account | None = None
    comment: _Comment | None = None
    sender: Account | None = None
