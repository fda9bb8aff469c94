"""Asks a model about many tickets in batches, wave after wave, each no larger than the budget allows.

Owns the order: what is under way is read first, then as many tickets are sent as what is left of the hour and the day
covers if every answer took all its room; what they really cost is booked when it is known, and makes room for more. A
ticket without an answer is not asked again here: whoever reads the answers takes the usual way for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from bot.batches.post import Post
from bot.batches.state import StateFile
from graphs.agent.batching import Missed, Question
from graphs.agent.budget import Journal, Limits, Spent, left
from graphs.agent.cascade import Cascade
from graphs.agent.engine import Conversation
from graphs.agent.talk import Reply, Usage
from graphs.model import Analysis
from graphs.ports import Dossier


@dataclass(frozen=True)
class Ask:
    dossier: Dossier
    local: Analysis | None
    question: Question


@dataclass(frozen=True)
class Heard:
    """What one batch said: of our tickets, and bills for answers that nobody waits for any more."""

    answers: tuple[tuple[Ask, Conversation], ...]
    unclaimed: tuple[Spent, ...]


class Asking:
    def __init__(self, cascade: Cascade, post: Post, state: StateFile, journal: Journal, limits: Limits) -> None:
        self._cascade = cascade
        self._single = cascade.single
        self._post = post
        self._state = state
        self._journal = journal
        self._limits = limits
        self.unsent: frozenset[str] = frozenset()
        """Names of the questions for which there was no money, once `run` has ended."""

    async def prepare(self, dossier: Dossier) -> Ask | None:
        """None where the local engine settles the ticket."""
        local, settled = await self._cascade.first(dossier)
        if settled:
            return None
        question = await self._single.question(dossier)
        shown = self._state.asked.get(question.id)
        return Ask(dossier, local, question if shown is None else question.model_copy(update={"past": shown}))

    async def run(self, asks: Sequence[Ask]) -> AsyncIterator[Heard]:
        """Whoever iterates books each batch before going on. Raises `ModelAway`, `ModelRejected`, `BadState`."""
        by_name: dict[str, list[Ask]] = {}
        for one in asks:
            by_name.setdefault(one.question.id, []).append(one)
        while True:
            asked = self._state.asked
            again = [mine[0].question for name, mine in by_name.items() if name in asked]
            # What is under way is waited for first: it may cost more than nothing, and nobody knows yet how much.
            wave = [] if self._post.is_open else await self._affordable(by_name)
            if not wave and not self._post.is_open:
                self.unsent = frozenset(by_name) - frozenset(asked)
                return
            await self._post.send([*again, *wave])
            async for batch, told in self._post.answers():
                yield await self._heard(batch, told, by_name)

    async def _affordable(self, by_name: Mapping[str, Sequence[Ask]]) -> list[Question]:
        asked, found, room = self._state.asked, [], await left(self._limits, self._journal)
        for name, mine in by_name.items():
            if name in asked:
                continue
            room -= self._single.at_most(mine[0].question)
            if room < 0:
                break
            found.append(mine[0].question)
        return found

    async def _heard(
        self, batch: str, told: Mapping[str, Reply | Missed], by_name: Mapping[str, Sequence[Ask]]
    ) -> Heard:
        answers, unclaimed = [], []
        for name, said in told.items():
            mine = by_name.get(name, ())
            if not mine and isinstance(said, Reply):
                unclaimed.append(self._single.unclaimed(name, said, batch))
            for at, one in enumerate(mine):
                # The same text twice is one question: it is paid for once.
                whole = said if at == 0 or isinstance(said, Missed) else said.model_copy(update={"usage": Usage()})
                answers.append((one, await self._single.heard(one.question, one.dossier, one.local, whole, batch)))
        return Heard(tuple(answers), tuple(unclaimed))
