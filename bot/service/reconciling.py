"""Finds what deliveries did not tell: tickets that were filed, and tickets with an open card that were closed.

GitHub and GitLab do not repeat a lost delivery, and a tracker without a webhook tells nothing at all. Owns how far back
is looked. The look is stateless: where it ended is kept in memory, and after a start it begins well before the newest
ticket that the record knows of this install, so downtime of any length is made up for. A ticket that was triaged, or is
about to be, is passed over; one from before the first look of a new install is the backlog's (`strata sweep`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import structlog

from bot.events import Change
from bot.record.record import Record, Transaction
from bot.service.arrivals import Install
from bot.service.sweeping import unknown
from bot.tasks import TriageTicket, WithdrawTicket
from graphs.errors import TrackerError
from graphs.model import InstallId, Millis, TrackerName, Value

log = structlog.get_logger(__name__)

OVERLAP_MS = 10 * 60_000
"""Trackers show a change in their lists a little late, and their clocks are not ours."""
LOOK_BACK_MS = 24 * 3_600_000
"""Before the newest known ticket, at the first look after a start."""
GRACE_MS = 60_000
"""A ticket this young is left to its delivery, which may be on its way: both together would triage it twice."""


class Reconciled(Value):
    """What one look came to."""

    looked_at: int = 0
    """Tickets that had changed."""
    triages: int = 0
    withdrawals: int = 0
    failed: tuple[str, ...] = ()
    """Projects that could not be looked at; the next look begins where the last whole one ended."""
    lag_s: float = 0.0
    """How long ago the project began that was looked through the longest time ago."""


class Changes(Protocol):
    """What is needed of a tracker's reading half."""

    def changed_since(self, install: InstallId, project: str, since: Millis) -> AsyncIterator[tuple[Change, ...]]:
        """Tickets that changed at `since` or later, in pages. Raises `graphs.errors.TrackerError`."""
        ...


class Reconciling:
    def __init__(self, record: Record, changes: Changes, installs: Sequence[Install]) -> None:
        self._record = record
        self._changes = changes
        self._places = [(one, project) for one in installs for project in one.projects if not set(project) & set("*?[")]
        self._floors: dict[InstallId, Millis] = {}
        self._looked: dict[tuple[InstallId, str], Millis] = {}

    async def look(self) -> Reconciled:
        """One look at every project that the settings name in full; a pattern cannot be listed."""
        done = Reconciled()
        for install, project in self._places:
            try:
                done = await self._project(done, install, project)
            except TrackerError as error:
                log.warning("cannot look for lost deliveries", project=project, why=str(error))
                done = done.model_copy(update={"failed": (*done.failed, project)})
        return done.model_copy(update={"lag_s": await self._lag()})

    async def _project(self, done: Reconciled, install: Install, project: str) -> Reconciled:
        async with self._record.read() as tx:
            now = await tx.now()
            floor = self._floors.setdefault(install.id, await _floor(tx, install, now))
        ended = self._looked.get((install.id, project))
        since = floor if ended is None else Millis(max(floor, ended - OVERLAP_MS))
        async for page in self._changes.changed_since(install.id, project, since):
            done = await self._page(done, page, since, Millis(now - GRACE_MS))
        self._looked[install.id, project] = now
        return done

    async def _page(self, done: Reconciled, page: tuple[Change, ...], since: Millis, until: Millis) -> Reconciled:
        fresh = [one.ref for one in page if one.is_open and since <= one.created_at <= until]
        closed = [one for one in page if not one.is_open]
        async with self._record.read() as tx:
            lost = await unknown(tx, fresh)
        triages = withdrawals = 0
        if lost or closed:
            async with self._record.begin() as tx:
                for ref in await unknown(tx, lost):
                    await tx.jobs.add(TriageTicket(ref=ref, why="found by looking"), ticket=ref.key)
                    triages += 1
                withdrawals = sum([await _withdraw(tx, one) for one in closed])
        counts = {"looked_at": len(page), "triages": triages, "withdrawals": withdrawals}
        return done.model_copy(update={name: getattr(done, name) + more for name, more in counts.items()})

    async def _lag(self) -> float:
        async with self._record.read() as tx:
            now = await tx.now()
        ends = [self._looked.get((install.id, project)) for install, project in self._places]
        starts = [self._floors.get(install.id, now) for install, _ in self._places]
        oldest = min((end or start for end, start in zip(ends, starts, strict=True)), default=now)
        return (now - oldest) / 1000


async def _floor(tx: Transaction, install: Install, now: Millis) -> Millis:
    """An install that never told of a ticket begins now: what was there before is its backlog."""
    newest = await tx.triages.newest_of(TrackerName(install.provider), install.id)
    return now if newest is None else Millis(newest - LOOK_BACK_MS)


async def _withdraw(tx: Transaction, change: Change) -> bool:
    """Takes the open card of a closed ticket back, once for each time that it was closed."""
    if await tx.triages.live(change.ref.key) is None:
        return False
    task = WithdrawTicket(ref=change.ref, why="closed")
    return await tx.jobs.add(task, ticket=change.ref.key, key=f"found:{change.ref.key}@{change.updated_at}")
