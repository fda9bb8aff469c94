"""What an undo finds changed by people since, in words. Pure but for the reading of comments."""

from __future__ import annotations

from bot.executor.drift import families
from bot.executor.marker import Marker
from bot.executor.port import TicketWriter
from bot.record.outbox import OutboxRow
from graphs.model import RemoveComment, RemoveLabel, Ticket, Unassign
from graphs.names import folded
from graphs.ports import Taxonomy

GONE = "somebody had taken it off already"


async def left_alone(row: OutboxRow, live: Ticket, writer: TicketWriter, marker: Marker) -> str | None:
    """Why a comment of ours that is still there is not deleted; None where there is none such."""
    match row.operation:
        case RemoveComment(proposal=proposal, position=position):
            posted = await writer.comments(live.ref)
            changed = any(marker.wrote(one, proposal, position) for one in posted)
            return "a person has changed it since, so it stays" if changed else None
        case _:
            return None


def gone(row: OutboxRow, live: Ticket, taxonomy: Taxonomy) -> str:
    """What became of a field that does not hold our value any more: a person's own choice is named, and stays."""
    match row.operation:
        case RemoveLabel(label=label):
            family: frozenset[str] = next((folded(one) for one in families(taxonomy) if label in one), frozenset())
            chosen = [f"“{one}”" for one in live.labels if one.casefold() in family - folded((label,))]
        case Unassign():
            chosen = list(live.assignees)
        case _:
            chosen = []
    return f"{GONE}; {', '.join(chosen)} stays" if chosen else GONE
