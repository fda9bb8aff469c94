"""All that a model is offered, in one list: the order is part of every request, so that the start of it stays the same.

Owns which tools there are. To add one: a file beside this one with its tool and its `offer`, an action in
`graphs.acts` and the Cedar schema, a line here. At most eight, or services refuse the schemas as one grammar.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphs.archive.notes import Notes
from graphs.archive.past import Library
from graphs.owners import Owners
from graphs.taxonomy import LayerTaxonomy
from graphs.tools import (
    code_owners,
    list_labels,
    look_up_owners,
    owner_history,
    read_comments,
    read_past_ticket,
    search_notes,
    search_past_tickets,
)
from graphs.tools.code_owners import CodeOwners
from graphs.tools.list_labels import ListLabels
from graphs.tools.look_up_owners import LookUpOwners
from graphs.tools.offered import Offer
from graphs.tools.owner_history import OwnerHistory
from graphs.tools.read_comments import ReadComments
from graphs.tools.read_past_ticket import ReadPastTicket
from graphs.tools.search_notes import SearchNotes
from graphs.tools.search_past_tickets import SearchPastTickets

MOST = 8


@dataclass(frozen=True)
class Sources:
    """Where the tools look."""

    owners: Owners
    taxonomy: LayerTaxonomy
    library: Library
    notes: Notes
    read_comments: ReadComments
    list_labels: ListLabels
    look_up_owners: LookUpOwners


def offers(sources: Sources) -> tuple[Offer, ...]:
    return (
        read_comments.offer(sources.read_comments),
        search_past_tickets.offer(SearchPastTickets(sources.library)),
        read_past_ticket.offer(ReadPastTicket(sources.library)),
        look_up_owners.offer(sources.look_up_owners),
        owner_history.offer(OwnerHistory(sources.owners, sources.library)),
        code_owners.offer(CodeOwners(sources.owners)),
        search_notes.offer(SearchNotes(sources.notes)),
        list_labels.offer(sources.list_labels, sources.taxonomy),
    )
