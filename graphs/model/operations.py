"""Changes to a ticket: each touches one member and can be read back."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from graphs.model.base import Login, ProposalId, Value


class AddLabel(Value):
    """Add one label, keep all others. `creates`: the label is not in the tracker yet and will be made."""

    op: Literal["add_label"] = "add_label"
    label: str
    creates: bool = False


class Assign(Value):
    """Assign one person, only while nobody else is assigned."""

    op: Literal["assign"] = "assign"
    login: Login


class Comment(Value):
    """Post one comment. The executor adds a keyed marker so that it is posted at most once."""

    op: Literal["comment"] = "comment"
    body: str


class RemoveLabel(Value):
    """Take one label off that Strata has set, keep all others."""

    op: Literal["remove_label"] = "remove_label"
    label: str


class Unassign(Value):
    """Take one person off whom Strata has assigned, keep all others."""

    op: Literal["unassign"] = "unassign"
    login: Login


class RemoveComment(Value):
    """Delete the comment that was posted for this operation of that proposal, if it still reads as it was posted."""

    op: Literal["remove_comment"] = "remove_comment"
    proposal: ProposalId
    position: int
    body: str


Operation = Annotated[AddLabel | Assign | Comment | RemoveLabel | Unassign | RemoveComment, Field(discriminator="op")]
"""One single-member change whose outcome can be read back from the tracker."""


TAKES_BACK = (RemoveLabel, Unassign, RemoveComment)
"""Operations of an undo, and of nothing else."""


class Effect(Value):
    """One change that Strata really made to a ticket and that has not been taken back."""

    position: int
    """Of the operation in its proposal."""
    field: Literal["label", "assignee", "comment"]
    value: str
