"""Chores of the whole installation, done by one process at a time: the leader, by a lease in the record.

Leadership only spares work. A chore must be harmless when two leaders run it at once, as they do for a moment after one
of them slept beyond its lease.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import structlog

from bot.record.record import Record
from bot.work.running import wait_for
from graphs.errors import Outage

log = structlog.get_logger(__name__)

LEASE = "scheduler"
LEASE_S = 15.0


@dataclass(frozen=True)
class Chore:
    """Something to do every `every_s` seconds, the first time soon after somebody became leader."""

    name: str
    every_s: float
    do: Callable[[], Awaitable[object]]
    """What it returns is logged."""


class Scheduler:
    """Leads when nobody else does, and then does what is due."""

    def __init__(self, record: Record, chores: tuple[Chore, ...], lease_s: float = LEASE_S) -> None:
        self._record = record
        self._chores = chores
        self._lease_s = lease_s
        self._owner = f"{socket.gethostname()[:32]}:{os.getpid()}:{uuid4().hex[:8]}"
        self._stopping = asyncio.Event()
        self._next: dict[str, float] = {}
        self.leads = False

    async def run(self) -> None:
        try:
            while not self._stopping.is_set():
                await self._turn()
                await wait_for(self._stopping, self._lease_s / 3)
        finally:
            await self._step_down()

    def stop(self) -> None:
        self._stopping.set()

    async def _turn(self) -> None:
        """Takes or renews the leadership, then does what is due."""
        try:
            async with self._record.begin() as tx:
                fence = await tx.leases.take(LEASE, self._owner, int(self._lease_s * 1000))
        except Outage as error:
            log.warning("leadership cannot be asked for", why=str(error))
            self.leads = False
            return
        if (fence is not None) != self.leads:
            self.leads = fence is not None
            log.info("leading" if self.leads else "not leading any more", owner=self._owner)
        if self.leads:
            await self._due()

    async def _due(self) -> None:
        for chore in self._chores:
            if self._stopping.is_set():
                return
            if self._next.get(chore.name, 0.0) > time.monotonic():
                continue
            self._next[chore.name] = time.monotonic() + chore.every_s
            await self._do(chore)

    async def _do(self, chore: Chore) -> None:
        """A chore that fails is tried again at its next turn; the others go on."""
        doing = asyncio.ensure_future(chore.do())
        stopped = asyncio.ensure_future(self._stopping.wait())
        keeping = asyncio.ensure_future(self._keep_leading())
        try:
            await asyncio.wait({doing, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                doing.cancel()  # chores work in small committed steps: the next leader goes on
            log.info("chore done", chore=chore.name, result=repr(await doing)[:300])
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise
        except Exception as error:  # noqa: BLE001  # one chore must not end the others
            log.warning("chore failed", chore=chore.name, error=repr(error)[:300])
        finally:
            for task in (doing, stopped, keeping):
                task.cancel()
            # A transaction that is being undone needs a moment: nobody may close the record before.
            await asyncio.gather(doing, stopped, keeping, return_exceptions=True)

    async def _keep_leading(self) -> None:
        """Renews the lease while a long chore runs."""
        while True:
            await asyncio.sleep(self._lease_s / 3)
            try:
                async with self._record.begin() as tx:
                    await tx.leases.take(LEASE, self._owner, int(self._lease_s * 1000))
            except Outage as error:
                log.warning("leadership cannot be renewed", why=str(error))

    async def _step_down(self) -> None:
        """The next leader need not wait for the lease to run out."""
        if not self.leads:
            return
        try:
            async with self._record.begin() as tx:
                await tx.leases.release(LEASE, self._owner)
        except Outage as error:
            log.warning("leadership could not be given up, its lease will run out", why=str(error))
