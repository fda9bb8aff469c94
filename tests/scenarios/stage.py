"""One ticket's life through the real graph, with the real engine, gate and policies; tracker and record in memory.

Owns the events of a story. What an event did is read from what the graph kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from langgraph.checkpoint.memory import InMemorySaver

from graphs.answers import Checked, Screened
from graphs.errors import EngineUnavailable
from graphs.learning.engine import LocalEngine
from graphs.model import Analysis, Proposal, Ticket, TicketState, TriageId
from graphs.ports import Dossier
from graphs.runner import Runner
from graphs.state import Step
from tests.graphs.doubles import GATE, TAXONOMY, Bench, FakeNotebook, Trips, a_bench, deps_of

ENGINE = LocalEngine()


class Watched:
    """The shipped engine, which can be away, and remembers what it was shown."""

    name = ENGINE.name

    def __init__(self) -> None:
        self.is_away = False
        self.shown: list[Dossier] = []

    async def analyse(self, dossier: Dossier) -> Analysis:
        if self.is_away:
            raise EngineUnavailable("the test says it is away")
        self.shown.append(dossier)
        return ENGINE.analyse_now(dossier)


class Stage:
    """The events of one story, in the order in which a test tells them."""

    def __init__(self, ticket: Ticket) -> None:
        self.saver = InMemorySaver()
        self.engine = Watched()
        self.is_paused = False
        self.bench: Bench = a_bench(ticket, labels=TAXONOMY.labels)
        self._triages = 0
        self._new_triage()

    def _new_triage(self) -> None:
        """Each triage has a memory of its own, as in the record."""
        self._triages += 1
        self.triage = TriageId(f"{self._triages:032x}")
        self.notebook = FakeNotebook(Trips())
        model = self.bench.model
        parts = deps_of(self.bench.reader, model, self.notebook, GATE, lambda: self.is_paused)
        self.runner = Runner(self.saver, replace(parts, model=self.engine))

    # --- what happens ---

    async def triage_it(self) -> None:
        """The bot looks at the ticket; also a second time, after a crash or an outage."""
        await self.runner.start(self.triage, self.ticket.ref)

    async def triage_again(self) -> None:
        """A new triage of the same ticket, after the last one ended."""
        self._new_triage()
        await self.triage_it()

    def change(self, **fields: object) -> None:
        """Somebody edits the ticket in the tracker."""
        self.bench.reader.ticket = self.ticket.model_copy(update={"version": f"{self.ticket.version}+", **fields})

    def close(self) -> None:
        self.change(state=TicketState.CLOSED)

    async def decide(self, status: str) -> None:
        """The person's answer reaches the waiting graph."""
        await self.runner.resume(self.triage, self.proposal.id, status)

    # --- what came of it ---

    @property
    def ticket(self) -> Ticket:
        return self.bench.reader.ticket

    @property
    def proposal(self) -> Proposal:
        (found,) = self.notebook.proposals
        return found

    @property
    def analysis(self) -> Analysis:
        return Analysis.model_validate_json(self.notebook.answers[Step.ANALYSE])

    @property
    def checked(self) -> Checked:
        return Checked.model_validate_json(self.notebook.answers[Step.CHECK])

    @property
    def screened(self) -> Screened:
        return Screened.model_validate_json(self.notebook.answers[Step.SCREEN])

    def everything_kept(self) -> str:
        """All that the graph stored of this story: answers, proposals and checkpoints."""
        return f"{self.notebook.answers} {self.notebook.proposals} {self.saver.storage} {self.saver.blobs}"


@asynccontextmanager
async def a_story(ticket: Ticket) -> AsyncIterator[Stage]:
    """No thread of an ended story may stay behind."""
    stage = Stage(ticket)
    yield stage
    assert not [thread for thread, kept in stage.saver.storage.items() if kept], "a thread was left open"
