"""Proposals and decisions. A proposal never changes; a decision is made once.

Inserting the decision row is the compare-and-set: its primary key is the proposal, so of any number of clicks, in any
number of processes, exactly one wins.
"""

from __future__ import annotations

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.tables import decisions, effects, outbox, proposals
from graphs.model import Decision, Digest, Millis, Proposal, ProposalId, TicketKey, TriageId, Value

_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)


class Decided(Value):
    """One decision about what the agent proposed, as far as it is counted."""

    status: str
    proposed_at: Millis
    decided_at: Millis


class Proposals:
    """Proposal and decision rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def add(self, proposal: Proposal) -> bool:
        """Stores the proposal; one with a known id is left as it is and False is returned."""
        added = await self._db.execute(
            insert_into(self._db, proposals)
            .values(
                id=proposal.id,
                triage_id=proposal.triage,
                ticket_key=proposal.target.key,
                digest=proposal.digest,
                body=proposal.model_dump_json(),
                created_at=proposal.created_at,
                expires_at=proposal.expires_at,
                replaces=proposal.replaces,
                undoes=proposal.undoes,
                asks=proposal.asks,
            )
            .on_conflict_do_nothing(index_elements=["id"])
            .returning(proposals.c.id)
        )
        return added.scalar_one_or_none() is not None

    async def get(self, proposal: ProposalId) -> Proposal | None:
        query = select(proposals.c.body).where(proposals.c.id == proposal)
        body: str | None = (await self._db.execute(query)).scalar_one_or_none()
        return None if body is None else Proposal.model_validate_json(body)

    async def latest(self, triage: TriageId) -> Proposal | None:
        """The triage's newest proposal: the one that its card shows."""
        query = (
            select(proposals.c.body, proposals.c.id, proposals.c.replaces)
            .where(proposals.c.triage_id == triage, proposals.c.undoes.is_(None), proposals.c.asks.is_(None))
            .order_by(proposals.c.created_at.desc(), proposals.c.id)
        )
        rows = (await self._db.execute(query)).all()
        replaced = {row.replaces for row in rows}
        newest = [row.body for row in rows if row.id not in replaced]
        return Proposal.model_validate_json(newest[0]) if newest else None

    async def undos(self, proposal: ProposalId) -> list[Proposal]:
        """What has taken back, or is taking back, this proposal's changes; oldest first."""
        query = select(proposals.c.body).where(proposals.c.undoes == proposal).order_by(proposals.c.created_at)
        return [Proposal.model_validate_json(body) for (body,) in await self._db.execute(query)]

    async def questions(self, proposal: ProposalId) -> list[Proposal]:
        """What the reporter was asked beside this proposal; oldest first."""
        query = select(proposals.c.body).where(proposals.c.asks == proposal).order_by(proposals.c.created_at)
        return [Proposal.model_validate_json(body) for (body,) in await self._db.execute(query)]

    async def newest_written(self, ticket: TicketKey) -> Proposal | None:
        """The newest proposal that has changed this ticket and of which something is left."""
        query = (
            select(proposals.c.body)
            .join(outbox, outbox.c.proposal_id == proposals.c.id)
            .join(effects, effects.c.outbox_id == outbox.c.id)
            .where(effects.c.ticket_key == ticket, effects.c.undone_at.is_(None))
            .order_by(effects.c.at.desc(), outbox.c.id.desc())
            .limit(1)
        )
        body: str | None = (await self._db.execute(query)).scalar_one_or_none()
        return None if body is None else Proposal.model_validate_json(body)

    async def decide(self, proposal: Proposal, decision: Decision) -> bool:
        """Makes the decision; False when there was one already, which then stands."""
        won = await self._db.execute(
            insert_into(self._db, decisions)
            .values(
                proposal_id=proposal.id,
                status=decision.status,
                digest=proposal.digest,
                body=decision.model_dump_json(),
                at=StoreNow(),
            )
            .on_conflict_do_nothing(index_elements=["proposal_id"])
            .returning(decisions.c.proposal_id)
        )
        return won.scalar_one_or_none() is not None

    async def decision(self, proposal: ProposalId) -> Decision | None:
        query = select(decisions.c.body).where(decisions.c.proposal_id == proposal)
        body: str | None = (await self._db.execute(query)).scalar_one_or_none()
        return None if body is None else _DECISION.validate_json(body)

    async def decided_since(self, since: int, most: int = 10_000) -> list[Decided]:
        """The newest decisions about what the agent proposed, or a person passed on; edits count once."""
        edit = decisions.alias("edit")
        by_edit = select(edit).where(edit.c.proposal_id == proposals.c.replaces, edit.c.status == "edited").exists()
        query = (
            select(decisions.c.status, decisions.c.at, proposals.c.created_at)
            .join(proposals, proposals.c.id == decisions.c.proposal_id)
            .where(decisions.c.at >= since, decisions.c.status != "withdrawn")
            .where(proposals.c.undoes.is_(None), proposals.c.asks.is_(None), ~by_edit)
            .order_by(decisions.c.at.desc())
            .limit(most)
        )
        rows = await self._db.execute(query)
        return [Decided(status=row.status, proposed_at=row.created_at, decided_at=row.at) for row in rows]

    async def decided_digest(self, proposal: ProposalId) -> Digest:
        """The digest that was stored with the decision: what the person saw. Empty when there is no decision."""
        query = select(decisions.c.digest).where(decisions.c.proposal_id == proposal)
        digest: str | None = (await self._db.execute(query)).scalar_one_or_none()
        return Digest(digest or "")
