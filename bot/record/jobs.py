"""Jobs: claimed under a lease with a fence, retried with a count, never lost.

The fence is a counter that only grows. It is checked inside every transaction that a job's handler opens, so a worker
that was asleep beyond its lease cannot write anything. Attempts are counted at the claim: a job that kills its worker
still reaches the dead letters. Who is next is decided in `bot.record.line`.

Claims do not wait for each other: each passes over the jobs and tickets that another is at. That a ticket is worked on
by one worker at a time is guaranteed by a unique index over the leased jobs' tickets; whoever runs into it looks again.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from pydantic import ValidationError
from sqlalchemy import Row, and_, bindparam, func, literal_column, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from bot.record.clock import StoreNow
from bot.record.insert import insert_for
from bot.record.line import CHORES, AloneWith, first_in_line, install_of, last_turn, set_right, who_is_next
from bot.record.states import LeaseLost
from bot.record.tables import jobs
from bot.tasks import PRIORITY, TASK, Claimed, SweepTicket, Task, TriageTicket, Unreadable, WithdrawTicket
from graphs.model import TicketKey

MAX_ATTEMPTS = 5
TRIAGING_KINDS = ("triage_ticket", "sweep_ticket")
MOST_COLLISIONS = 20
"""Each one means that another claim succeeded; after so many, the next poll is soon enough."""


class Jobs:
    """Job rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection
        self.added: list[str] = []
        """The kind of each new job; their workers are woken after the commit."""

    async def add(
        self, task: Task, *, ticket: TicketKey | None = None, key: str | None = None, delay_ms: int = 0
    ) -> bool:
        """Adds a job; with a `key` that exists already nothing happens and False is returned."""
        values = {
            "a_kind": task.kind,
            "a_key": key,
            "a_ticket": ticket,
            "an_install": install_of(ticket or _ticket_of(task)),
            "a_body": task.model_dump_json(),
            "a_priority": PRIORITY[task.kind],
            "a_delay": delay_ms,
        }
        # RETURNING, not rowcount: for an INSERT psycopg's rowcount is gone by now, and -1 reads as "added".
        result = await self._db.execute(_adding(self._db.dialect.name, waits=delay_ms > 0), values)
        if result.scalar_one_or_none() is None:
            return False
        self.added.append(task.kind)
        return True

    async def claim(self, kinds: Collection[str], owner: str, lease_ms: int) -> Claimed | None:
        """Takes the most urgent due job, one at a time for each ticket. None when there is nothing to do."""
        if not kinds:
            return None
        looking = who_is_next(frozenset(kinds))
        may_tidy = True
        for _ in range(MOST_COLLISIONS):
            found = (await self._db.scalars(looking)).all()
            if may_tidy and CHORES in found:
                may_tidy = False  # what is left of it belongs to workers in the middle of a transaction
                await set_right(self._db)
                continue
            try:
                return await self._first_of([kind for kind in found if kind != CHORES], owner, lease_ms)
            except IntegrityError:
                continue  # another claim was quicker by a moment, and has its ticket now
        return None

    async def _first_of(self, kinds: Collection[str], owner: str, lease_ms: int) -> Claimed | None:
        """Raises `IntegrityError` when another claim has taken the ticket of the first one meanwhile."""
        for kind in kinds:
            values = {"wanted": kind, "owner": owner, "lease_ms": lease_ms}
            async with self._db.begin_nested():
                row = (await self._db.execute(_claiming(), values)).one_or_none()
            if row is not None:
                return claimed(row).model_copy(update={"lease_ms": lease_ms})
        return None

    async def hold(self, job: Claimed) -> None:
        """Asserts that the lease is still ours, and keeps it so until commit. Raises `LeaseLost`."""
        await self._mine(job, lease_until=jobs.c.lease_until)

    async def extend(self, job: Claimed, lease_ms: int) -> None:
        """Raises `LeaseLost`."""
        await self._mine(job, lease_until=StoreNow() + lease_ms, since=StoreNow())

    async def finish(self, job: Claimed) -> None:
        """Raises `LeaseLost`."""
        await self._mine(job, state="done", finished_at=StoreNow(), lease_owner=None, error="")

    async def give_back(self, job: Claimed, delay_ms: int, error: str, *, penalty: bool) -> None:
        """Tries again later; without `penalty` the attempt is not counted. Raises `LeaseLost`."""
        attempts = jobs.c.attempts if penalty else jobs.c.attempts - 1
        now = StoreNow()
        await self._mine(
            job,
            state="ready",
            lease_owner=None,
            run_at=now + delay_ms,
            turn=None,
            since=now,
            attempts=attempts,
            error=error,
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

    async def waiting_for(self, tickets: Collection[TicketKey]) -> set[TicketKey]:
        """Those of these tickets that a triage is on its way for, whichever kind of job it is."""
        query = select(jobs.c.ticket_key).where(
            jobs.c.ticket_key.in_(tickets), jobs.c.finished_at.is_(None), jobs.c.kind.in_(TRIAGING_KINDS)
        )
        return {TicketKey(key) for (key,) in await self._db.execute(query)}

    async def dead(self) -> list[tuple[int, str, str]]:
        """Dead letters as (id, kind, error), oldest first."""
        dead = jobs.c.state == literal_column("'dead'")
        rows = await self._db.execute(select(jobs).where(dead).order_by(jobs.c.id))
        return [(row.id, row.kind, row.error) for row in rows]


def _ticket_of(task: Task) -> TicketKey | None:
    match task:
        case TriageTicket(ref=ref) | SweepTicket(ref=ref) | WithdrawTicket(ref=ref):
            return ref.key
        case _:
            return None


@cache
def _adding(dialect: str, *, waits: bool) -> ReturningInsert[tuple[int]]:
    """A new job. Built once for each case: building it takes longer than carrying it out."""
    kind, install = (bindparam("a_kind", type_=jobs.c.kind.type), bindparam("an_install", type_=jobs.c.install.type))
    row = insert_for(dialect, jobs).values(
        kind=kind,
        key=bindparam("a_key"),
        ticket_key=bindparam("a_ticket"),
        install=install,
        body=bindparam("a_body"),
        state="ready",
        priority=bindparam("a_priority"),
        run_at=StoreNow() + bindparam("a_delay"),
        turn=None if waits else last_turn(kind, install, again=False) + 1,
        since=StoreNow() if waits else 0,
        fence=0,
        attempts=0,
        max_attempts=MAX_ATTEMPTS,
        retried=0,
        error="",
        created_at=StoreNow(),
    )
    return row.on_conflict_do_nothing(index_elements=["key"]).returning(jobs.c.id)


@cache
def _claiming() -> ReturningUpdate[tuple[object, ...]]:
    """Leases the job of the `wanted` kind whose turn it is to `owner` for `lease_ms`."""
    # What another claim is at, at this moment, is passed over; or all would wait for one that is slow.
    free = or_(jobs.c.ticket_key.is_(None), AloneWith(jobs.c.ticket_key))
    first = first_in_line(bindparam("wanted", type_=jobs.c.kind.type)).where(free)
    chosen = first.with_only_columns(jobs.c.id).with_for_update(skip_locked=True).scalar_subquery()
    return (
        update(jobs)
        .where(jobs.c.id == chosen, jobs.c.state == "ready")
        .values(
            state="leased",
            fence=jobs.c.fence + 1,
            attempts=jobs.c.attempts + 1,
            lease_owner=bindparam("owner"),
            lease_until=StoreNow() + bindparam("lease_ms"),
            since=StoreNow(),
        )
        .returning(jobs, (StoreNow() - jobs.c.created_at).label("age_ms"))
    )


def claimed(row: Row[tuple[object, ...]]) -> Claimed:
    """A row of a job and its `age_ms`, as workers are given it."""
    return Claimed(
        id=row.id,
        kind=row.kind,
        ticket=row.ticket_key,
        task=_task(row.body),
        fence=row.fence,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        age_ms=max(0, row.age_ms),
        retried=row.retried,
    )


def _task(body: str) -> Task | Unreadable:
    """A job that another version of this program wrote must not hold up everything behind it."""
    try:
        return TASK.validate_json(body)
    except ValidationError as error:
        return Unreadable(why=f"it cannot be read by this version of the program ({error.error_count()} problems)")
