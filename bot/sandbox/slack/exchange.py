"""What Slack hands out for a short use: trigger ids (3 s, once) and response addresses (30 min, five times)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.store import Clock

TRIGGER_LIFETIME_S = 3.0
RESPONSE_LIFETIME_S = 30 * 60.0
RESPONSE_USES = 5


@dataclass
class Trigger:
    user: str
    issued_at: float
    view_id: str | None = None
    exchanged: bool = False


class Triggers:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user, self._clock(), view_id)
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Spend the trigger; a refused one stays spent or expired for ever."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.exchanged:
            raise Refusal("exchanged_trigger_id")
        if self._clock() - trigger.issued_at > TRIGGER_LIFETIME_S:
            raise Refusal("expired_trigger_id")
        trigger.exchanged = True
        return trigger


@dataclass
class ResponseUrl:
    channel: str
    user: str
    issued_at: float
    message_ts: str | None
    is_ephemeral: bool
    uses: int = 0


class ResponseUrls:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, message_ts: str | None = None, *, is_ephemeral: bool = False) -> str:
        """The last path segment of a new response address."""
        key = secrets.token_urlsafe(18)
        self._issued[key] = ResponseUrl(channel, user, self._clock(), message_ts, is_ephemeral)
        return key

    def use(self, key: str) -> ResponseUrl:
        target = self._issued.get(key)
        if target is None or self._clock() - target.issued_at > RESPONSE_LIFETIME_S:
            raise Refusal("expired_url")
        if target.uses >= RESPONSE_USES:
            raise Refusal("used_url")
        target.uses += 1
        return target
