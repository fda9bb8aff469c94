"""The work that follows the end of a proposal, whoever ended it: show it, close the graph's thread."""

from __future__ import annotations

from bot.record.record import Transaction
from bot.tasks import RefreshCard, SettleTriage
from graphs.model import Proposal


async def after_decision(tx: Transaction, proposal: Proposal) -> None:
    """Adds the jobs in the caller's transaction; the thread is closed once, however often this is asked."""
    ticket = proposal.target.key
    await tx.jobs.add(RefreshCard(triage=proposal.triage), ticket=ticket)
    settle = SettleTriage(triage=proposal.triage, proposal=proposal.id)
    await tx.jobs.add(settle, ticket=ticket, key=f"settle:{proposal.triage}")
