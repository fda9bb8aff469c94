"""A file of tickets in batches: asked before the answers are written, row by row as without batches.

Owns where answers come from: a batch, an earlier run that was interrupted, or the usual way for rows that no batch
answered; those were paid for one by one and are written down at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from bot.batches.asking import Asking
from bot.batches.post import Pace, Post
from bot.batches.state import StateFile, opened
from bot.bootstrap import limits, open_batching
from bot.engines import file_means
from bot.settings import Engine, Settings
from graphs.agent.budget import WORDS, Journal, ModelFailed, Outcome
from graphs.agent.cascade import Cascade
from graphs.evaluation.answers import Analyst
from graphs.model import Analysis
from graphs.ports import Dossier

SUFFIX = ".batches.json"


def state_of(out: Path) -> Path:
    """Beside the answers."""
    return out.with_name(out.name + SUFFIX)


class Answers:
    """Implements `graphs.agent.cascade.PreparedAnswers`."""

    def __init__(self, known: dict[str, Analysis]) -> None:
        self.known = known
        self.unsent: frozenset[str] = frozenset()
        self.lost: dict[str, float] = {}
        """US dollars that an answer cost which cannot be used."""
        self.usd = 0.0

    async def of(self, dossier: Dossier, question: str) -> Analysis | None:
        del dossier
        if question in self.unsent:
            raise ModelFailed(Outcome.MONEY, "none is left for another batch")
        return self.known.get(question)


@contextmanager
def open_batched(
    settings: Settings, engine: str, out: Path, dossiers: Sequence[Dossier], tell: Callable[[str], None], pace: Pace
) -> Iterator[Analyst]:
    """Asks about all of them first. Raises `BadSetting`, `BadState`, `EngineUnavailable`."""
    found = settings.model_copy(update={"strata_engine": Engine(engine)})
    with opened(state_of(out)) as state, asyncio.Runner() as runner:
        answers, stack = Answers(dict(state.held.answered)), AsyncExitStack()
        means = file_means(found, answers)
        try:
            cascade, batches = runner.run(stack.enter_async_context(open_batching(found, means)))
            post = Post(batches, state, tell, lambda: answers.usd, pace)
            asking = Asking(cascade, post, state, means.journal, limits(found))
            runner.run(_ask(asking, dossiers, answers, means.journal, tell))
            yield _Told(cascade, runner, answers, state)
            state.done()
        finally:
            runner.run(stack.aclose())


async def _ask(
    asking: Asking, dossiers: Sequence[Dossier], answers: Answers, journal: Journal, tell: Callable[[str], None]
) -> None:
    asks = [one for dossier in dossiers if (one := await asking.prepare(dossier)) is not None]
    asked = {one.question.id for one in asks}
    async for heard in asking.run([one for one in asks if one.question.id not in answers.known]):
        for bill in heard.unclaimed:
            await journal.note(bill)
        for one, said in heard.answers:
            await journal.note(said.spent)
            answers.usd += said.spent.usd
            if said.analysis is not None:
                answers.known.setdefault(one.question.id, said.analysis)
            else:
                answers.lost[one.question.id] = answers.lost.get(one.question.id, 0.0) + said.spent.usd
    answers.unsent = asking.unsent
    left, missing = len(asking.unsent), len(asked - set(answers.known) - asking.unsent)
    words = [f"{len(asked) - left - missing} of {len(asked)} questions answered in batches, ${answers.usd:.4f}"]
    words += [f"{missing} without a usable answer are asked one by one"] if missing else []
    words += [f"{left} not sent: {WORDS[Outcome.MONEY]}"] if left else []
    tell("; ".join(words))


class _Told:
    """Implements `graphs.evaluation.answers.Analyst`."""

    def __init__(self, cascade: Cascade, runner: asyncio.Runner, answers: Answers, state: StateFile) -> None:
        self.name = cascade.name
        self._cascade = cascade
        self._runner = runner
        self._answers = answers
        self._state = state

    def analyse_now(self, dossier: Dossier) -> Analysis:
        """Raises `graphs.errors.EngineUnavailable`."""
        found = self._runner.run(self._cascade.analyse(dossier))
        name = self._cascade.single.name(dossier)
        if name in self._answers.known or not (found.cost_usd or name in self._answers.lost):
            return found
        whole = found.model_copy(update={"cost_usd": round(found.cost_usd + self._answers.lost.get(name, 0.0), 6)})
        self._answers.known[name] = whole
        self._state.answer(name, whole)
        return whole
