"""Who decides, and what they decided."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from graphs.model.base import LayerId, Millis, ProposalId, SlackUserId, Value


class RejectReason(StrEnum):
    WRONG_LAYER = "wrong_layer"
    WRONG_OWNER = "wrong_owner"
    WRONG_KIND = "wrong_kind"
    NOT_A_TICKET = "not_a_ticket"
    DUPLICATE = "duplicate"
    NOT_NOW = "not_now"
    OTHER = "other"


class Actor(Value):
    """A person in Slack, as Slack's signed payload and its directory describe them."""

    user: SlackUserId
    team: str
    is_bot: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    """From another workspace through a shared channel."""
    is_deactivated: bool = False
    is_known: bool = True
    """False until Slack's directory answered: an unknown person may do nothing."""


class Approved(Value):
    status: Literal["approved"] = "approved"
    by: SlackUserId
    at: Millis


class Edited(Value):
    """Replaced by another proposal that the editor approved by submitting it."""

    status: Literal["edited"] = "edited"
    by: SlackUserId
    at: Millis
    proposal: ProposalId
    note: str = ""
    """Why, in the editor's words."""


class Rejected(Value):
    status: Literal["rejected"] = "rejected"
    by: SlackUserId
    at: Millis
    reason: RejectReason
    note: str = ""
    layer: LayerId | None = None
    """The right layer, where the person named it."""


class Expired(Value):
    """Nobody decided in time: that is a no."""

    status: Literal["expired"] = "expired"
    at: Millis


class Withdrawn(Value):
    """Taken back by the bot, because the ticket was closed, moved or triaged anew."""

    status: Literal["withdrawn"] = "withdrawn"
    at: Millis
    why: str


Decision = Annotated[Approved | Edited | Rejected | Expired | Withdrawn, Field(discriminator="status")]
