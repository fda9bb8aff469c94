"""What Slack answers to our own calls, as frozen values.

The counterpart of `payloads`: the same tolerance, the same single error, no I/O.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, ValidationError

from bot.slack.ids import CARD_EVENT
from bot.slack.payloads import Home
from bot.slack.shapes import Shape, parsed
from graphs.model import ProposalId, SlackUserId, TriageId, Value


class Me(Value):
    """auth.test: who the bot is and where it lives."""

    home: Home
    user: SlackUserId
    bot: str | None


class Profile(Value):
    """users.info: what the directory says about a person."""

    user: SlackUserId
    team: str | None
    enterprise: str | None
    is_bot: bool
    is_guest: bool
    is_stranger: bool
    is_deactivated: bool

    def belongs_to(self, home: Home) -> bool:
        """A member of our workspace, or of a sister workspace of our organisation; never a stranger."""
        same_org = home.enterprise is not None and self.enterprise == home.enterprise
        return not self.is_stranger and (self.team == home.team or same_org)


class Posted(Value):
    """chat.postMessage or chat.update: where a message is."""

    channel: str
    ts: str


class FoundCard(Value):
    """A card of ours in a channel's history, recognised by its metadata. A hint, never an authority."""

    ts: str
    triage: TriageId
    proposal: ProposalId
    bot: str | None


class ChannelFacts(Value):
    """conversations.info: what matters before a card is posted."""

    id: str
    is_private: bool
    is_shared_outside: bool
    is_archived: bool
    is_member: bool


def parse_me(reply: object) -> Me:
    raw = parsed(_RawMe, reply, "auth.test")
    home = Home(team=raw.team_id, enterprise=raw.enterprise_id)
    return Me(home=home, user=SlackUserId(raw.user_id), bot=raw.bot_id)


def parse_profile(reply: object) -> Profile:
    raw = parsed(_RawProfile, reply, "users.info").user
    return Profile(
        user=SlackUserId(raw.id),
        team=raw.team_id,
        enterprise=raw.enterprise_user.enterprise_id if raw.enterprise_user else None,
        is_bot=raw.is_bot or raw.is_workflow_bot or raw.id == "USLACKBOT",
        is_guest=raw.is_restricted or raw.is_ultra_restricted,
        is_stranger=raw.is_stranger,
        is_deactivated=raw.deleted,
    )


def parse_posted(reply: object) -> Posted:
    raw = parsed(_RawPosted, reply, "chat.postMessage")
    return Posted(channel=raw.channel, ts=raw.ts)


def parse_channel(reply: object) -> ChannelFacts:
    raw = parsed(_RawChannel, reply, "conversations.info").channel
    return ChannelFacts(
        id=raw.id,
        is_private=raw.is_private,
        is_shared_outside=raw.is_ext_shared or raw.is_pending_ext_shared,
        is_archived=raw.is_archived,
        is_member=raw.is_member,
    )


def parse_cards(reply: object) -> tuple[FoundCard, ...]:
    """Our cards among the messages of a history page; everything else is passed over."""
    raw = parsed(_RawHistory, reply, "conversations.history")
    found: list[FoundCard] = []
    for message in raw.messages:
        try:
            card = _RawCard.model_validate(message)
        except ValidationError:
            continue  # somebody else's message
        if card.metadata.event_type == CARD_EVENT:
            payload = card.metadata.event_payload
            ids = {"triage": TriageId(payload.triage), "proposal": ProposalId(payload.proposal)}
            found.append(FoundCard(ts=card.ts, bot=card.bot_id, **ids))
    return tuple(found)


def next_cursor(reply: object) -> str | None:
    """Where the next page of a history starts; None on the last one."""
    return parsed(_RawHistory, reply, "conversations.history").response_metadata.next_cursor or None


def _yes(value: object) -> object:
    return False if value is None else value


_Flag = Annotated[bool, BeforeValidator(_yes)]


class _RawMe(Shape):
    team_id: str
    enterprise_id: str | None = None
    user_id: str
    bot_id: str | None = None


class _RawOrg(Shape):
    enterprise_id: str | None = None


class _RawUser(Shape):
    id: str
    team_id: str | None = None
    enterprise_user: _RawOrg | None = None
    is_bot: _Flag = False
    is_workflow_bot: _Flag = False
    is_restricted: _Flag = False
    is_ultra_restricted: _Flag = False
    is_stranger: _Flag = False
    deleted: _Flag = False


class _RawProfile(Shape):
    user: _RawUser


class _RawPosted(Shape):
    channel: str
    ts: str


class _RawFacts(Shape):
    id: str
    is_private: _Flag = False
    is_ext_shared: _Flag = False
    is_pending_ext_shared: _Flag = False
    is_archived: _Flag = False
    is_member: _Flag = False


class _RawChannel(Shape):
    channel: _RawFacts


class _RawCardIds(Shape):
    triage: str
    proposal: str


class _RawMetadata(Shape):
    event_type: str
    event_payload: _RawCardIds


class _RawCard(Shape):
    ts: str
    bot_id: str | None = None
    metadata: _RawMetadata


class _RawCursor(Shape):
    next_cursor: str = ""


class _RawHistory(Shape):
    messages: tuple[object, ...]
    response_metadata: Annotated[_RawCursor, BeforeValidator(lambda value: value or {})] = _RawCursor()
