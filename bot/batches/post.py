"""Sends questions in batches and waits for them. What is sent is written down first, so that nothing is sent twice.

Owns patience: the service may be away, the command may be stopped at any moment and started again. A batch whose
sending was cut off is looked for by its size and time before it is sent again; one that turns out to hold none of our
questions was somebody else's. Must not know what a question is about.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bot.batches.state import Sent, StateFile
from bot.service.watching import in_words
from graphs.agent.batching import Batches, Missed, Question
from graphs.agent.talk import ModelAway, Reply
from graphs.model import Millis

MOST_IN_ONE = 1_000
"""Questions of one batch: about 20 MB. The service takes a hundred times as many; smaller ones end one by one."""
TELL_EVERY_S = 120.0
SKEW_MS = 10 * 60_000
"""How far the service's clock and ours may be apart."""

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """Seconds."""

    poll_s: float = 10.0
    poll_most_s: float = 60.0
    tries: int = 10
    """In a row, while the service is away."""


PACE = Pace()


class Post:
    def __init__(
        self,
        batches: Batches,
        state: StateFile,
        tell: Callable[[str], None],
        spent: Callable[[], float],
        pace: Pace,
    ) -> None:
        """`spent`: US dollars so far, for what is told."""
        self._batches = batches
        self._state = state
        self._tell = tell
        self._spent = spent
        self._pace = pace
        self._over: set[str] = set()
        self._told, self._told_at = "", 0.0

    @property
    def is_open(self) -> bool:
        """Whether a batch is still to be found, sent again or read."""
        return any(not one.id or one.id not in self._over for one in self._state.held.sent)

    async def send(self, questions: Sequence[Question]) -> None:
        """Those that were not sent before. Raises `ModelAway`, `ModelRejected`, `BadState`."""
        by_name = {one.id: one for one in questions}
        for at, sent in reversed(tuple(enumerate(self._state.held.sent))):
            if not sent.id:
                await self._resend(at, [by_name[name] for name in sent.past if name in by_name])
        new = [one for name, one in by_name.items() if name not in self._state.asked]
        for start in range(0, len(new), MOST_IN_ONE):
            chunk = new[start : start + MOST_IN_ONE]
            self._state.add(Sent(at=_now(), past={one.id: one.past for one in chunk}))
            await self._send(len(self._state.held.sent) - 1, chunk)

    async def _resend(self, at: int, questions: Sequence[Question]) -> None:
        sent = self._state.held.sent[at]
        if (found := await self._patiently(lambda: self._look_for(sent))) is not None:
            self._state.change(at, id=found)
        elif questions:
            self._state.change(at, at=_now(), past={one.id: one.past for one in questions})
            await self._send(at, questions)
        else:
            self._state.drop(at)

    async def _send(self, at: int, questions: Sequence[Question]) -> None:
        tried = False

        async def once() -> str:
            nonlocal tried
            found = await self._look_for(self._state.held.sent[at]) if tried else None
            tried = True
            return found or await self._batches.send([(one.id, one.request) for one in questions])

        batch = await self._patiently(once)
        self._state.change(at, id=batch)
        self._tell(f"{len(questions)} tickets sent as batch {batch}")

    async def _look_for(self, sent: Sent) -> str | None:
        """A batch that the service has although nobody was told."""
        known = {one.id for one in self._state.held.sent} | set(sent.strangers)
        there = await self._batches.sent_since(Millis(sent.at - SKEW_MS), len(sent.past))
        return next((one for one in there if one not in known), None)

    async def answers(self) -> AsyncIterator[tuple[str, Mapping[str, Reply | Missed]]]:
        """Each batch with what became of its questions, as it ends. Raises `ModelAway`, `ModelRejected`."""
        began, wait = time.monotonic(), self._pace.poll_s
        waiting = {at: one for at, one in enumerate(self._state.held.sent) if one.id and one.id not in self._over}
        whole = sum(len(one.past) for one in waiting.values())
        while waiting:
            latest = Millis(0)
            for at, sent in tuple(waiting.items()):
                standing = await self._patiently(partial(self._batches.look, sent.id))
                latest = max(latest, standing.expires_at or latest_of(sent))
                if standing.ended:
                    del waiting[at]
                    self._over.add(sent.id)
                    yield sent.id, await self._read(at, sent)
            if waiting:
                done = whole - sum(len(one.past) for one in waiting.values())
                self._far(f"{done} of {whole} tickets are back", _rest(done, whole, time.monotonic() - began, latest))
                await asyncio.sleep(wait)
                wait = min(wait * 1.5, self._pace.poll_most_s)

    def _far(self, done: str, rest: str) -> None:
        """Every few minutes, and at once when something came back."""
        now = time.monotonic()
        if done != self._told or now - self._told_at > TELL_EVERY_S:
            self._told, self._told_at = done, now
            self._tell(f"{done}, ${self._spent():.4f} so far; {rest}")

    async def _read(self, at: int, sent: Sent) -> Mapping[str, Reply | Missed]:
        found = await self._patiently(partial(self._batches.read, sent.id))
        if sent.past and not set(found) & set(sent.past):
            self._state.change(at, id="", strangers=(*sent.strangers, sent.id))
            self._tell(f"batch {sent.id} is somebody else's: it is left alone")
            return {}
        return {name: found.get(name, Missed.LOST) for name in sent.past}

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        wait = self._pace.poll_s
        for at in range(self._pace.tries):
            try:
                return await ask()
            except ModelAway as error:
                if at + 1 == self._pace.tries:
                    raise
                pause = min(max(wait, error.retry_after_s), 10 * self._pace.poll_most_s)
                self._tell(f"{error}; trying again in {in_words(pause)}")
                await asyncio.sleep(pause)
                wait = min(2 * wait, self._pace.poll_most_s)
        raise AssertionError("the loop ends by an answer or an error")


def latest_of(sent: Sent) -> Millis:
    """When a batch is over at the latest, where the service does not say: a day after it was sent."""
    return Millis(sent.at + 24 * 3_600_000)


def _rest(done: int, whole: int, seconds: float, latest: Millis) -> str:
    """Nothing is known of a batch before it ends."""
    if done:
        return f"about {in_words((whole - done) * seconds / done)} left"
    most = max(0.0, latest / 1000 - time.time())
    return f"most batches take less than an hour, this one {in_words(most)} more at most"


def _now() -> Millis:
    return Millis(int(time.time() * 1000))
