"""The line of each kind of job: whose turn it is, so that no install holds up another.

Start-time fair queueing. Every job in line has a turn, a number that is one more than the last turn of its install in
this kind and than the turn that is being served; the smallest is next. So an install with 5,000 new jobs stands behind
itself, and another one's single job is next but one. A job that waits for its time has no turn: it lines up when the
time has come, so waiting neither earns a place nor costs one. What comes back for another try lines up beside the new
jobs of its install and not behind all of them, so an install has two places in a round at most.

Every question asked here is a step in an index, however long the line is. Owns turns, and what must be set right before
a claim: leases that ran out, waits that are over, a clock that was set back.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnClause,
    ColumnElement,
    CompoundSelect,
    FromClause,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Update
from sqlalchemy.sql.functions import FunctionElement

from bot.record.clock import StoreNow
from bot.record.tables import jobs
from graphs.model import TicketKey

CHORES = ""
"""In the place of a kind: something must be set right before the next claim."""
MOST_AT_ONCE = 1000
MOST_INSTALL = 128
# Written out, not bound: a database takes a partial index only for a condition that it can read.
_READY: ColumnClause[str] = literal_column("'ready'")
_LEASED: ColumnClause[str] = literal_column("'leased'")
_ZERO: ColumnClause[int] = literal_column("0")
# Asked for once: PostgreSQL looks into no index for the clock itself, which is another at every row.
NOW: ScalarSelect[int] = select(StoreNow()).scalar_subquery()


class _Larger(FunctionElement[int]):
    """The larger one of two numbers."""

    type = BigInteger()
    inherit_cache = True


@compiles(_Larger, "sqlite")
def _sqlite(element: _Larger, compiler: SQLCompiler, **options: object) -> str:
    return f"max({compiler.process(element.clauses, **options)})"


@compiles(_Larger, "postgresql")
def _postgresql(element: _Larger, compiler: SQLCompiler, **options: object) -> str:
    return f"greatest({compiler.process(element.clauses, **options)})"


class AloneWith(FunctionElement[bool]):
    """Whether no other claim is at this ticket right now; from here to the end of the transaction none can be."""

    type = Boolean()
    inherit_cache = True


@compiles(AloneWith, "sqlite")
def _one_writer(_element: AloneWith, _compiler: SQLCompiler, **_options: object) -> str:
    return "1"


@compiles(AloneWith, "postgresql")
def _locked(element: AloneWith, compiler: SQLCompiler, **options: object) -> str:
    return f"pg_try_advisory_xact_lock(hashtextextended({compiler.process(element.clauses, **options)}, 0))"


def install_of(ticket: TicketKey | None) -> str:
    """`github:main` of `github:main:owner/repo#12`; empty for work that is for no tracker."""
    return ":".join(ticket.split(":")[:2])[:MOST_INSTALL] if ticket else ""


def _last(row: FromClause, *where: ColumnElement[bool]) -> ColumnElement[int]:
    """The highest turn there, or 0."""
    found = select(row.c.turn).where(row.c.turn.is_not(None), *where).order_by(row.c.turn.desc()).limit(1)
    return func.coalesce(found.scalar_subquery(), 0)


def last_turn(kind: ColumnElement[str], install: ColumnElement[str], *, again: bool) -> ColumnElement[int]:
    """The turn behind which a job of this kind and install lines up."""
    row = jobs.alias()
    # What was never claimed is in line, or waits for its time; what was claimed before is at work or back in line.
    beside = (row.c.fence > _ZERO, row.c.finished_at.is_(None)) if again else (row.c.fence == _ZERO,)
    return cast(
        "ColumnElement[int]",
        _Larger(
            _last(row, row.c.kind == kind, row.c.state != _READY),
            _last(row, row.c.kind == kind, row.c.install == install, *beside),
        ),
    )


_LATE = and_(jobs.c.state == _LEASED, jobs.c.lease_until < NOW)
_DUE = and_(jobs.c.state == _READY, jobs.c.turn.is_(None), jobs.c.run_at <= NOW)
_FROM_THE_FUTURE = and_(jobs.c.finished_at.is_(None), jobs.c.since > NOW)


def _free(where: ColumnElement[bool]) -> Select[int]:
    """Rows that nobody is writing to at this moment: a worker in the middle of a transaction is left alone."""
    return select(jobs.c.id).where(where).with_for_update(skip_locked=True)


def _clock_set_back() -> Update:
    """What was to last a minute lasts a minute from now, however far the clock was set back meanwhile.

    A lease is never cut short by it: its owner may be about to send something.
    """
    step = jobs.c.since - StoreNow()
    return (
        update(jobs)
        .where(jobs.c.id.in_(_free(_FROM_THE_FUTURE)))
        .values(run_at=jobs.c.run_at - step, lease_until=jobs.c.lease_until - step, since=jobs.c.since - step)
    )


def _leases_ended() -> Update:
    """Jobs whose leases ran out may be claimed again, and their workers are out."""
    now = StoreNow()
    return (
        update(jobs)
        .where(jobs.c.id.in_(_free(_LATE)))
        .values(state="ready", lease_owner=None, turn=None, run_at=now, since=now)
    )


def _lined_up() -> Update:
    """Whatever has waited long enough gets its turn, each install's jobs one behind the other."""
    columns = (jobs.c.id, jobs.c.kind, jobs.c.install, jobs.c.run_at, jobs.c.fence)
    due = (
        select(*columns)
        .where(_DUE)
        .order_by(jobs.c.run_at, jobs.c.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    is_new = due.c.fence == 0
    place = func.row_number().over(partition_by=(due.c.kind, due.c.install, is_new), order_by=(due.c.run_at, due.c.id))
    behind = case(
        (is_new, last_turn(due.c.kind, due.c.install, again=False)),
        else_=last_turn(due.c.kind, due.c.install, again=True),
    )
    placed = select(due.c.id, (behind + place).label("turn")).subquery()
    return update(jobs).where(jobs.c.id == placed.c.id).values(turn=placed.c.turn, since=0)


_CHORES = (_clock_set_back(), _leases_ended(), _lined_up())


async def set_right(db: AsyncConnection) -> None:
    """Does what `CHORES` asks for."""
    for chore in _CHORES:
        await db.execute(chore)


def first_in_line(kind: ColumnElement[str] | str) -> Select[int, str, int, int]:
    """The job of this kind whose turn it is, of those whose ticket nobody works on."""
    other = jobs.alias()
    held = exists().where(other.c.ticket_key == jobs.c.ticket_key, other.c.state == _LEASED)
    return (
        select(jobs.c.id, jobs.c.kind, jobs.c.priority, jobs.c.run_at)
        .where(jobs.c.state == _READY, jobs.c.turn.is_not(None), jobs.c.kind == kind, ~held)
        .order_by(jobs.c.turn, jobs.c.id)
        .limit(1)
    )


@cache
def who_is_next(kinds: frozenset[str]) -> Select[str]:
    """Kinds that have somebody in line, the most urgent first; before them `CHORES`, if there are any.

    Built once for each role: it is asked all day long.
    """
    todo = or_(
        _end(func.min(jobs.c.lease_until), jobs.c.state == _LEASED) < NOW,
        _end(func.min(jobs.c.run_at), jobs.c.state == _READY, jobs.c.turn.is_(None)) <= NOW,
        _end(func.max(jobs.c.since), jobs.c.finished_at.is_(None)) > NOW,
    )
    chores: Select[int, str, int, int] = select(
        literal_column("0").label("id"),
        literal_column(f"'{CHORES}'").label("kind"),
        literal_column("1000").label("priority"),
        literal_column("0").label("run_at"),
    ).where(todo)
    # Each kind has one priority, so the first of each kind are all that need comparing: a long queue costs nothing.
    firsts = [_all_of(first_in_line(kind).subquery()) for kind in sorted(kinds)]
    found = cast("CompoundSelect[int, str, int, int]", union_all(chores, *firsts)).subquery()
    return select(found.c.kind).order_by(found.c.priority.desc(), found.c.run_at, found.c.id)


def _end(end: ColumnElement[int], *where: ColumnElement[bool]) -> ScalarSelect[int]:
    """One end of an index. To ask whether there is a row beyond `NOW` would make planners guess how many there are."""
    return select(end).where(*where).scalar_subquery()


def _all_of(one: Subquery) -> Select[int, str, int, int]:
    return select(one.c.id, one.c.kind, one.c.priority, one.c.run_at)
