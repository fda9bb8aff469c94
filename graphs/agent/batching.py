"""Many questions at once, answered within a day at half the price: the port, and what they may cost at most.

Owns the words of no vendor. A question of a batch stands alone: no tools, no second turn, no stronger model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from graphs.agent.prices import Price, cost
from graphs.agent.prompting import tokens_in
from graphs.agent.talk import Reply, Request, Usage
from graphs.model import Millis, Value

HALF = 0.5
"""What a token of a batch costs, a usual one being 1."""


class Question(Value):
    """One question with its name, which says everything that shaped it: the same name means the same question."""

    id: str
    request: Request
    past: dict[str, str]
    """The past tickets in it that may be cited: by name, how a person reads each."""


class Missed(StrEnum):
    """Why a question of a batch has no answer."""

    ERRORED = "errored"
    EXPIRED = "expired"
    CANCELED = "canceled"
    UNREADABLE = "unreadable"
    LOST = "lost"
    """The service says nothing of it."""


class Standing(Value):
    ended: bool
    expires_at: Millis | None


class Batches(Protocol):
    """Each raises `graphs.agent.talk.ModelAway` where it may be tried again, and `ModelRejected` where not."""

    async def send(self, questions: Sequence[tuple[str, Request]]) -> str:
        """The batch's id. After `ModelAway` nobody knows whether the service has it: `sent_since` says."""
        ...

    async def sent_since(self, at: Millis, count: int) -> Sequence[str]:
        """Batches of exactly `count` questions made at `at` (the service's clock) or later, oldest first."""
        ...

    async def look(self, batch: str) -> Standing: ...

    async def read(self, batch: str) -> Mapping[str, Reply | Missed]:
        """What became of each question of an ended batch, by its name."""
        ...


def halved(price: Price) -> Price:
    return Price.model_validate({name: HALF * each for name, each in price.model_dump().items()})


def at_most(request: Request, price: Price) -> float:
    """US dollars: the estimated tokens in, and all the room that there is for the answer. `price`: of a batch."""
    return cost(Usage(fresh=tokens_in(request), written=request.max_tokens), price)
