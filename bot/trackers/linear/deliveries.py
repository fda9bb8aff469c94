"""The part of Linear's webhook payloads that we read. Tolerant; names that end up in records are strict.

What is not there is not guessed at: a delivery that leaves out a state or a label leads to nothing, and looking finds
the rest.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator, Field

from bot.trackers.linear.payloads import CLOSED_STATES, FromLinear, Id, Identifier
from bot.trackers.text import LARGEST_EXACT, FreeText, LabelName
from graphs.model import Login

_WORD = re.compile(r"[A-Za-z_]{1,40}")
_PROFILE = re.compile(r"https?://[^/?#\s]+/[^/?#\s]+/profiles/([^/?#\s]{1,120})")
_UNKNOWN = Login("unknown")
_TEXT = frozenset({"title", "description"})
_ENDS = ("completedAt", "canceledAt", "archivedAt")
"""Empty while an issue is open."""


def _word(text: str) -> str:
    if _WORD.fullmatch(text) is None:
        raise ValueError("not a word of Linear's")
    return text


def _or_empty(told: object) -> object:
    return {} if told is None else told


Word = Annotated[str, AfterValidator(_word)]
Moment = Annotated[int, Field(strict=True, ge=0, lt=LARGEST_EXACT)]


class Envelope(FromLinear):
    """What every event has in common."""

    type: Word
    action: Word
    sent_at: Annotated[Moment, Field(alias="webhookTimestamp")]
    """Milliseconds since 1970, and signed with the rest."""


class _Account(FromLinear):
    """A person as a delivery shows one: without the display name, but with a profile whose address ends in it."""

    name: LabelName = _UNKNOWN
    display_name: Annotated[LabelName | None, Field(alias="displayName")] = None
    url: str | None = None

    @property
    def login(self) -> Login:
        found = _PROFILE.fullmatch(self.url or "")
        return Login(self.display_name or (found and unquote(found[1], errors="replace")) or self.name)


class _Label(FromLinear):
    id: Id
    name: LabelName


class _State(FromLinear):
    type: str = ""


class _Issue(FromLinear):
    identifier: Identifier
    title: FreeText = ""
    description: FreeText | None = None
    state: _State = _State()
    labels: tuple[_Label, ...] = ()
    assignee_id: Annotated[str | None, Field(alias="assigneeId")] = None
    assignee: _Account | None = None
    team_id: Annotated[str | None, Field(alias="teamId")] = None
    completed_at: Annotated[str | None, Field(alias="completedAt")] = None
    canceled_at: Annotated[str | None, Field(alias="canceledAt")] = None
    archived_at: Annotated[str | None, Field(alias="archivedAt")] = None
    trashed: bool | None = None


class IssueDelivery(FromLinear):
    """`type: Issue`. `updated_from` holds the old values of what changed, under the names that `data` uses."""

    data: _Issue
    actor: _Account | None = None
    updated_from: Annotated[dict[str, object], BeforeValidator(_or_empty), Field(alias="updatedFrom")] = Field(
        default_factory=dict
    )

    @property
    def by(self) -> Login:
        return self.actor.login if self.actor else _UNKNOWN

    @property
    def touches_text(self) -> bool:
        now = {"title": self.data.title, "description": self.data.description}
        return any(name in self.updated_from and self.updated_from[name] != now[name] for name in _TEXT)

    @property
    def was_moved(self) -> bool:
        return "teamId" in self.updated_from and self.updated_from["teamId"] != self.data.team_id

    @property
    def has_ended(self) -> bool:
        """Closed or archived now, and open before."""
        is_over = self.data.state.type in CLOSED_STATES or bool(self.data.archived_at or self.data.trashed)
        return is_over and self._told_of_end and not self._was_over

    @property
    def has_begun_again(self) -> bool:
        is_open = bool(self.data.state.type) and self.data.state.type not in CLOSED_STATES
        return is_open and not self.data.archived_at and not self.data.trashed and self._was_over

    @property
    def added_labels(self) -> tuple[str, ...]:
        before = self._labels_before
        return () if before is None else tuple(one.name for one in self.data.labels if one.id not in before)

    @property
    def new_assignee(self) -> Login | None:
        changed = "assigneeId" in self.updated_from and self.updated_from["assigneeId"] != self.data.assignee_id
        return self.data.assignee.login if changed and self.data.assignee and self.data.assignee_id else None

    @property
    def _told_of_end(self) -> bool:
        return any(name in self.updated_from for name in (*_ENDS, "stateId", "trashed"))

    @property
    def _was_over(self) -> bool:
        return any(self.updated_from.get(name) for name in (*_ENDS, "trashed"))

    @property
    def _labels_before(self) -> frozenset[str] | None:
        """Ids, told as such or as labels; None where labels did not change."""
        ids = self.updated_from.get("labelIds")
        if isinstance(ids, list):
            return frozenset(one for one in ids if isinstance(one, str))
        told = self.updated_from.get("labels")
        if not isinstance(told, list):
            return None
        return frozenset(str(one["id"]) for one in told if isinstance(one, dict) and "id" in one)


class _Commented(FromLinear):
    identifier: Identifier


class _Comment(FromLinear):
    body: FreeText = ""
    issue: _Commented | None = None


class CommentDelivery(FromLinear):
    """`type: Comment`. Comments are on other things than issues too."""

    data: _Comment
    actor: _Account | None = None

    @property
    def by(self) -> Login:
        return self.actor.login if self.actor else _UNKNOWN
