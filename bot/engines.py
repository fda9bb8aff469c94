"""Engines by name, for commands that read files: the local ones, and the model that the settings name.

Owns how an engine that waits for a network answers a command that does not. An answer that was paid for is kept while
the command runs, so nothing is asked twice. There is no tracker and no record behind a file: labels are those of the
policies, and there are no past tickets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import typer

from bot.settings import Engine, Settings
from graphs.errors import TicketGone
from graphs.evaluation.answers import Analyst
from graphs.learning.profiles import Profile, engine_of
from graphs.model import Analysis, Ticket, TicketRef
from graphs.ports import Dossier, Model

if TYPE_CHECKING:
    from bot.bootstrap import Means
    from graphs.agent.cascade import PreparedAnswers
    from graphs.agent.prompting import Prompts

MODELS: Final = (Engine.CLAUDE.value, Engine.CASCADE.value)
NAMES: Final = (*(one.value for one in Profile), *MODELS)
HELP: Final = (
    f"Which engine: {', '.join(NAMES)}. `local` is the best one installed, `claude` and `cascade` ask a model."
)


def known(name: str) -> str:
    """For typer. Raises `typer.BadParameter`."""
    if name not in NAMES:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(NAMES)}")
    return name


@contextmanager
def open_analyst(settings: Settings, name: str, prompts: Prompts | None = None) -> Iterator[Analyst]:
    """Raises `bot.settings.BadSetting` where a model cannot be asked. `prompts`: others than the active ones."""
    if name not in MODELS:
        yield engine_of(Profile(name))
        return
    found = settings.model_copy(update={"strata_engine": Engine(name)})
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            model = runner.run(stack.enter_async_context(_open(found, prompts)))
            yield _Blocking(model, runner)
        finally:
            runner.run(stack.aclose())


def _open(settings: Settings, prompts: Prompts | None) -> AbstractAsyncContextManager[Model]:
    from bot.bootstrap import open_engine

    return open_engine(settings, replace(file_means(settings), prompts=prompts))


def file_means(settings: Settings, prepared: PreparedAnswers | None = None) -> Means:
    """What an engine has where there is no tracker and no record."""
    from bot.bootstrap import Means, local_engine
    from bot.limits.limits import Limits
    from bot.limits.meters import LocalMeter
    from bot.service.dry_run import Forgetful
    from bot.service.spending import MemoryJournal
    from graphs.gate import Gate
    from graphs.hygiene.redact import Redactor
    from graphs.taxonomy import LayerTaxonomy
    from policies.loader import load

    policies = load(settings.strata_policies)
    return Means(
        policies=policies,
        gate=Gate.load(settings.strata_policies),
        redactor=Redactor(b"file"),
        notebook=Forgetful(),
        reader=_NoTracker(LayerTaxonomy(policies).labels),
        comments=None,
        paused=lambda: False,
        journal=MemoryJournal(),
        limits=Limits(LocalMeter()),
        local=local_engine(settings),
        prepared=prepared,
    )


class _Blocking:
    """Implements `graphs.evaluation.answers.Analyst` over an engine that waits."""

    def __init__(self, model: Model, runner: asyncio.Runner) -> None:
        self.name = model.name
        self._model = model
        self._runner = runner
        self._known: dict[tuple[str, str], Analysis] = {}

    def analyse_now(self, dossier: Dossier) -> Analysis:
        """Raises `graphs.errors.EngineUnavailable`."""
        key = (dossier.ticket.title, dossier.ticket.body)
        if key not in self._known:
            self._known[key] = self._runner.run(self._model.analyse(dossier))
        return self._known[key]


class _NoTracker:
    """Implements `graphs.ports.TicketReader`."""

    def __init__(self, labels: frozenset[str]) -> None:
        self._labels = labels

    async def read(self, ref: TicketRef) -> Ticket:
        raise TicketGone(f"{ref.short} stands in a file")

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        del ref
        return self._labels
