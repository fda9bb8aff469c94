"""Decisions by which a person corrected a proposal, with what was proposed and what the ticket said.

Reads only. Every stored decision passed the gate, so whoever made it was an approver then.
"""

from __future__ import annotations

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.tables import decisions, proposals, steps
from graphs.model import Decision, Edited, Proposal, Rejected, Value
from graphs.state import Step

_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)


class Correction(Value):
    stored_at: int
    """When the record took it in: by this they are in order."""
    proposed: Proposal
    decision: Edited | Rejected
    chosen: Proposal | None
    """What an editor approved instead; None where it was rejected."""
    screened: str | None
    """The answer of the step that read the ticket; None when it has aged out of the record."""


class Corrections:
    """Corrections within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def after(self, at: int, proposal: str, limit: int) -> list[Correction]:
        """A page in the order of decision, from behind the given moment and proposal on."""
        screen = select(steps.c.answer).where(steps.c.triage_id == proposals.c.triage_id, steps.c.name == Step.SCREEN)
        query = (
            select(
                decisions.c.at,
                decisions.c.body.label("decision"),
                proposals.c.body,
                screen.scalar_subquery().label("screened"),
            )
            .join(proposals, proposals.c.id == decisions.c.proposal_id)
            .where(decisions.c.status.in_(("edited", "rejected")))
            .where((decisions.c.at > at) | ((decisions.c.at == at) & (decisions.c.proposal_id > proposal)))
            .order_by(decisions.c.at, decisions.c.proposal_id)
            .limit(limit)
        )
        rows = (await self._db.execute(query)).all()
        return [await self._correction(row.at, row.decision, row.body, row.screened) for row in rows]

    async def _correction(self, at: int, body: str, proposed: str, screened: str | None) -> Correction:
        decision = _DECISION.validate_json(body)
        assert isinstance(decision, Edited | Rejected), "the query asks for no others"
        chosen: str | None = None
        if isinstance(decision, Edited):
            query = select(proposals.c.body).where(proposals.c.id == decision.proposal)
            chosen = (await self._db.execute(query)).scalar_one_or_none()
        return Correction(
            stored_at=at,
            proposed=Proposal.model_validate_json(proposed),
            decision=decision,
            chosen=None if chosen is None else Proposal.model_validate_json(chosen),
            screened=screened,
        )
