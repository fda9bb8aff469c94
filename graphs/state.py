"""The state of one thread: ids only. Texts and answers live in the record, where they are needed after the thread."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NotRequired, TypedDict


@dataclass(frozen=True)
class State:
    triage: str
    """`TriageId`, also the thread's id."""
    ref: str
    """`TicketRef` as JSON."""
    proposal: str = ""
    """`ProposalId` once there is one; empty where nothing had to be proposed."""
    outcome: str = ""
    closed_too: bool = False
    """A ticket that is closed is triaged as well: somebody asked for the closed ones."""


class Update(TypedDict):
    """What a node may change."""

    proposal: NotRequired[str]
    outcome: NotRequired[str]


@dataclass(frozen=True)
class Answer:
    """What the thread is resumed with, after the decision was stored in the record."""

    proposal: str
    status: str


class Step(StrEnum):
    """Names of the steps whose answers are kept."""

    SCREEN = "screen"
    GATHER = "gather"
    PREPARED = "prepared"
    """An answer that was had in a batch, before the triage began."""
    ANALYSE = "analyse"
    CHECK = "check"
    SETTLE = "settle"
