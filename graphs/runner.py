"""The one door to the graph: start a triage, resume it with a stored decision, close its thread.

The traps it keeps callers out of: a resume on an unknown thread would run the graph from its start; a resume without
an interrupt id may answer another question; a new input would restart a waiting thread.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import asdict

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command

from graphs.deps import Deps
from graphs.model import ProposalId, TicketRef, TriageId
from graphs.state import Answer, State
from graphs.triage import build


def _nothing() -> None:
    pass


class Runner:
    """Runs triages on one checkpointer."""

    def __init__(self, checkpointer: BaseCheckpointSaver[str], deps: Deps) -> None:
        self._graph = build(checkpointer)
        self._saver = checkpointer
        self._deps = deps

    def having(self, deps: Deps) -> Runner:
        """The same graph with other parts: building a graph takes longer than a whole triage does."""
        other = copy(self)
        other._deps = deps  # noqa: SLF001  # one of us
        return other

    async def start(
        self, triage: TriageId, ref: TicketRef, ended: Callable[[], None] = _nothing, *, closed_too: bool = False
    ) -> None:
        """Runs up to the question to a person, or to the end where there is nothing to ask.

        Safe to call again after a crash: steps that answered are not asked twice, a waiting thread is left waiting.
        Raises what a step raises; the thread can then be started again. `ended` is called between the thread's end and
        its removal.
        """
        config = _config(triage)
        if await self._question(config) is not None:
            return
        try:
            result = await self._graph.ainvoke(
                State(triage=triage, ref=ref.model_dump_json(), closed_too=closed_too),
                config,
                context=self._deps,
                # Every answer is in the record already: a crash before the question re-runs steps that only recall.
                durability="exit",
                version="v2",
            )
        except Exception:
            # Nobody may ever come back to it, and who does begins anew: nothing of it is needed.
            await self._saver.adelete_thread(triage)
            raise
        if not result.interrupts:
            ended()
            await self._saver.adelete_thread(triage)

    async def resume(
        self, triage: TriageId, proposal: ProposalId, status: str, ended: Callable[[], None] = _nothing
    ) -> None:
        """Answers the waiting question and closes the thread. A thread that is gone is no error: the record decides.

        `ended` as for `start`.
        """
        config = _config(triage)
        question = await self._question(config)
        if question is not None:
            answer = Answer(proposal=proposal, status=status)
            command: Command[str] = Command(resume={question: asdict(answer)})
            await self._graph.ainvoke(command, config, context=self._deps, durability="sync", version="v2")
        ended()
        await self._saver.adelete_thread(triage)

    async def forget(self, triage: TriageId) -> None:
        """Closes the thread of a triage that has ended."""
        await self._saver.adelete_thread(triage)

    async def _question(self, config: RunnableConfig) -> str | None:
        """Id of the interrupt that the thread waits in; None for an unknown or ended thread."""
        snapshot = await self._graph.aget_state(config)
        return snapshot.interrupts[0].id if snapshot.interrupts else None


def _config(triage: TriageId) -> RunnableConfig:
    return {"configurable": {"thread_id": triage}}
