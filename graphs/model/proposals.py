"""What is suggested for a ticket: immutable, bound by a digest."""

from __future__ import annotations

from graphs.model.analyses import Kind, OwnerChoice
from graphs.model.base import Digest, LayerId, Login, Millis, ProposalId, SlackUserId, TriageId, Value
from graphs.model.operations import Operation
from graphs.model.tickets import TicketRef


class Seen(Value):
    """The fields a proposal touches, as they were when it was made: what drift is judged against."""

    labels: tuple[str, ...]
    assignees: tuple[Login, ...]
    version: str
    closed: bool = False
    """The ticket was closed already."""


class Alternative(Value):
    """Another layer that may be the right one, with everything that choosing it would write."""

    layer: LayerId
    owner: OwnerChoice | None
    operations: tuple[Operation, ...]
    digest: Digest
    """Of a proposal with these operations."""


class Proposal(Value):
    """An immutable suggestion of changes to one ticket.

    `digest` is SHA-256 over the canonical JSON of target, operations and versions (`graphs.proposing`):
    whoever approves, approves exactly that.
    """

    id: ProposalId
    triage: TriageId
    target: TicketRef
    seen: Seen
    operations: tuple[Operation, ...]
    digest: Digest
    layer: LayerId
    kind: Kind
    owner: OwnerChoice | None
    versions: dict[str, str]
    """Versions that shaped it: `operations`, `policy`, `engine`, `comment_prompt`."""
    created_at: Millis
    expires_at: Millis
    alternatives: tuple[Alternative, ...] = ()
    """What a person can choose instead with one press, likeliest first. Each has a digest of its own."""
    edited_by: SlackUserId | None = None
    replaces: ProposalId | None = None
    undoes: ProposalId | None = None
    """Set where this takes back what that other proposal has changed."""
    asks: ProposalId | None = None
    """Set where this asks the reporter a question, beside that other proposal, which goes on waiting."""
