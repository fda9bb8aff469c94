"""What begins when a proposal begins to wait for a person: the end of its time, and the first reminder before it."""

from __future__ import annotations

from bot.record.record import Transaction
from bot.service.queue import office_of
from bot.tasks import ExpireProposal, RemindOfCard
from graphs.calendar import Calendar
from graphs.model import Millis, Proposal


async def start_waiting(tx: Transaction, proposal: Proposal, calendar: Calendar) -> None:
    """Adds the jobs in the caller's transaction, each once."""
    ticket, begun = proposal.target.key, proposal.created_at
    expire = ExpireProposal(proposal=proposal.id)
    key = f"expire:{proposal.id}"
    await tx.jobs.add(expire, ticket=ticket, key=key, delay_ms=proposal.expires_at - begun)
    await add_reminder(tx, proposal, 0, reminders(proposal, begun, proposal.expires_at, calendar), begun)


async def add_reminder(tx: Transaction, proposal: Proposal, number: int, moments: list[Millis], now: Millis) -> None:
    """The reminder of this number, where there is one; the one after it is added when it is through."""
    if number < len(moments):
        remind, key = RemindOfCard(proposal=proposal.id, number=number), f"remind:{proposal.id}:{number}"
        delay_ms = max(moments[number] - now, 1)
        await tx.jobs.add(remind, ticket=proposal.target.key, key=key, delay_ms=delay_ms)


def reminders(proposal: Proposal, begun: Millis, due_at: Millis, calendar: Calendar) -> list[Millis]:
    """When a card's thread is reminded, in order; always while its owner's office is open."""
    office = office_of(calendar, proposal)
    moments = [calendar.share_of(begun, due_at, share, office) for share in calendar.remind_at]
    return [min(calendar.opens(one, office), due_at) for one in moments]
