"""Into which channel a card goes: its owner's, else its layer's, else the default one. There and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from graphs.model import Proposal
from graphs.owners import Owners


@dataclass(frozen=True)
class Routes:
    default: str
    """SLACK_CHANNEL: cards without a channel of their own, and notices to the operator."""
    owners: Owners

    def of(self, proposal: Proposal) -> str:
        owner = self.owners.channel(proposal.owner.owner) if proposal.owner else None
        return owner or self.owners.channel_of_layer(proposal.layer) or self.default
