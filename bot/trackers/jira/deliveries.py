"""The part of Jira's webhook payloads that we read. Tolerant; names that end up in records are strict."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.trackers.jira.names import parts
from bot.trackers.jira.rich_text import Rich
from bot.trackers.jira.vocabulary import Account, FromJira, State
from bot.trackers.text import FreeText

_EVENT = re.compile(r"[a-z_:]{1,60}")


def _key(text: str) -> str:
    if parts(text) is None:
        raise ValueError("not of the form PROJ-12")
    return text


def _event(text: str) -> str:
    if _EVENT.fullmatch(text) is None:
        raise ValueError("not the name of an event of Jira's")
    return text


Key = Annotated[str, AfterValidator(_key)]


class Envelope(FromJira):
    """What every event has in common."""

    event: Annotated[str, AfterValidator(_event)] = Field(alias="webhookEvent")


class _Fields(State):
    assignee: Account | None = None


class _Issue(FromJira):
    key: Key
    fields: _Fields = _Fields()


class Item(FromJira):
    """One changed field. Its values are texts, whatever the field holds."""

    field: str = ""
    before: FreeText | None = Field(default=None, alias="fromString")
    after: FreeText | None = Field(default=None, alias="toString")


class _Changelog(FromJira):
    items: tuple[Item, ...] = ()


class _Comment(FromJira):
    body: Rich = None
    author: Account | None = None


class IssueDelivery(Envelope):
    """`jira:issue_*` and `comment_*`."""

    issue: _Issue
    changelog: _Changelog = _Changelog()
    comment: _Comment | None = None
    user: Account | None = None

    def changed(self, field: str) -> Item | None:
        return next((one for one in self.changelog.items if one.field.casefold() == field), None)
