"""Names for strings and numbers, and the base of every value."""

from __future__ import annotations

from typing import NewType

from pydantic import BaseModel, ConfigDict

Millis = NewType("Millis", int)
LayerId = NewType("LayerId", str)
"""A layer of the taxonomy in `policies/layers.yaml`; validated where it enters, so a plain string inside."""
InstallId = NewType("InstallId", str)
TicketKey = NewType("TicketKey", str)
TriageId = NewType("TriageId", str)
ProposalId = NewType("ProposalId", str)
Digest = NewType("Digest", str)
SlackUserId = NewType("SlackUserId", str)
Login = NewType("Login", str)
"""A person's account name in a tracker."""
OwnerId = NewType("OwnerId", str)
"""A role handle in `policies/owners.yaml`, for example `data-lead`."""


class Value(BaseModel):
    """Base of every value: immutable, compared by content, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
