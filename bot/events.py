"""What a tracker can tell us, in our own words: the meeting point of `bot.intake` and `bot.trackers`.

Owns the frozen events and the sans-I/O contract of a webhook door. Must not verify, parse or store anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Literal, Protocol

from pydantic import Field

from graphs.errors import StrataError
from graphs.model import InstallId, Login, Millis, TicketRef, Value


class Opened(Value):
    """A ticket was filed, reopened or moved here: it wants a triage. Never dropped, whoever did it."""

    what: Literal["opened"] = "opened"
    ref: TicketRef
    action: str


class Edited(Value):
    """Title or body changed: a waiting proposal may be out of date."""

    what: Literal["edited"] = "edited"
    ref: TicketRef


class Gone(Value):
    """Closed, deleted or moved away: a waiting proposal has lost its object."""

    what: Literal["gone"] = "gone"
    ref: TicketRef
    why: str


class TicketField(StrEnum):
    LABEL = "label"
    ASSIGNEE = "assignee"
    COMMENT = "comment"


class FieldSet(Value):
    """A label, assignee or comment was added: ours (an echo of an outbox effect) or a person's."""

    what: Literal["field_set"] = "field_set"
    ref: TicketRef
    field: TicketField
    value: str
    """Label name, login, or the comment's whole body."""
    actor: Login


class Irrelevant(Value):
    """Understood and of no interest; recorded with the reason."""

    what: Literal["irrelevant"] = "irrelevant"
    why: str


Event = Annotated[Opened | Edited | Gone | FieldSet | Irrelevant, Field(discriminator="what")]


class Arrival(Value):
    """One verified delivery."""

    delivery_id: str
    name: str
    """The vendor's name of the event with its action, for example `issues.opened`."""
    project: str | None
    """The container the payload speaks of; the install must cover it. None for events without one (ping)."""
    event: Event
    sent_at: Millis | None = None
    """When it was sent, where the vendor signs that."""


class Change(Value):
    """A ticket that changed, as a list of changes shows it: enough to know whether to look closer."""

    ref: TicketRef
    is_open: bool
    created_at: Millis
    updated_at: Millis


class NotAuthentic(StrataError):
    """The signature is missing or wrong."""


class Malformed(StrataError):
    """Authentic, but not a payload of this vendor; the text says what is missing."""


class WebhookDoor(Protocol):
    """One vendor's webhook format. Pure: no network, no clock, no store."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """Constant time over the raw bytes, each secret tried. Raises `NotAuthentic`.

        `headers` has lower-case names.
        """
        ...

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        """Raises `Malformed` when the vendor's delivery header is absent."""
        ...

    def parse(self, headers: Mapping[str, str], body: bytes, install: InstallId) -> Arrival:
        """Raises `Malformed`; never anything else, whatever the bytes."""
        ...
