"""Tickets seen, their triages, and what each step of a triage answered.

A ticket has at most one live triage; `tickets.live_triage` is the compare-and-set that keeps it so.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.states import LostRace, check_triage
from bot.record.tables import steps, tickets, triages
from graphs.model import InstallId, Millis, TicketKey, TicketRef, TrackerName, TriageId, TriageState, Value


class Triage(Value):
    id: TriageId
    ticket: TicketKey
    ref: TicketRef
    state: TriageState
    why: str
    created_at: Millis


class Triages:
    """Ticket, triage and step rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def begin(self, triage: TriageId, ref: TicketRef, why: str) -> bool:
        """Starts a triage unless the ticket has a live one, or this one ran before; says whether it was started."""
        if await self._select(triages.c.id == triage):
            return False
        now = StoreNow()
        await self._db.execute(
            insert_into(self._db, tickets)
            .values(key=ref.key, ref=ref.model_dump_json(), first_seen_at=now, last_seen_at=now)
            .on_conflict_do_nothing(index_elements=["key"])
        )
        won = await self._db.execute(
            update(tickets)
            .where(tickets.c.key == ref.key, tickets.c.live_triage.is_(None))
            .values(live_triage=triage, last_seen_at=now)
        )
        if not won.rowcount:
            return False
        await self._db.execute(
            triages.insert().values(
                id=triage, ticket_key=ref.key, state=TriageState.QUEUED, why=why, created_at=now, changed_at=now
            )
        )
        return True

    async def live(self, ticket: TicketKey) -> TriageId | None:
        """The ticket's live triage, if it has one."""
        query = select(tickets.c.live_triage).where(tickets.c.key == ticket)
        found: str | None = (await self._db.execute(query)).scalar_one_or_none()
        return TriageId(found) if found else None

    async def newest(self, ticket: TicketKey) -> Triage | None:
        """The ticket's newest triage, however it stands."""
        query = select(triages.c.id).where(triages.c.ticket_key == ticket)
        newest = query.order_by(triages.c.created_at.desc(), triages.c.id.desc()).limit(1)
        found: str | None = (await self._db.execute(newest)).scalar_one_or_none()
        return None if found is None else await self.get(TriageId(found))

    async def get(self, triage: TriageId) -> Triage:
        """Raises `LookupError` for an unknown id."""
        found = await self._select(triages.c.id == triage)
        if not found:
            raise LookupError(f"no triage {triage}")
        return found[0]

    async def seen(self, keys: Collection[TicketKey]) -> set[TicketKey]:
        """Those of these tickets that were triaged before, however it ended, except where it failed."""
        query = select(triages.c.ticket_key).where(
            triages.c.ticket_key.in_(keys), triages.c.state != TriageState.FAILED
        )
        return {TicketKey(key) for (key,) in await self._db.execute(query)}

    async def newest_of(self, tracker: TrackerName, install: InstallId) -> Millis | None:
        """When this install's newest ticket was first seen; None where there is none."""
        begin = f"{tracker}:{install}:"
        query = select(func.max(tickets.c.first_seen_at)).where(tickets.c.key.startswith(begin, autoescape=True))
        found = (await self._db.execute(query)).scalar_one()
        return None if found is None else Millis(found)

    async def waiting(self, limit: int) -> list[Triage]:
        """Triages that wait for a person, oldest first."""
        return await self._select(triages.c.state == TriageState.AWAITING, limit)

    async def count_waiting(self) -> int:
        query = select(func.count()).select_from(triages).where(triages.c.state == TriageState.AWAITING)
        return int((await self._db.execute(query)).scalar_one())

    async def waiting_because(self, why: str) -> int:
        """Triages that began for this reason and are thought about, or wait for a person."""
        live = (TriageState.QUEUED, TriageState.AWAITING)
        query = select(func.count()).select_from(triages).where(triages.c.state.in_(live), triages.c.why == why)
        return int((await self._db.execute(query)).scalar_one())

    async def _select(self, where: object, limit: int = 1) -> list[Triage]:
        query = (
            select(triages, tickets.c.ref)
            .join(tickets, tickets.c.key == triages.c.ticket_key)
            .where(where)  # type: ignore[arg-type]  # a column expression
            .order_by(triages.c.created_at, triages.c.id)
            .limit(limit)
        )
        return [
            Triage(
                id=row.id,
                ticket=row.ticket_key,
                ref=TicketRef.model_validate_json(row.ref),
                state=TriageState(row.state),
                why=row.why,
                created_at=row.created_at,
            )
            for row in await self._db.execute(query)
        ]

    async def move(self, triage: TriageId, old: TriageState, new: TriageState, why: str = "") -> None:
        """Compare-and-set of the state; an ended triage frees its ticket. Raises `LostRace`, `IllegalMove`."""
        check_triage(old, new)
        moved = await self._db.execute(
            update(triages)
            .where(triages.c.id == triage, triages.c.state == old)
            .values(state=new, changed_at=StoreNow(), **({"why": why} if why else {}))
        )
        if not moved.rowcount:
            raise LostRace(f"triage {triage} is not {old} any more")
        if new in (TriageState.CLOSED, TriageState.FAILED):
            await self._db.execute(update(tickets).where(tickets.c.live_triage == triage).values(live_triage=None))

    async def keep(self, triage: TriageId, step: str, answer: str) -> str:
        """Stores a step's answer unless it has one; returns what is stored."""
        added = await self._db.execute(
            insert_into(self._db, steps)
            .values(triage_id=triage, name=step, answer=answer, at=StoreNow())
            .on_conflict_do_nothing(index_elements=["triage_id", "name"])
            .returning(steps.c.name)
        )
        if added.scalar_one_or_none() is not None:
            return answer
        stored = await self.recall(triage, step)
        return answer if stored is None else stored

    async def recall(self, triage: TriageId, step: str) -> str | None:
        query = select(steps.c.answer).where(steps.c.triage_id == triage, steps.c.name == step)
        answer: str | None = (await self._db.execute(query)).scalar_one_or_none()
        return answer
