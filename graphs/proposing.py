"""Makes proposals: which operations follow from an analysis, and the digest that binds an approval to them.

    digest = SHA-256( JCS( target, seen, operations, versions ) )        JCS: RFC 8785

Pure: no I/O, no clock. The same inputs give the same proposal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

import rfc8785

from graphs.model import (
    AddLabel,
    Assign,
    CleanTicket,
    Comment,
    Digest,
    Kind,
    LayerId,
    Operation,
    OwnerChoice,
    Proposal,
    ProposalId,
    Seen,
    TicketRef,
    TriageId,
)
from graphs.names import folded
from graphs.ports import Taxonomy
from prompts.loader import Prompt

OPERATIONS_VERSION = "1"
"""Changes whenever the meaning of an operation changes; part of every digest."""


def digest_of(target: TicketRef, seen: Seen, operations: Sequence[Operation], versions: dict[str, str]) -> Digest:
    """Hex SHA-256 over the canonical JSON of everything an approval is about."""
    content: dict[str, object] = {
        "target": target.model_dump(mode="json"),
        # An open ticket is the rule, and digests from before there was a word for it hold.
        "seen": seen.model_dump(mode="json", exclude=None if seen.closed else {"closed"}),
        "operations": [one.model_dump(mode="json") for one in operations],
        "versions": versions,
    }
    return Digest(hashlib.sha256(rfc8785.dumps(content)).hexdigest())  # type: ignore[arg-type]  # JSON only


def digest_holds(proposal: Proposal) -> bool:
    """Whether the proposal's digest is that of its content."""
    return proposal.digest == digest_of(proposal.target, proposal.seen, proposal.operations, proposal.versions)


def proposal_id(triage: TriageId, *origin: str) -> ProposalId:
    """The same origin gives the same id, so a step that runs again after a crash makes no second proposal."""
    return ProposalId(hashlib.sha256("\n".join((triage, *origin)).encode()).hexdigest()[:32])


def operations_for(
    ticket: CleanTicket,
    *,
    layer: LayerId,
    kind: Kind,
    owner: OwnerChoice | None,
    taxonomy: Taxonomy,
    tracker_labels: Collection[str],
    comment: Prompt,
) -> tuple[Operation, ...]:
    """What to write. A label family that a person has set already is left alone, and so is an assignee.

    An empty answer means: people have triaged this ticket already.
    """
    operations: list[Operation] = []
    families = (
        (taxonomy.layer_label(layer), {taxonomy.layer_label(one) for one in taxonomy.layers}),
        (taxonomy.kind_label(kind), {taxonomy.kind_label(one) for one in Kind}),
    )
    for label, family in families:
        if not folded(family) & folded(ticket.labels):
            operations.append(AddLabel(label=label, creates=label.casefold() not in folded(tracker_labels)))
    if owner is not None and owner.login is not None and not ticket.assignees:
        operations.append(Assign(login=owner.login))
    if operations:
        who = "not known yet" if owner is None else owner.name
        text = comment.fill(layer=taxonomy.layer_title(layer), kind=str(kind), owner=who)
        operations.append(Comment(body=text))
    return tuple(operations)


def seen_of(ticket: CleanTicket, *, closed: bool = False) -> Seen:
    """The fields a proposal may touch, as they are now."""
    return Seen(labels=ticket.labels, assignees=ticket.assignees, version=ticket.version, closed=closed)
