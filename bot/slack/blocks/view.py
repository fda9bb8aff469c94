"""Everything a card shows, as one frozen value, and the states a card can be in.

Owns the input of the renderers. Whoever fills it has redacted all text; nobody has to have escaped it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field

from graphs.model import (
    Analysis,
    CleanTicket,
    Decision,
    Edited,
    Expired,
    HygieneReport,
    LayerId,
    Login,
    Millis,
    Operation,
    Proposal,
    Rejected,
    SlackUserId,
    Value,
    Withdrawn,
)


class TicketFace(Value):
    """The side of a ticket that a card shows. `title` and `words` are untrusted."""

    short: str
    url: str
    title: str
    words: str
    author: Login
    opened_at: Millis
    private: bool

    @classmethod
    def of(cls, ticket: CleanTicket, opened_at: Millis) -> Self:
        return cls(
            short=ticket.ref.short,
            url=ticket.url,
            title=ticket.title,
            words=ticket.body,
            author=ticket.author,
            opened_at=opened_at,
            private=ticket.private,
        )


class Outcome(StrEnum):
    """What became of one approved operation."""

    DONE = "done"
    ALREADY = "already"
    """It was so before: nothing had to be written."""
    KEPT = "kept"
    """Left alone, because a person had set something else."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The tracker's answer was lost; the executor still asks."""


class Result(Value):
    operation: Operation
    outcome: Outcome
    note: str = ""
    """Why, in words; shown when it is not plainly done."""


class Pending(Value):
    status: Literal["pending"] = "pending"


class Applying(Value):
    status: Literal["applying"] = "applying"
    by: SlackUserId
    at: Millis


class Applied(Value):
    """The executor is through; `results` say what is really set."""

    status: Literal["applied"] = "applied"
    by: SlackUserId
    at: Millis
    results: tuple[Result, ...]


class Stale(Value):
    """Approved, but the ticket had changed in a field the proposal touches: nothing was written."""

    status: Literal["stale"] = "stale"
    by: SlackUserId
    at: Millis
    changes: tuple[str, ...]
    """What changed, in words: `label kind: bug was added`."""


class Failed(Value):
    """Approved, and nothing could be written."""

    status: Literal["failed"] = "failed"
    by: SlackUserId
    at: Millis
    reason: str


class TakingBack(Value):
    """Somebody undoes what was written; the executor is at it."""

    status: Literal["taking_back"] = "taking_back"
    by: SlackUserId
    at: Millis


class TakenBack(Value):
    """Undone as far as it goes; `results` say what is gone and what stays."""

    status: Literal["taken_back"] = "taken_back"
    by: SlackUserId
    at: Millis
    results: tuple[Result, ...]


CardState = Annotated[
    Pending | Applying | Applied | TakingBack | TakenBack | Rejected | Edited | Expired | Withdrawn | Stale | Failed,
    Field(discriminator="status"),
]
"""Who decided and when is part of the state: a state without a decider has none."""


class TrackRecord(Value):
    """How often guesses like this one were right: confidence as a count."""

    right: int
    of: int

    alike: bool = False
    """Whether only guesses that were about as sure are counted."""


class SimilarFace(Value):
    """Another ticket that is much like this one, and what became of it. `title` is untrusted."""

    short: str
    url: str
    title: str
    """Empty where its text is gone."""
    score: float
    layer: LayerId | None = None
    """The layer that was decided."""
    decision: Decision | None = None
    """None while it waits."""


class PrecedentFace(Value):
    """A decided ticket that moved the guess, with where that is from."""

    short: str
    layer: LayerId
    likeness: float
    by: SlackUserId | None = None
    """None: it was forgotten since."""
    at: Millis | None = None


class Asleep(Value):
    """A person put the card off."""

    by: SlackUserId
    until: Millis


class CardView(Value):
    proposal: Proposal
    ticket: TicketFace
    analysis: Analysis
    hygiene: HygieneReport
    layer_titles: dict[LayerId, str]
    """Every layer of the taxonomy in words; a layer that is not in it is shown by its id."""
    value: str
    """The sealed value of `ids.CardKey` for this proposal."""
    state: CardState = Pending()
    record: TrackRecord | None = None
    undoable: tuple[Operation, ...] = ()
    """What Undo would do now; empty where nothing of ours is left, or it is being taken back."""
    similar: tuple[SimilarFace, ...] = ()
    """Best first."""
    precedents: tuple[PrecedentFace, ...] = ()
    """Strongest first."""
    review_questions: tuple[str, ...] = ()
    """Of the proposed layer, from the policies."""

    shortfalls: tuple[str, ...] = ()
    """What the tracker cannot do, as far as whoever approves should know it."""
    due_at: Millis | None = None
    """When nobody may decide any more; None: as the proposal says."""
    asleep: Asleep | None = None
    formal: bool = False
    """Two people have to approve it."""
    first: SlackUserId | None = None
    """Who has approved it already, where two have to."""
    seconds: tuple[SlackUserId, ...] = ()
    asked_at: Millis | None = None
    """When the reporter was last asked a question that was posted."""

    def title_of(self, layer: LayerId) -> str:
        return self.layer_titles.get(layer, layer)
