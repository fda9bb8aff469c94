"""What the nodes are given: ports and tools, put together by `bot.bootstrap`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graphs.model import CleanTicket, Millis, OwnerChoice, Ticket
from graphs.ports import Gatekeeper, Model, Notebook, Taxonomy
from graphs.tools.find_similar import FindSimilar
from graphs.tools.list_labels import ListLabels
from graphs.tools.look_up_owners import LookUpOwners
from graphs.tools.read_ticket import ReadTicket
from graphs.tools.toolbox import Toolbox
from prompts.loader import Prompt


@dataclass(frozen=True)
class Deps:
    gate: Gatekeeper
    toolbox: Toolbox
    read_ticket: ReadTicket
    list_labels: ListLabels
    look_up_owners: LookUpOwners
    find_similar: FindSimilar
    clean: Callable[[Ticket], CleanTicket]
    """The normaliser and the redactor: what a ticket passes before anything else sees it."""
    model: Model
    notebook: Notebook
    taxonomy: Taxonomy
    comment: Prompt
    policy_version: str
    due_at: Callable[[Millis, OwnerChoice | None], Millis]
    """Until when a proposal that is made now waits for a person."""
    """How long a proposal waits for a person."""
    paused: Callable[[], bool]
