"""What an engine says about a ticket, and what it refers to."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from graphs.model.base import LayerId, Login, OwnerId, SlackUserId, Value
from graphs.model.tickets import TicketRef


class Kind(StrEnum):
    BUG = "bug"
    FEATURE = "feature"
    QUESTION = "question"
    TASK = "task"


class Role(StrEnum):
    """Who is at the centre of the ticket: product-layer work, model-layer work, both, or neither."""

    AI_ENGINEER = "ai_engineer"
    ML_ENGINEER = "ml_engineer"
    BOTH = "both"
    NEITHER = "neither"


class Risk(StrEnum):
    """What a mistake would touch; shown only where the ticket itself says so."""

    REVENUE = "revenue"
    SAFETY = "safety"
    REGULATED = "regulated"
    SENSITIVE_DATA = "sensitive_data"
    CORE_OPERATIONS = "core_operations"
    SECURITY = "security"


class Evidence(Value):
    """Why: a claim with its source. A `quote` is checked against the ticket before anybody sees it."""

    source: Literal["quote", "owner_rule", "precedent", "note"]
    text: str
    ref: str = ""
    """What a model cites: a past ticket, owner or note, checked against what its tools have shown it."""


class Opinion(Value):
    """What a model adds to its choice of a layer. Every text in it is the model's, bounded, cleaned, shown as such.

    `duplicates`: past tickets that were shown to it; `dropped`: claims that failed the check; `calls`: of tools.
    """

    against: tuple[Evidence, ...] = ()
    would_change: str = ""
    missing: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    capability: tuple[str, str] | None = None
    """For a feature: a draft of what the model must be able to do, and of what a person will notice."""
    cites: tuple[str, ...] = ()
    """Names that its tools have shown it; nothing else may be cited."""
    dropped: int = 0
    versions: dict[str, str] = Field(default_factory=dict)
    """Also `certainty`: the model's own word for it."""
    certainty_learned_from: int = 0
    """Decided tickets that say what this word is worth; 0: a fixed table does, which nobody has calibrated."""
    tokens: int = 0
    cached_share: float = 0.0
    steps: int = 0
    calls: int = 0


class OwnerChoice(Value):
    """A proposed owner from the directory. `login` is None where the owner has no account in this tracker."""

    owner: OwnerId
    name: str
    login: Login | None
    slack_user: SlackUserId | None
    reason: str


class Similar(Value):
    """Another ticket of the same project that is much like this one. Perhaps the same; nothing follows from it."""

    ref: TicketRef
    url: str
    score: float
    """Of `graphs.similar`: about 0 for nothing in common, about 1 for the same text."""


class Precedent(Value):
    """A ticket that an approver decided, and that moved an engine's answer about another one."""

    ref: TicketRef
    layer: LayerId
    """What was decided."""
    likeness: float
    """Cosine of the two texts' n-grams, 0..1."""


class Analysis(Value):
    """An engine's whole answer about one ticket."""

    layer_scores: dict[LayerId, float]
    """Probability per layer of the taxonomy; sums to 1."""
    kind: Kind
    role: Role
    risks: tuple[Risk, ...]
    evidence: tuple[Evidence, ...]
    engine: str
    """Name and version of what answered, for example `local-lexical-3`."""
    cost_usd: float = 0.0
    known_ground: bool = True
    """False when the ticket is unlike anything the engine has seen: its confidence then means little."""
    layer_set: tuple[LayerId, ...] = ()
    """The layers among which the right one is at a stated rate (conformal prediction), likeliest first; empty where
    the engine makes no such promise."""
    secondary: tuple[LayerId, ...] = ()
    """Other layers that must change too, at most two, likeliest first."""
    abstains: bool = False
    """True when the engine would rather not propose: unsure among many layers, or on strange ground."""
    precedents: tuple[Precedent, ...] = ()
    """What the team had decided about like tickets and that moved this answer, strongest first; mostly empty."""
    opinion: Opinion | None = None
    stands_in: str = ""
    """Why this engine answered and not the one that should have; empty where it should."""

    @property
    def layer(self) -> LayerId:
        return max(self.layer_scores, key=lambda one: (self.layer_scores[one], one))

    @property
    def confidence(self) -> float:
        """Probability of the chosen layer, 0..1."""
        return self.layer_scores[self.layer]


class Prepared(Value):
    """An answer that was had before its triage began, as one of a batch."""

    id: str
    """Of the question: another text, model or prompt would have another."""
    analysis: Analysis
