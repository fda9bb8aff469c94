"""Says one thing to a model through the vendor's SDK. Implements `graphs.agent.talk.Talker`.

Owns the one retry policy, the deadline and the breaker. A request is tried at most `TRIES` times within its deadline;
the service's own `Retry-After` is honoured where it fits into what is left of it, and where it does not, nobody waits:
the model is left alone for that long, and whoever asks meanwhile is told so at once. Must not look into an answer.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, cast

import anthropic
import httpx2
from anthropic import APIConnectionError, APIStatusError, AsyncAnthropic
from anthropic.types import Message

from bot.limits.rates import Rate, RateLimits
from bot.models import wire
from bot.models.clients import Client
from bot.models.wire import Garbled
from graphs.agent.talk import ModelAway, ModelRejected, Reply, Request
from graphs.errors import RateLimited

if TYPE_CHECKING:
    from anthropic.types import MessageParam

TRIES = 3
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
LEAST_CLOSED_S, MOST_CLOSED_S = 20.0, 900.0
MOST_CHARS = 200_000
"""Of one answer; beyond it somebody is playing with us."""
_SMALL = 20
"""What an event without a text counts."""
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_BUSY = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})
"""Errors that arrive in the middle of an answer carry no status worth looking at."""


class ClaudeTalker:
    def __init__(
        self,
        client: Client,
        limits: RateLimits,
        per_minute: int = 50,
        *,
        clock: Callable[[], float] = time.monotonic,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        self._client = client
        self._limits = limits
        self._per_minute = per_minute
        self._clock = clock
        self._first_wait_s = first_wait_s
        self._closed: dict[str, tuple[float, float]] = {}

    async def say(self, request: Request) -> Reply:
        """Raises `ModelAway`, `ModelRejected`."""
        until = self._clock() + request.deadline_s
        self._may_ask(request.model)
        last: ModelAway | None = None
        broke_off = 0
        for at in range(TRIES):
            try:
                await self._turn(request.model, until)
                reply = await self._once(request, until)
            except ModelAway as error:
                last = error
                broke_off += error.broke_off
            else:
                self._closed.pop(request.model, None)
                return reply.model_copy(update={"broke_off": broke_off}) if broke_off else reply
            wait = max(last.retry_after_s, self._backoff(at))
            if at + 1 == TRIES or self._clock() + wait >= until:
                break
            await asyncio.sleep(wait)
        assert last is not None, "the loop ends by an answer or an error"
        self._close(request.model, last.retry_after_s)
        last.broke_off = broke_off
        raise last

    def _backoff(self, at: int) -> float:
        most: float = min(self._first_wait_s * 2**at, LONGEST_WAIT_S)
        return most * (0.5 + random.random() / 2)  # noqa: S311  # spreads waiting; no secret

    def _may_ask(self, model: str) -> None:
        until, _ = self._closed.get(model, (0.0, 0.0))
        if self._clock() < until:
            raise ModelAway(f"{model} is left alone for now", until - self._clock())

    def _close(self, model: str, asked_s: float) -> None:
        """Twice as long each time in a row, and at least as long as the service asked for."""
        _, before = self._closed.get(model, (0.0, 0.0))
        seconds = min(max(asked_s, 2 * before, LEAST_CLOSED_S), MOST_CLOSED_S)
        self._closed[model] = (self._clock() + seconds, seconds)

    async def _turn(self, model: str, until: float) -> None:
        rate = Rate(f"model:{model}", per_minute=self._per_minute, burst=max(1, self._per_minute // 5))
        while True:
            try:
                return await self._limits.take(rate)
            except RateLimited as error:
                wait = max(error.retry_after_s, 0.05)
                if self._clock() + wait >= until:
                    raise ModelAway("all turns with the model are taken") from None
                await asyncio.sleep(wait)

    async def _once(self, request: Request, until: float) -> Reply:
        try:
            async with asyncio.timeout(max(0.0, until - self._clock())):
                return wire.reply_of(await self._streamed(request))
        except TimeoutError:
            raise ModelAway(f"{request.model} did not answer in time", broke_off=1) from None
        except APIStatusError as error:
            raise status_error(request.model, error) from None
        except (APIConnectionError, httpx2.HTTPError) as error:
            sent = 0 if isinstance(error.__cause__ or error, httpx2.ConnectError | httpx2.ConnectTimeout) else 1
            raise ModelAway(f"{request.model} cannot be reached ({type(error).__name__})", broke_off=sent) from None
        except Exception as error:  # noqa: BLE001  # below
            # The SDK builds its values without looking at them: what a broken server sends fails somewhere inside.
            raise ModelAway(f"{request.model} sent a broken answer ({type(error).__name__})", broke_off=1) from None

    async def _streamed(self, request: Request) -> Message:
        """Streamed, so that a silent server is noticed long before the deadline."""
        client = cast("AsyncAnthropic", self._client)  # the clouds' clients have the same `messages`
        whole, size = False, 0
        async with client.messages.stream(
            model=request.model,
            max_tokens=request.max_tokens,
            system=wire.system_of(request),
            messages=cast("Iterable[MessageParam]", wire.messages_of(request.turns)),
            tools=wire.tools_of(request) or anthropic.omit,
            tool_choice={"type": "none"} if request.tools and not request.may_call else anthropic.omit,
            output_config=wire.output_of(request) or anthropic.omit,
        ) as stream:
            async for event in stream:
                whole = whole or event.type == "message_stop"
                size += _SMALL + sum(len(str(getattr(event, one, ""))) for one in ("text", "partial_json", "thinking"))
                if size > MOST_CHARS:
                    raise Garbled("the answer does not end")
            if not whole:
                raise Garbled("the answer ended early")
            return await stream.get_final_message()


def status_error(model: str, error: APIStatusError) -> ModelAway | ModelRejected:
    """Says the status and the kind, never the service's own words: they may repeat what was sent."""
    kind = str(error.type or "")[:60]
    if error.status_code in _AGAIN or kind in _BUSY:
        # A refusal costs nothing; an error in the middle of an answer comes under 200, after the request was read.
        begun = error.response.status_code == httpx2.codes.OK
        return ModelAway(f"{model}: {error.status_code} {kind}".rstrip(), _retry_after(error), broke_off=int(begun))
    return ModelRejected(f"{model}: {error.status_code} {kind}".rstrip())


def _retry_after(error: APIStatusError) -> float:
    try:
        seconds = float(error.response.headers.get("retry-after", "0"))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0
