"""Jobs as an operator sees and handles them: looked at, tried again, dropped. The caller audits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Result, Row, and_, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.jobs import Jobs, claimed
from bot.record.tables import jobs
from bot.tasks import Claimed
from graphs.errors import StrataError
from graphs.model import Millis, TicketKey, Value

STATES = ("ready", "leased", "dead", "done")
DROPPED = "dropped"
"""How the error of a dead letter begins that somebody has looked at and wants no more of."""


class JobLine(Value):
    """One job in a list."""

    id: int
    kind: str
    state: str
    ticket: TicketKey | None
    attempts: int
    retried: int
    error: str
    created_at: Millis
    due_in_ms: int
    """Until it may be claimed; 0 for one that is in line or not waiting at all."""
    lease_owner: str | None


class NotPossible(StrataError):
    """The job is not there, or not in a state for this; the text says which."""


class Operating:
    """What operators do, within one transaction."""

    def __init__(self, connection: AsyncConnection, repository: Jobs) -> None:
        self._db = connection
        self._jobs = repository

    async def jobs(self, *, state: str = "", kind: str = "", limit: int = 50) -> list[JobLine]:
        """The newest first; all states and kinds unless one is named."""
        query = (
            select(jobs, (jobs.c.run_at - StoreNow()).label("due_in"))
            .where(*_about(state, kind))
            .order_by(jobs.c.id.desc())
            .limit(limit)
        )
        return [_line(row) for row in await self._db.execute(query)]

    async def counts(self) -> dict[str, int]:
        """How many jobs there are in each state."""
        rows = await self._db.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state))
        found: dict[str, int] = {state: count for state, count in rows}  # noqa: C416  # rows are not pairs to mypy
        return {state: found.get(state, 0) for state in STATES}

    async def unfinished(self, kind: str) -> int:
        """Jobs of a kind that wait or are worked on."""
        query = select(func.count()).where(jobs.c.kind == kind, jobs.c.state.in_(("ready", "leased")))
        return int((await self._db.execute(query)).scalar_one())

    async def given_up(self, kind: str = "") -> Sequence[int]:
        """Ids of dead letters that nobody dropped, oldest first."""
        query = (
            select(jobs.c.id).where(*_about("dead", kind), jobs.c.error.not_like(f"{DROPPED}:%")).order_by(jobs.c.id)
        )
        return (await self._db.execute(query)).scalars().all()

    async def get(self, job: int) -> JobLine:
        """Raises `NotPossible`."""
        query = select(jobs, (jobs.c.run_at - StoreNow()).label("due_in")).where(jobs.c.id == job)
        row = (await self._db.execute(query)).one_or_none()
        if row is None:
            raise NotPossible(f"there is no job {job}")
        return _line(row)

    async def retry(self, job: int) -> None:
        """A dead letter is a job again, with all its attempts. It keeps its id, and its fence goes on growing.

        Raises `NotPossible`.
        """
        now = StoreNow()
        again = {"state": "ready", "turn": None, "run_at": now, "since": now, "finished_at": None}
        changed = await self._db.execute(
            update(jobs)
            .where(jobs.c.id == job, jobs.c.state == "dead")
            .values(**again, attempts=0, retried=jobs.c.retried + 1, error="")
            .returning(jobs.c.kind)
        )
        kind: str | None = changed.scalar_one_or_none()
        if kind is None:
            raise NotPossible(f"job {job} is {(await self.get(job)).state}: only a dead letter can be tried again")
        self._jobs.added.append(kind)

    async def drop(self, job: int, why: str) -> Claimed | None:
        """Ends a job that nobody works on: the job, for the caller to end what depended on it.

        None for a dead letter: what depended on it ended with it. Raises `NotPossible`.
        """
        error = f"{DROPPED}: {why}"
        if await self._end(and_(jobs.c.id == job, jobs.c.state == "dead"), error):
            return None
        ended = await self._end(and_(jobs.c.id == job, jobs.c.state == "ready"), error)
        if ended is None:
            found = await self.get(job)
            hint = ": it is being worked on, try again in a moment" if found.state == "leased" else ""
            raise NotPossible(f"job {job} is {found.state}{hint}")
        return claimed(ended)

    async def _end(self, where: ColumnElement[bool], error: str) -> Row[tuple[object, ...]] | None:
        ended: Result[tuple[object, ...]] = await self._db.execute(
            update(jobs)
            .where(where)
            # Whoever worked on it last may not write any more, and a dropped job counts among those served.
            .values(state="dead", finished_at=StoreNow(), fence=jobs.c.fence + 1, error=error)
            .returning(jobs, literal_column("0").label("age_ms"))
        )
        return ended.one_or_none()


def _about(state: str, kind: str) -> tuple[ColumnElement[bool], ...]:
    conditions = []
    if state:
        assert state in STATES, "checked by the caller"
        conditions.append(jobs.c.state == literal_column(f"'{state}'"))  # for the sake of the index over dead letters
    if kind:
        conditions.append(jobs.c.kind == kind)
    return tuple(conditions)


def _line(row: Row[tuple[object, ...]]) -> JobLine:
    waits = row.state == "ready" and row.turn is None
    return JobLine(
        id=row.id,
        kind=row.kind,
        state=row.state,
        ticket=row.ticket_key,
        attempts=row.attempts,
        retried=row.retried,
        error=row.error,
        created_at=row.created_at,
        due_in_ms=max(0, row.due_in) if waits else 0,
        lease_owner=row.lease_owner,
    )
