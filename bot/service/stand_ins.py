"""Answers without any words: by them a card can be drawn once more whose own answers are long gone. Pure."""

from __future__ import annotations

from bot.record.eraser import ERASED
from graphs.answers import Checked, Screened
from graphs.model import Analysis, CleanTicket, HygieneReport, Login, Proposal, Role, Value
from graphs.state import Step


def stand_ins(proposal: Proposal) -> dict[Step, Value]:
    """What the steps would have answered about a ticket that says nothing."""
    ticket = CleanTicket(
        ref=proposal.target,
        url="",
        title=ERASED,
        body=ERASED,
        author=Login(ERASED),
        labels=proposal.seen.labels,
        assignees=(),
        private=True,
        version=proposal.seen.version,
        hygiene=HygieneReport(),
    )
    analysis = Analysis(
        layer_scores={proposal.layer: 1.0},
        kind=proposal.kind,
        role=Role.NEITHER,
        risks=(),
        evidence=(),
        engine=proposal.versions.get("engine", ""),
    )
    checked = Checked(layer=proposal.layer, kind=proposal.kind, owner=proposal.owner, evidence=(), unsupported=0)
    screened = Screened(ticket=ticket, closed=False, opened_at=proposal.created_at)
    return {Step.SCREEN: screened, Step.ANALYSE: analysis, Step.CHECK: checked}
