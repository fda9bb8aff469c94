"""The part of Zendesk's event payloads that we read. Tolerant; names that end up in records are strict."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from bot.trackers.text import FreeText, LabelName
from bot.trackers.zendesk.names import is_number
from bot.trackers.zendesk.payloads import NOBODY, FromZendesk
from graphs.model import Login

_EVENT = re.compile(r"zen:event-type:([a-z_]{1,30}\.[a-z_]{1,60})")


def _as_text(value: object) -> object:
    """Numbers travel as texts in events; both are taken."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _number(text: str) -> str:
    if not is_number(text):
        raise ValueError("not a number")
    return text


def _event(text: str) -> str:
    found = _EVENT.fullmatch(text)
    if found is None:
        raise ValueError("not the name of an event of Zendesk's")
    return found[1]


Number = Annotated[str, BeforeValidator(_as_text), AfterValidator(_number)]


class Envelope(FromZendesk):
    """What every event has in common."""

    type: Annotated[str, AfterValidator(_event)]


class _Detail(FromZendesk):
    id: Number
    assignee_id: Number | None = None
    actor_id: Number | None = None


class _Author(FromZendesk):
    id: Number


class _Comment(FromZendesk):
    body: FreeText = ""
    author: _Author | None = None


class _Happened(FromZendesk):
    current: object = None
    previous: object = None
    tags_added: tuple[LabelName, ...] = ()
    comment: _Comment | None = None


class TicketDelivery(Envelope):
    """Any event of a ticket."""

    detail: _Detail
    event: _Happened = Field(default=_Happened())

    @property
    def actor(self) -> Login:
        return Login(self.detail.actor_id) if self.detail.actor_id else NOBODY

    @property
    def statuses(self) -> tuple[str, str]:
        """Before and after, in small letters; empty where it is no status."""
        before, after = (
            one.lower() if isinstance(one, str) else "" for one in (self.event.previous, self.event.current)
        )
        return before, after
