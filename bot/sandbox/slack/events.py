"""Events with Slack's own persistence: up to three retries, the same event id, the reason in a header."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from bot.sandbox.slack import payloads
from bot.sandbox.slack.delivery import Delivery, Kind, Retry
from bot.sandbox.slack.narrow import Json, as_text
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.world import World

RETRY_AFTER_S = (0.0, 60.0, 300.0)
REASONS = {"operation_timeout": "http_timeout", "http_error": "http_error", "connection_failed": "connection_failed"}
HISTORY_OF = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}
HELD = Outcome(acked=False, error="held_back")


@dataclass
class EventSender:
    world: World
    delivery: Delivery
    retry_after_s: tuple[float, ...] = RETRY_AFTER_S
    _held: list[Json] = field(default_factory=list)

    async def send(self, inner: Json) -> Outcome:
        """Deliver one event; while a test reorders events, an early one is held back and reported so."""
        needed = _scope_of(inner)
        if needed and needed not in self.world.workspace.scopes:
            return Outcome(acked=False, error=f"not subscribed: the app lacks {needed}")
        payload = payloads.event(self.world, inner)
        if self.world.faults.events_to_hold:
            return await self._hold(payload)
        return await self._persist(payload)

    async def _hold(self, payload: Json) -> Outcome:
        self._held.append(payload)
        if len(self._held) < self.world.faults.events_to_hold:
            return HELD
        held, self._held = self._held[::-1], []
        self.world.faults.release_events()
        outcomes = [await self._persist(waiting) for waiting in held]
        return outcomes[0]

    async def _persist(self, payload: Json) -> Outcome:
        outcome = await self.delivery.once(Kind.EVENT, payload)
        for number, wait_s in enumerate(self.retry_after_s, start=1):
            if outcome.acked or outcome.error == "no_retry":
                break
            await asyncio.sleep(wait_s)
            reason = REASONS.get(outcome.error, "unknown_error")
            again = await self.delivery.once(Kind.EVENT, payload, Retry(number, reason))
            outcome = replace(again, attempts=number + 1)
        return outcome


def _scope_of(inner: Json) -> str:
    """The scope without which Slack does not offer this event to an app."""
    match inner.get("type"):
        case "app_mention":
            return "app_mentions:read"
        case "message":
            return HISTORY_OF.get(as_text(inner.get("channel_type")), "")
        case _:
            return ""
