"""The part of GitLab's webhook payloads that we read. Tolerant; names that end up in records are strict."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.trackers.gitlab.names import is_project
from bot.trackers.gitlab.payloads import FromGitLab, LoginName
from bot.trackers.text import LARGEST_EXACT, FreeText, LabelName
from graphs.model import Login

_WORD = re.compile(r"[a-z_]{1,40}")


def _project(text: str) -> str:
    if not is_project(text):
        raise ValueError("not of the form group/project")
    return text


def _word(text: str) -> str:
    if _WORD.fullmatch(text) is None:
        raise ValueError("not a word of GitLab's")
    return text


Word = Annotated[str, AfterValidator(_word)]
Iid = Annotated[int, Field(strict=True, gt=0, lt=LARGEST_EXACT)]


class Envelope(FromGitLab):
    """What every event has in common."""

    object_kind: str = ""


class _Project(FromGitLab):
    path_with_namespace: Annotated[str, AfterValidator(_project)]


class _Account(FromGitLab):
    username: LoginName


class _Label(FromGitLab):
    title: LabelName


class _Labels(FromGitLab):
    previous: tuple[_Label, ...] = ()
    current: tuple[_Label, ...] = ()


class _Accounts(FromGitLab):
    previous: tuple[_Account, ...] = ()
    current: tuple[_Account, ...] = ()


class _Changes(FromGitLab):
    title: object = None
    description: object = None
    labels: _Labels = _Labels()
    assignees: _Accounts = _Accounts()

    @property
    def touches_text(self) -> bool:
        return bool({"title", "description"} & self.model_fields_set)

    @property
    def added_labels(self) -> tuple[str, ...]:
        before = {one.title for one in self.labels.previous}
        return tuple(one.title for one in self.labels.current if one.title not in before)

    @property
    def added(self) -> tuple[Login, ...]:
        """Who was assigned."""
        before = {one.username for one in self.assignees.previous}
        return tuple(one.username for one in self.assignees.current if one.username not in before)


class _IssueAttributes(FromGitLab):
    iid: Iid
    action: Word | None = None
    """Missing where the delivery is a test that somebody sent by hand."""
    type: str | None = None


class IssueDelivery(FromGitLab):
    """`Issue Hook` and `Confidential Issue Hook`."""

    project: _Project
    object_attributes: _IssueAttributes
    changes: _Changes = _Changes()
    user: _Account | None = None


class _NoteAttributes(FromGitLab):
    note: FreeText = ""
    noteable_type: str = ""
    action: Word | None = None


class _NotedIssue(FromGitLab):
    iid: Iid


class NoteDelivery(FromGitLab):
    """`Note Hook` and `Confidential Note Hook`."""

    project: _Project
    object_attributes: _NoteAttributes
    issue: _NotedIssue | None = None
    user: _Account | None = None
