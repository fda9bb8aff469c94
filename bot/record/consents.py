"""First approvals where two people have to approve. Each is bound to one proposal, which never changes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.tables import consents
from graphs.model import Proposal, ProposalId, SlackUserId


class Consents:
    """Rows of first approvals within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def give(self, proposal: Proposal, by: SlackUserId) -> bool:
        """False when somebody was quicker: theirs is the first approval then."""
        given = await self._db.execute(
            insert_into(self._db, consents)
            .values(proposal_id=proposal.id, digest=proposal.digest, by=by, at=StoreNow())
            .on_conflict_do_nothing(index_elements=["proposal_id"])
            .returning(consents.c.proposal_id)
        )
        return given.scalar_one_or_none() is not None

    async def first(self, proposal: ProposalId) -> SlackUserId | None:
        """Who has approved it first."""
        query = select(consents.c.by).where(consents.c.proposal_id == proposal)
        found: str | None = (await self._db.execute(query)).scalar_one_or_none()
        return SlackUserId(found) if found else None
