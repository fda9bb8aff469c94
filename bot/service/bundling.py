"""A sweep never floods the channel: only so many of its cards wait at once, and one message says how far it is.

Owns that number, the message and its wording. A ticket whose card would be one too many goes back into its line, and
this process leaves the line alone for a while. The message is posted once, found again by its metadata, and updated in
place until nothing of the sweep is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.crash import reached
from bot.record.record import Record, Transaction
from bot.service.desk import Desk
from bot.slack.blocks import answers
from bot.slack.ids import CARD_EVENT
from bot.tasks import Claimed, TellSweep
from bot.work.worker import TryAgain
from graphs.model import TriageId

SWEPT = "swept from the backlog"
"""Why such a triage began; by this it is told from others while it lives."""
KIND = "sweep_ticket"
LOOK_AGAIN_S = 30.0
SOON_MS, AGAIN_MS = 5_000, 60_000
"""Before the message is posted, so that the first cards stand above it; and between two looks at it."""


class Bundle:
    """How many cards of a sweep may wait for a decision at once."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._full_until = 0.0

    def held(self) -> frozenset[str]:
        """Kinds of jobs that this process leaves alone for now."""
        return frozenset({KIND}) if self._clock() < self._full_until else frozenset()

    async def room(self, tx: Transaction) -> None:
        """Raises `TryAgain` where there is none. Two processes that look at once may each take the last place."""
        if await tx.triages.waiting_because(SWEPT) < self._most:
            return
        self._full_until = self._clock() + LOOK_AGAIN_S
        raise TryAgain(f"{self._most} cards of the sweep wait for a decision", LOOK_AGAIN_S, penalty=False)


async def tell_soon(tx: Transaction) -> None:
    """Once for each sweep that is under way; the message's job keeps itself going."""
    if not await tx.operating.unfinished("tell_sweep"):
        await tx.jobs.add(TellSweep(began=await tx.now()), delay_ms=SOON_MS)


class SweepMessage:
    def __init__(self, record: Record, desk: Desk, channel: str) -> None:
        self._record = record
        self._desk = desk
        self._channel = channel
        self._shown: dict[TriageId, tuple[str, str]] = {}
        """Timestamp and text of what this process has shown."""

    async def tell(self, job: Claimed) -> None:
        assert isinstance(job.task, TellSweep)
        async with self._record.read() as tx:
            queued = await tx.operating.unfinished(KIND)
            waiting = await tx.triages.waiting_because(SWEPT)
        now = counted(job.task, queued + waiting)
        await self._show(_name(now), words(now, waiting))
        async with self._record.begin(job) as tx:
            if now.left:
                await tx.jobs.add(now, delay_ms=AGAIN_MS)
            await tx.jobs.finish(job)

    async def _show(self, name: TriageId, text: str) -> None:
        ts, shown = self._shown.get(name, ("", ""))
        if shown == text:
            return
        said = answers.said(text)
        event = {"event_type": CARD_EVENT, "event_payload": {"triage": name, "proposal": ""}}
        message = said.model_copy(update={"metadata": event})
        found = ts or await self._desk.find(self._channel, name)
        if found is None:
            found = await self._desk.post(self._channel, message)
            reached("notice.sent")
        else:
            await self._desk.update(self._channel, found, message)
        self._shown[name] = (found, text)


def counted(before: TellSweep, left: int) -> TellSweep:
    """What came in since the last look makes the whole larger; what is gone is done."""
    return before.model_copy(update={"whole": before.whole + max(0, left - before.left), "left": left})


def words(now: TellSweep, waiting: int) -> str:
    done = now.whole - now.left
    if not now.left:
        return f"The sweep of the backlog is done: {now.whole} tickets."
    behind = now.left - waiting
    more = f" {behind} more come as these are decided." if behind > 0 else ""
    return f"Sweep of the backlog: {done} of {now.whole} tickets done, {waiting} wait for you in this channel.{more}"


def _name(task: TellSweep) -> TriageId:
    return TriageId(f"sweep-{task.began}")
