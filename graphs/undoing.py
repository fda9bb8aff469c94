"""Takes back what an approved proposal has changed: which operations do it, and the proposal they travel in. Pure.

An undo is a proposal of its own with a digest of its own, approved by whoever asked for it, so that it goes the way of
every write: the gate, the outbox, one member at a time, read back. Must not touch what somebody else has set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from graphs.model import (
    Effect,
    Login,
    Millis,
    Operation,
    Proposal,
    RemoveComment,
    RemoveLabel,
    SlackUserId,
    Unassign,
)
from graphs.proposing import digest_of, proposal_id


def undo_of(original: Proposal, left: Sequence[Effect], by: SlackUserId, attempt: int, now: Millis) -> Proposal:
    """What takes back `left`, the last change first.

    `attempt` counts the undos of this proposal before: two people who press at once make the same one.
    """
    operations = tuple(_back(original, one) for one in sorted(left, key=lambda one: -one.position))
    versions = {**original.versions, "undoes": original.digest}
    return original.model_copy(
        update={
            "id": proposal_id(original.triage, "undo", original.id, str(attempt)),
            "operations": operations,
            "digest": digest_of(original.target, original.seen, operations, versions),
            "versions": versions,
            "alternatives": (),
            "created_at": now,
            "expires_at": Millis(now + (original.expires_at - original.created_at)),
            "edited_by": by,
            "replaces": None,
            "undoes": original.id,
        }
    )


def _back(original: Proposal, effect: Effect) -> Operation:
    match effect.field:
        case "label":
            return RemoveLabel(label=effect.value)
        case "assignee":
            return Unassign(login=Login(effect.value))
        case "comment":
            return RemoveComment(proposal=original.id, position=effect.position, body=effect.value)
    assert_never(effect.field)
