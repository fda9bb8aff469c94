"""Jobs: claimed under a lease with a fence, retried with a count, never lost.

The fence is a counter that only grows. It is checked inside every transaction that a job's handler opens, so a worker
that was asleep beyond its lease cannot write anything. Attempts are counted at the claim: a job that kills its worker
still reaches the dead letters.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from pydantic import ValidationError
from sqlalchemy import Row, Subquery, and_, bindparam, exists, func, or_, select, text, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.states import LeaseLost
from bot.record.tables import jobs
from bot.tasks import PRIORITY, TASK, Claimed, Task
from graphs.model import TicketKey

MAX_ATTEMPTS = 5
_ADVISORY_LOCK = 7_261_001


class Jobs:
    """Job rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection
        self.added: set[str] = set()

    async def add(
        self, task: Task, *, ticket: TicketKey | None = None, key: str | None = None, delay_ms: int = 0
    ) -> bool:
        """Adds a job; with a `key` that exists already nothing happens and False is returned."""
        row = insert_into(self._db, jobs).values(
            kind=task.kind,
            key=key,
            ticket_key=ticket,
            body=task.model_dump_json(),
            state="ready",
            priority=PRIORITY[task.kind],
            run_at=StoreNow() + delay_ms,
            fence=0,
            attempts=0,
            max_attempts=MAX_ATTEMPTS,
            error="",
            created_at=StoreNow(),
        )
        # RETURNING, not rowcount: for an INSERT psycopg's rowcount is gone by now, and -1 reads as "added".
        result = await self._db.execute(row.on_conflict_do_nothing(index_elements=["key"]).returning(jobs.c.id))
        if result.scalar_one_or_none() is None:
            return False
        self.added.add(task.kind)
        return True

    async def claim(self, kinds: Collection[str], owner: str, lease_ms: int) -> Claimed | None:
        """Takes the most urgent due job, one at a time for each ticket. None when there is nothing to do."""
        if self._db.dialect.name == "postgresql":
            # Two claims at once could pick two jobs of one ticket, each before it sees the other's lease.
            await self._db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        if not kinds:
            return None
        await self._end_leases()
        claiming = _claiming(frozenset(kinds))
        values = {"owner": owner, "lease_ms": lease_ms}
        while (row := (await self._db.execute(claiming, values)).one_or_none()) is not None:
            try:
                return _claimed(row)
            except ValidationError as error:
                # Written by another version of this program: it must not hold up everything behind it.
                await self._bury_unread(row.id, error)
        return None

    async def _end_leases(self) -> None:
        """Jobs whose leases ran out are ready again, and their workers are out.

        One whose worker is late but in the middle of a transaction is left alone until that is over: its row is locked.
        """
        late = and_(jobs.c.state == "leased", jobs.c.lease_until < StoreNow())
        free = select(jobs.c.id).where(late).with_for_update(skip_locked=True)
        await self._db.execute(update(jobs).where(jobs.c.id.in_(free)).values(state="ready", lease_owner=None))

    async def _bury_unread(self, job: int, error: ValidationError) -> None:
        why = f"its body cannot be read by this version of the program ({error.error_count()} problems)"
        await self._db.execute(
            update(jobs)
            .where(jobs.c.id == job)
            .values(state="dead", finished_at=StoreNow(), lease_owner=None, error=why)
        )

    async def hold(self, job: Claimed) -> None:
        """Asserts that the lease is still ours, and keeps it so until commit. Raises `LeaseLost`."""
        await self._mine(job, lease_until=jobs.c.lease_until)

    async def extend(self, job: Claimed, lease_ms: int) -> None:
        """Raises `LeaseLost`."""
        await self._mine(job, lease_until=StoreNow() + lease_ms)

    async def finish(self, job: Claimed) -> None:
        """Raises `LeaseLost`."""
        await self._mine(job, state="done", finished_at=StoreNow(), lease_owner=None, error="")

    async def give_back(self, job: Claimed, delay_ms: int, error: str, *, penalty: bool) -> None:
        """Tries again later; without `penalty` the attempt is not counted. Raises `LeaseLost`."""
        attempts = jobs.c.attempts if penalty else jobs.c.attempts - 1
        await self._mine(
            job, state="ready", lease_owner=None, run_at=StoreNow() + delay_ms, attempts=attempts, error=error
        )

    async def bury(self, job: Claimed, error: str) -> None:
        """Moves the job to the dead letters. Raises `LeaseLost`."""
        await self._mine(job, state="dead", finished_at=StoreNow(), lease_owner=None, error=error)

    async def _mine(self, job: Claimed, **changes: object) -> None:
        mine = and_(jobs.c.id == job.id, jobs.c.fence == job.fence, jobs.c.state == "leased")
        if not (await self._db.execute(update(jobs).where(mine).values(**changes))).rowcount:
            raise LeaseLost(f"job {job.id} ({job.kind}) was taken over by another worker")

    async def count(self, *states: str) -> int:
        """How many jobs are in these states."""
        query = select(func.count()).select_from(jobs).where(jobs.c.state.in_(states))
        return int((await self._db.execute(query)).scalar_one())

    async def due(self) -> int:
        """How many jobs are at work, or could be now."""
        query = (
            select(func.count())
            .select_from(jobs)
            .where(jobs.c.state.in_(("ready", "leased")), or_(jobs.c.state == "leased", jobs.c.run_at <= StoreNow()))
        )
        return int((await self._db.execute(query)).scalar_one())

    async def dead(self) -> list[tuple[int, str, str]]:
        """Dead letters as (id, kind, error), oldest first."""
        rows = await self._db.execute(select(jobs).where(jobs.c.state == "dead").order_by(jobs.c.id))
        return [(row.id, row.kind, row.error) for row in rows]


def _first_due(kind: str) -> Subquery:
    """The oldest due job of this kind whose ticket nobody works on."""
    other = jobs.alias()
    held = exists().where(other.c.ticket_key == jobs.c.ticket_key, other.c.state == "leased")
    return (
        select(jobs.c.id, jobs.c.priority, jobs.c.run_at)
        .where(jobs.c.state == "ready", jobs.c.kind == kind, jobs.c.run_at <= StoreNow(), ~held)
        .order_by(jobs.c.run_at, jobs.c.id)
        .limit(1)
        .subquery()
    )


@cache
def _claiming(kinds: frozenset[str]) -> ReturningUpdate[tuple[object, ...]]:
    """Leases the most urgent due job to `owner` for `lease_ms`. Built once for each role: it is asked all day long."""
    # Each kind has one priority, so the first of each kind are all that need comparing: a long queue costs nothing.
    first = union_all(*(select(_first_due(kind)) for kind in sorted(kinds))).subquery()
    order = (first.c.priority.desc(), first.c.run_at, first.c.id)
    return (
        update(jobs)
        .where(
            jobs.c.id == select(first.c.id).order_by(*order).limit(1).scalar_subquery(),
            jobs.c.state == "ready",  # looked at again on the row itself, should two claims ever meet here
        )
        .values(
            state="leased",
            fence=jobs.c.fence + 1,
            attempts=jobs.c.attempts + 1,
            lease_owner=bindparam("owner"),
            lease_until=StoreNow() + bindparam("lease_ms"),
        )
        .returning(jobs, (StoreNow() - jobs.c.created_at).label("age_ms"))
    )


def _claimed(row: Row[tuple[object, ...]]) -> Claimed:
    return Claimed(
        id=row.id,
        kind=row.kind,
        ticket=row.ticket_key,
        task=TASK.validate_json(row.body),
        fence=row.fence,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        age_ms=row.age_ms,
    )
