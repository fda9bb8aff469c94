"""Who answers: the local engine, the fast model, the stronger one; and what happens when none of them can.

Owns the order. The local engine settles a ticket only where the team's own past shows that it is right often enough
(`graphs.agent.settling`). Else the fast model answers; the stronger one is asked when it is unsure, when a confident
local engine disagrees, or when it failed. When money, time or the service runs out, the local engine's answer stands in
and says so. Only when that cannot be had either is there no answer, and then a person is told.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from graphs.agent.answer import Sure
from graphs.agent.budget import Journal, Limits, ModelFailed, allow
from graphs.agent.engine import Agent, Conversation
from graphs.agent.settling import Settling
from graphs.agent.single import Single
from graphs.errors import EngineUnavailable
from graphs.model import Analysis
from graphs.ports import Dossier, Model

DISAGREES_FROM = 0.6
"""A local engine that is less sure than this has no say against the model."""
WATCHED = 20
"""One in so many of the tickets that the local engine settles is asked of the model too, to watch their agreement."""


class PreparedAnswers(Protocol):
    async def of(self, dossier: Dossier, question: str) -> Analysis | None:
        """The answer to the question of this name, if there is one. Raises `ModelFailed` where there must be none."""
        ...


@dataclass(frozen=True)
class Ladder:
    local: Model
    fast: Agent
    strong: Agent | None
    journal: Journal
    limits: Limits
    settling: Settling | None = None
    """None: the local engine settles nothing."""
    prepared: PreparedAnswers | None = None
    """Answers that were had in a batch, before anybody asked here."""


class Cascade:
    """Implements `graphs.ports.Model`."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self.name = ladder.fast.model
        self.single = Single(ladder.fast)
        """For asking the first question in a batch."""

    async def analyse(self, dossier: Dossier) -> Analysis:
        """Raises `EngineUnavailable` when not even the local engine can answer; `Denied` while paused."""
        local, settled = await self.first(dossier)
        if local is not None and settled and not _watched(dossier):
            return local
        try:
            if (answer := await self._prepared(dossier)) is not None:
                return answer
            await allow(self._ladder.limits, self._ladder.journal)
        except ModelFailed as error:
            return _stand_in(local, error)
        answer = await self._ask(dossier, local)
        return local if local is not None and settled else answer

    async def first(self, dossier: Dossier) -> tuple[Analysis | None, bool]:
        """What the local engine says, and whether that settles the ticket."""
        local = await self._local(dossier)
        return local, local is not None and await self._settles(dossier, local)

    async def _prepared(self, dossier: Dossier) -> Analysis | None:
        if self._ladder.prepared is None:
            return None
        return await self._ladder.prepared.of(dossier, self.single.name(dossier))

    async def _local(self, dossier: Dossier) -> Analysis | None:
        try:
            return await self._ladder.local.analyse(dossier)
        except EngineUnavailable:
            return None

    async def _settles(self, dossier: Dossier, local: Analysis) -> bool:
        return self._ladder.settling is not None and await self._ladder.settling.settles(dossier, local)

    async def _ask(self, dossier: Dossier, local: Analysis | None) -> Analysis:
        first = await self._one(self._ladder.fast, dossier, local, 0.0)
        if self._ladder.strong is None or not _wants_second(first, local):
            return _answer(first, local)
        if first.spent.usd >= self._ladder.limits.usd:
            return _answer(first, local)
        second = await self._one(self._ladder.strong, dossier, local, first.spent.usd)
        if second.analysis is not None:
            return second.analysis.model_copy(update={"cost_usd": round(first.spent.usd + second.spent.usd, 6)})
        return _answer(first, local) if first.analysis is not None else _answer(second, local, first.spent.usd)

    async def _one(self, agent: Agent, dossier: Dossier, local: Analysis | None, before: float) -> Conversation:
        found = await agent.ask(dossier, local, before)
        agreed = None if found.analysis is None or local is None else found.analysis.layer == local.layer
        await self._ladder.journal.note(found.spent.model_copy(update={"agreed": agreed}))
        return found


def _wants_second(first: Conversation, local: Analysis | None) -> bool:
    if first.analysis is None:
        return True
    disagrees = (
        local is not None
        and local.known_ground
        and local.confidence >= DISAGREES_FROM
        and local.layer != first.analysis.layer
    )
    return first.sure is Sure.UNSURE or disagrees


def _answer(found: Conversation, local: Analysis | None, before: float = 0.0) -> Analysis:
    if found.analysis is not None:
        return found.analysis
    assert found.failure is not None, "a conversation has an answer or a failure"
    return _stand_in(local, found.failure, before + found.spent.usd)


def _stand_in(local: Analysis | None, why: EngineUnavailable, usd: float = 0.0) -> Analysis:
    if local is None:
        raise why
    return local.model_copy(update={"stands_in": str(why)[:200], "cost_usd": round(usd, 6)})


def _watched(dossier: Dossier) -> bool:
    """By the ticket, so that a second run of a step chooses the same."""
    return int(hashlib.sha256(dossier.ticket.ref.key.encode()).hexdigest()[:8], 16) % WATCHED == 0
