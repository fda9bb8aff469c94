"""Claims jobs, keeps their leases alive, and hands them to their handlers.

Owns retries and dead letters. Must not know what any job does. A handler finishes its job inside the transaction that
holds its results; one that returns without doing so has its job finished here.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

import structlog

from bot.crash import reached
from bot.record.record import Record, Transaction
from bot.record.states import LeaseLost
from bot.tasks import Claimed, Unreadable
from bot.work.delivery import Delivery
from graphs.errors import Outage, RateLimited, StrataError

log = structlog.get_logger(__name__)

Handler = Callable[[Claimed], Awaitable[None]]
MAX_RATE_PAUSE_S = 3600.0
UNREADABLE_PAUSE_S = 30.0
"""While a new version is rolled out, a worker that can read the job comes by."""


class TryAgain(StrataError):
    """This job should be tried again after `after_s`; without `penalty` the attempt does not count."""

    def __init__(self, message: str, after_s: float, *, penalty: bool) -> None:
        super().__init__(message)
        self.after_s = after_s
        self.penalty = penalty


@dataclass(frozen=True)
class Pace:
    """How a worker works. Times in seconds."""

    concurrency: int = 4
    lease_s: float = 30.0
    poll_s: float = 2.0
    """Longest time between two looks of one that was not woken; they are spread, or all would look at once."""
    backoff_s: float = 1.0
    backoff_max_s: float = 60.0
    outage_s: float = 3.0
    """First pause while a service cannot be reached. Long enough that a lost request has arrived or never will."""
    patience_s: float = 6 * 3600.0
    """How long an outage is waited out before attempts are counted again."""


class Worker:
    """Runs the handlers of one role until it is stopped."""

    def __init__(
        self,
        record: Record,
        delivery: Delivery,
        handlers: Mapping[str, Handler],
        buried: Callable[[Transaction, Claimed, str], Awaitable[None]],
        pace: Pace,
        held: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        """`held` names the kinds that are not to be started now."""
        self._record = record
        self._delivery = delivery
        self._handlers = handlers
        self._kinds = frozenset(handlers)
        self._buried = buried
        self._pace = pace
        self._held = held
        self._owner = f"{socket.gethostname()[:32]}:{os.getpid()}:{uuid4().hex[:8]}"
        self._stopping = asyncio.Event()
        self._claiming = asyncio.Lock()

    async def run(self) -> None:
        """Works until `stop()`; jobs under way are brought to their end."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._pace.concurrency):
                group.create_task(self._loop())

    def stop(self) -> None:
        self._stopping.set()
        self._delivery.wake(self._kinds)

    async def _loop(self) -> None:
        while not self._stopping.is_set():
            since = self._delivery.mark(self._kinds)
            try:
                job = await self._claim()
            except Outage as gone:
                log.warning("no work can be claimed", why=str(gone))
                await asyncio.sleep(_spread(self._pace.outage_s))
                continue
            except Exception:
                log.exception("claiming failed, trying again")
                await asyncio.sleep(self._pace.poll_s)
                continue
            if job is None:
                await self._delivery.wait(self._kinds, _spread(self._pace.poll_s), since)
            else:
                await self.work(job)

    async def _claim(self) -> Claimed | None:
        lease_ms = int(self._pace.lease_s * 1000)
        async with self._claiming, self._record.begin() as tx:
            job = await tx.jobs.claim(self._kinds - self._held(), self._owner, lease_ms)
        return None if job is None else job.model_copy(update={"lease_ms": lease_ms})

    async def work(self, job: Claimed) -> None:
        """Does one claimed job. Never raises, except when it is cancelled from outside."""
        if job.attempts > job.max_attempts:
            await self._bury(job, "it was started too often without coming to an end")
            return
        if isinstance(job.task, Unreadable):
            await self._again(job, job.task.why, UNREADABLE_PAUSE_S, penalty=True)
            return
        reached("job.claimed")
        working = asyncio.ensure_future(self._handlers[job.kind](job))
        beating = asyncio.create_task(self._heartbeat(job, working))
        try:
            await working
            await self._finish(job)
        except LeaseLost as lost:
            log.warning("lease lost", job=job.id, kind=job.kind, why=str(lost))
        except asyncio.CancelledError:
            if not self._stopping.is_set() and beating.done():
                return  # the heartbeat cancelled it: the lease is gone, another worker has the job
            # Not before the lease would have run out: a request of this job may still be on its way.
            await self._again(job, "the program was stopped", self._pace.lease_s, penalty=False)
            raise
        except TryAgain as wait:
            await self._again(job, str(wait), wait.after_s, penalty=wait.penalty)
        except RateLimited as limited:
            await self._again(job, str(limited), min(limited.retry_after_s, MAX_RATE_PAUSE_S), penalty=False)
        except Outage as outage:
            log.warning("a service cannot be reached", job=job.id, kind=job.kind, why=str(outage))
            patient = job.age_ms < self._pace.patience_s * 1000
            await self._again(job, str(outage), self._outage_pause(job), penalty=not patient)
        except Exception as error:  # noqa: BLE001  # a job must never take its worker down
            log.warning("job failed", job=job.id, kind=job.kind, attempt=job.attempts, error=repr(error)[:500])
            await self._again(job, _for_people(error), self._backoff(job.attempts), penalty=True)
        finally:
            beating.cancel()

    async def _finish(self, job: Claimed) -> None:
        with suppress(LeaseLost):  # the handler finished it within its own transaction
            async with self._record.begin() as tx:
                await tx.jobs.finish(job)
            reached("job.finished")

    async def _heartbeat(self, job: Claimed, working: asyncio.Future[None]) -> None:
        while True:
            await asyncio.sleep(self._pace.lease_s / 3)
            try:
                async with self._record.begin() as tx:
                    await tx.jobs.extend(job, int(self._pace.lease_s * 1000))
                reached("lease.extended")
            except LeaseLost:
                working.cancel()
                return
            except Exception as error:  # noqa: BLE001  # the next beat may get through; the lease is the judge
                log.warning("heartbeat failed", job=job.id, error=repr(error)[:200])

    def _outage_pause(self, job: Claimed) -> float:
        """A quarter of the time the job has waited so far, in seconds: soon at first, rarely later."""
        top = min(self._pace.backoff_max_s, max(self._pace.outage_s, job.age_ms / 4000))
        return _spread(top)

    def _backoff(self, attempts: int) -> float:
        """Doubling with full jitter, in seconds."""
        top = min(self._pace.backoff_max_s, self._pace.backoff_s * 2 ** (attempts - 1))
        return _spread(top)

    async def _again(self, job: Claimed, why: str, after_s: float, *, penalty: bool) -> None:
        if penalty and job.attempts >= job.max_attempts:
            await self._bury(job, why)
            return
        try:
            await self._give_back(job, why, after_s, penalty=penalty)
        except LeaseLost:
            return
        except Outage as gone:
            log.warning("a job cannot be given back, its lease runs out", job=job.id, why=str(gone))
        except Exception:
            log.exception("could not give a job back; its lease will run out", job=job.id)

    async def _give_back(self, job: Claimed, why: str, after_s: float, *, penalty: bool) -> None:
        """Tries until the lease is over: often the record is what the job came to grief on."""
        until = time.monotonic() + self._pace.lease_s
        while True:
            try:
                async with self._record.begin() as tx:
                    await tx.jobs.give_back(job, int(after_s * 1000), why, penalty=penalty)
            except Outage:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_spread(self._pace.outage_s))
            else:
                reached("job.given_back")
                return

    async def _bury(self, job: Claimed, why: str) -> None:
        log.error("job given up", job=job.id, kind=job.kind, why=why)
        try:
            async with self._record.begin(job) as tx:
                await tx.jobs.bury(job, why)
                await self._buried(tx, job, why)
            reached("job.buried")
        except LeaseLost:
            return
        except Exception:
            log.exception("could not bury a job; its lease will run out", job=job.id)


def _for_people(error: Exception) -> str:
    """Our own errors are written to be read; of any other only its kind is told, the log has the rest."""
    return str(error)[:500] if isinstance(error, StrataError) else f"an error of ours ({type(error).__name__})"


def _spread(top_s: float) -> float:
    """Between half of it and all of it, so that what started or failed together does not come back together."""
    return random.uniform(top_s / 2, top_s)  # noqa: S311  # spreads, guards nothing
