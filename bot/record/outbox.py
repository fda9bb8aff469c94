"""The outbox: one row for each approved operation, and the effects they had.

A row is moved to `sending` in a transaction of its own before anything is sent. After a crash or a lost reply it is
resolved by reading the ticket, never by sending again blindly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.states import LostRace, check_outbox
from bot.record.tables import effects, outbox
from graphs.model import Effect, Operation, OutboxState, Proposal, ProposalId, TicketKey, Value

_OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)


class OutboxRow(Value):
    id: int
    proposal: ProposalId
    position: int
    operation: Operation
    state: OutboxState
    attempt: int
    outcome: str
    """One word for programs: `applied`, `already_there`, `drift`, `denied`, `gone`, `refused`, `rejected` ..."""
    detail: str
    """One sentence for people."""


class Outbox:
    """Outbox and effect rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def add(self, proposal: Proposal) -> None:
        for position, operation in enumerate(proposal.operations):
            body = operation.model_dump_json()
            await self._db.execute(
                insert(outbox).values(
                    proposal_id=proposal.id,
                    position=position,
                    ticket_key=proposal.target.key,
                    operation=body,
                    state=OutboxState.PENDING,
                    attempt=0,
                    fence=0,
                    request_hash=hashlib.sha256(f"{proposal.digest}{position}{body}".encode()).hexdigest(),
                    outcome="",
                    detail="",
                    changed_at=StoreNow(),
                )
            )

    async def of(self, proposal: ProposalId) -> list[OutboxRow]:
        """The proposal's rows, in order."""
        rows = await self._db.execute(
            select(outbox).where(outbox.c.proposal_id == proposal).order_by(outbox.c.position)
        )
        return [
            OutboxRow(
                id=row.id,
                proposal=row.proposal_id,
                position=row.position,
                operation=_OPERATION.validate_json(row.operation),
                state=OutboxState(row.state),
                attempt=row.attempt,
                outcome=row.outcome,
                detail=row.detail,
            )
            for row in rows
        ]

    async def move(self, row: OutboxRow, new: OutboxState, fence: int, outcome: str = "", detail: str = "") -> None:
        """Compare-and-set from the state the caller saw. Raises `LostRace`, `IllegalMove`."""
        check_outbox(row.state, new)
        attempt = row.attempt + (new is OutboxState.SENDING)
        moved = await self._db.execute(
            update(outbox)
            .where(outbox.c.id == row.id, outbox.c.state == row.state, outbox.c.fence <= fence)
            .values(state=new, attempt=attempt, fence=fence, outcome=outcome, detail=detail, changed_at=StoreNow())
        )
        if not moved.rowcount:
            raise LostRace(f"outbox row {row.id} is not {row.state} any more")

    async def record_effect(self, row: OutboxRow, ticket: TicketKey, field: str, value: str) -> None:
        """Remembers that this row really changed the ticket: what undo takes back."""
        await self._db.execute(
            insert(effects).values(outbox_id=row.id, ticket_key=ticket, field=field, value=value, at=StoreNow())
        )

    async def left(self, proposal: ProposalId) -> list[Effect]:
        """What this proposal has changed and what was not taken back since, in the order it was done."""
        query = (
            select(outbox.c.position, effects.c.field, effects.c.value)
            .join(effects, effects.c.outbox_id == outbox.c.id)
            .where(outbox.c.proposal_id == proposal, effects.c.undone_at.is_(None))
            .order_by(outbox.c.position)
        )
        return [Effect.model_validate(dict(row)) for row in (await self._db.execute(query)).mappings()]

    async def taken_back(self, proposal: ProposalId, field: str, value: str) -> None:
        """Remembers that this change of that proposal is gone."""
        mine = select(outbox.c.id).where(outbox.c.proposal_id == proposal)
        await self._db.execute(
            update(effects)
            .where(effects.c.outbox_id.in_(mine), effects.c.field == field, effects.c.value == value)
            .values(undone_at=StoreNow())
        )

    async def recent(self, ticket: TicketKey, within_ms: int) -> Sequence[Operation]:
        """Operations on this ticket that may have been sent within the window: what an echo is matched against."""
        sent = (OutboxState.SENDING, OutboxState.UNKNOWN, OutboxState.DONE)
        rows = await self._db.execute(
            select(outbox.c.operation).where(
                outbox.c.ticket_key == ticket,
                outbox.c.state.in_(sent),
                outbox.c.outcome != "already_there",  # nothing was sent: a person had set it
                outbox.c.changed_at >= StoreNow() - within_ms,
            )
        )
        return [_OPERATION.validate_json(row.operation) for row in rows]

    async def effects(self) -> int:
        """How many changes to tickets were made in all."""
        return int((await self._db.execute(select(func.count()).select_from(effects))).scalar_one())
