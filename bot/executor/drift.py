"""What people changed on a ticket since a proposal was made, as far as it touches what would be written. Pure."""

from __future__ import annotations

from graphs.model import (
    TAKES_BACK,
    AddLabel,
    Assign,
    Comment,
    Kind,
    Operation,
    Proposal,
    Ticket,
    TicketState,
)
from graphs.names import folded
from graphs.ports import Taxonomy


def families(taxonomy: Taxonomy) -> tuple[frozenset[str], ...]:
    """Sets of labels of which a ticket should carry one at most."""
    layers = frozenset(taxonomy.layer_label(one) for one in taxonomy.layers)
    kinds = frozenset(taxonomy.kind_label(one) for one in Kind)
    return layers, kinds


def drift(operation: Operation, proposal: Proposal, live: Ticket, taxonomy: Taxonomy) -> str | None:
    """What changed in the field this operation touches, in words; None when it may go on."""
    if isinstance(operation, TAKES_BACK):
        return None  # what is ours goes, closed or not; `bot.executor.leftover` tells what people have set instead
    if live.state is TicketState.CLOSED and not proposal.seen.closed:
        return "the ticket was closed"
    match operation:
        case AddLabel(label=label):
            return _label_drift(label, proposal, live, taxonomy)
        case Assign(login=login):
            known = folded((login, *proposal.seen.assignees))
            others = [one for one in live.assignees if one.casefold() not in known]
            return f"{', '.join(others)} {'was' if len(others) == 1 else 'were'} assigned" if others else None
        case Comment():
            return "the conversation was locked" if live.locked else None


def _label_drift(label: str, proposal: Proposal, live: Ticket, taxonomy: Taxonomy) -> str | None:
    family: frozenset[str] = next((folded(one) for one in families(taxonomy) if label in one), frozenset())
    rivals = family - folded((label, *proposal.seen.labels))
    others = [one for one in live.labels if one.casefold() in rivals]
    return f"the label “{min(others)}” was added" if others else None


def changes(proposal: Proposal, live: Ticket, taxonomy: Taxonomy) -> tuple[str, ...]:
    """All drift of the touched fields, each once, in the order of the operations: any of it refuses the whole proposal.

    A locked conversation is no change of a field: labels can be set on it, only the comment is left out.
    """
    fields = [one for one in proposal.operations if not isinstance(one, Comment)] or proposal.operations
    found = (drift(one, proposal, live, taxonomy) for one in fields)
    return tuple(dict.fromkeys(one for one in found if one))
