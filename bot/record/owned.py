"""Tickets for which a person approved an owner: what the owner ranking learns from.

Owns the queries. Only approvals count: what was rejected, expired or replaced teaches nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Join, String, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.tables import decisions, proposals, steps
from graphs.model import InstallId, Millis, Proposal, TrackerName, Value
from graphs.state import Step

_PAGE = 200


class OwnedRow(Value):
    """One approved proposal with the ticket as it was read then (`graphs.answers.Screened` as JSON)."""

    key: str
    proposal: Proposal
    screened: str
    decided_at: Millis


class Owned:
    """Reads approved proposals within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def keys(self, install: InstallId, most: int) -> list[str]:
        """The newest approvals, newest first, one for each ticket. A text that was changed since has another key."""
        started = [f"{tracker}:{install}:" for tracker in TrackerName]
        mine = func.substr(proposals.c.ticket_key, 1, func.length(started[0])) == started[0]
        for one in started[1:]:
            mine |= func.substr(proposals.c.ticket_key, 1, func.length(one)) == one
        query = (
            select(_key(), proposals.c.ticket_key)
            .select_from(_approved())
            .where(mine)
            .order_by(decisions.c.at.desc(), proposals.c.id)
            .limit(2 * most)
        )
        newest: dict[str, str] = {}
        for key, ticket in await self._db.execute(query):
            newest.setdefault(ticket, key)
        return list(newest.values())[:most]

    async def read(self, keys: Collection[str]) -> list[OwnedRow]:
        """Those of them that are still there, in no order."""
        wanted, found = list(keys), []
        for start in range(0, len(wanted), _PAGE):
            ids = [key.partition(":")[0] for key in wanted[start : start + _PAGE]]
            query = (
                select(_key(), proposals.c.body, steps.c.answer, decisions.c.at)
                .select_from(_approved())
                .where(proposals.c.id.in_(ids))
            )
            found += [
                OwnedRow(key=key, proposal=Proposal.model_validate_json(body), screened=screened, decided_at=Millis(at))
                for key, body, screened, at in await self._db.execute(query)
            ]
        return found


def _key() -> ColumnElement[str]:
    return proposals.c.id + ":" + cast(func.length(steps.c.answer), String)


def _approved() -> Join:
    screened = and_(steps.c.triage_id == proposals.c.triage_id, steps.c.name == Step.SCREEN.value)
    decided = and_(decisions.c.proposal_id == proposals.c.id, decisions.c.status == "approved")
    return decisions.join(proposals, decided).join(steps, screened)
