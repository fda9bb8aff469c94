"""What has grown old in the record: how it is found, and how it is let go. When that is, `bot.record.retention` says.

`find_…` only reads, in pages by id. The newest row of a table with numbers is never let go, however old: SQLite gives
the number of a deleted last row out again, and a job's number makes its triage's id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence

from pydantic import ValidationError
from sqlalchemy import Table, and_, delete, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.eraser import ERASED
from bot.record.operating import DROPPED
from bot.record.tables import inbox, jobs, quarantine, steps, tickets, triages
from bot.tasks import PRIORITY
from graphs.answers import Screened
from graphs.model import TriageState
from graphs.state import Step

ENDED = (TriageState.CLOSED, TriageState.FAILED)
TIMES = {inbox: inbox.c.received_at, quarantine: quarantine.c.received_at, jobs: jobs.c.created_at}
"""Tables whose ids grow with time, each with that time."""
SPARE_PAGES = 256
_ABOUT_A_DELIVERY = ("take_verdict", "answer_command")


class Ageing:
    """Rows that have grown old, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def newest(self, table: Table) -> int:
        """The highest id there is; 0 without any."""
        return int((await self._db.execute(select(func.max(table.c.id)))).scalar_one() or 0)

    async def upto(self, table: Table, before: int) -> int:
        """The highest id whose row is from before that time, in a few steps: no index over times is needed."""
        low, high = 0, await self.newest(table)
        while low < high:
            middle = (low + high + 1) // 2
            query = select(table.c.id, TIMES[table]).where(table.c.id >= middle).order_by(table.c.id).limit(1)
            row = (await self._db.execute(query)).one_or_none()
            if row is not None and row[1] < before:
                low = row[0]
            else:
                high = middle - 1
        return low

    async def find_bodies(self, table: Table, after: int, upto: int, limit: int) -> Sequence[int]:
        """Rows whose body is there and is read by nobody any more."""
        return await self._page(table, after, upto, limit, func.length(table.c.body) > 0)

    async def find_deliveries(self, table: Table, after: int, upto: int, limit: int) -> Sequence[int]:
        return await self._page(table, after, upto, limit, table.c.id < select(func.max(table.c.id)).scalar_subquery())

    async def _page(self, table: Table, after: int, upto: int, limit: int, where: object) -> Sequence[int]:
        needed = await self.needed() if table is inbox else set()
        query = (
            select(table.c.id)
            .where(table.c.id > after, table.c.id <= upto, table.c.id.not_in(needed), where)  # type: ignore[arg-type]  # a condition
            .order_by(table.c.id)
            .limit(limit)
        )
        return (await self._db.execute(query)).scalars().all()

    async def needed(self) -> set[int]:
        """Deliveries that an open job is about, or one that was given up and may be tried again."""
        dead = jobs.c.state == literal_column("'dead'")
        wanted = or_(jobs.c.finished_at.is_(None), and_(dead, jobs.c.error.not_like(f"{DROPPED}:%")))
        rows = await self._db.execute(select(jobs.c.body).where(jobs.c.kind.in_(_ABOUT_A_DELIVERY), wanted))
        return {int(json.loads(row.body)["delivery"]) for row in rows}

    async def drop_bodies(self, table: Table, ids: Collection[int]) -> int:
        return (await self._db.execute(update(table).where(table.c.id.in_(ids)).values(body=b""))).rowcount

    async def drop_rows(self, table: Table, ids: Collection[int]) -> int:
        return (await self._db.execute(delete(table).where(table.c.id.in_(ids)))).rowcount

    async def find_jobs(self, after: int, upto: int, before: int, limit: int) -> Sequence[int]:
        """Finished jobs and dropped dead letters. One of each kind stays, to say whose turn it is."""
        over = or_(jobs.c.state == "done", and_(jobs.c.state == "dead", jobs.c.error.like(f"{DROPPED}:%")))
        query = (
            select(jobs.c.id)
            .where(jobs.c.id > after, jobs.c.id <= upto, over, jobs.c.finished_at < before)
            .where(jobs.c.id.not_in(await self._last_jobs()))
            .order_by(jobs.c.id)
            .limit(limit)
        )
        return (await self._db.execute(query)).scalars().all()

    async def _last_jobs(self) -> set[int]:
        newest = [select(func.max(jobs.c.id))]
        served = [
            select(jobs.c.id)
            .where(jobs.c.kind == kind, jobs.c.state != literal_column("'ready'"), jobs.c.turn.is_not(None))
            .order_by(jobs.c.turn.desc())
            .limit(1)
            for kind in PRIORITY
        ]
        found = [(await self._db.execute(query)).scalar_one_or_none() for query in (*newest, *served)]
        return {one for one in found if one is not None}

    async def find_triages(self, after: str, before: int, limit: int) -> Sequence[str]:
        """Triages that ended before that time and whose steps' answers are still there."""
        query = (
            select(steps.c.triage_id)
            .join(triages, triages.c.id == steps.c.triage_id)
            .where(steps.c.triage_id > after, triages.c.state.in_(ENDED), triages.c.changed_at < before)
            .distinct()
            .order_by(steps.c.triage_id)
            .limit(limit)
        )
        return (await self._db.execute(query)).scalars().all()

    async def drop_answers(self, ids: Collection[str], blind: Callable[[str], str]) -> int:
        """Forgets what the steps answered. Who filed the ticket is kept as a hash, so that it is still found."""
        query = (
            select(steps.c.answer, triages.c.ticket_key)
            .join(triages, triages.c.id == steps.c.triage_id)
            .where(steps.c.triage_id.in_(ids), steps.c.name == Step.SCREEN)
        )
        for row in await self._db.execute(query):
            author = _author(row.answer)
            if author not in ("", ERASED):
                await self._db.execute(
                    update(tickets).where(tickets.c.key == row.ticket_key).values(reporter=blind(author))
                )
        await self._db.execute(delete(steps).where(steps.c.triage_id.in_(ids)))
        return len(ids)

    async def ended(self, threads: Collection[str], settled_ms: int) -> set[str]:
        """Those threads that nobody will come back to: their triage is unknown, or ended that long ago.

        A triage is stored before its thread begins, so an unknown one has no triage and never will.
        """
        wanted = or_(triages.c.state.not_in(ENDED), triages.c.changed_at >= StoreNow() - settled_ms)
        awaited = (await self._db.execute(select(triages.c.id).where(triages.c.id.in_(threads), wanted))).scalars()
        keys = [f"settle:{one}" for one in threads]
        to_settle = await self._db.execute(select(jobs.c.key).where(jobs.c.key.in_(keys), jobs.c.finished_at.is_(None)))
        kept = {*awaited, *(key.removeprefix("settle:") for key in to_settle.scalars())}
        return set(threads) - kept

    async def shorten(self) -> bool:
        """Gives some of an SQLite file's free pages back to the system; says whether that is worth doing again.

        A share of them is kept, because the next tickets need some at once. PostgreSQL does this by itself.
        """
        if self._db.dialect.name != "sqlite":
            return False
        free = await self._pragma("freelist_count")
        spare = max(SPARE_PAGES, await self._pragma("page_count") // 10)
        # 2: incremental. Nothing can be given back from a file that was made without it.
        if free <= spare or await self._pragma("auto_vacuum") != 2:  # noqa: PLR2004  # said above
            return False
        raw = await self._db.get_raw_connection()
        assert raw.driver_connection is not None, "it is open"
        async with raw.driver_connection.execute(f"PRAGMA incremental_vacuum({SPARE_PAGES})") as cursor:
            await cursor.fetchall()  # to the end: each step frees one page
        return True

    async def _pragma(self, name: str) -> int:
        return int((await self._db.exec_driver_sql(f"PRAGMA {name}")).scalar_one())


def _author(answer: str) -> str:
    try:
        return Screened.model_validate_json(answer).ticket.author
    except ValidationError:  # written by another version of this program
        return ""
