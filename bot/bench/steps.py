"""How long each step of the triage graph takes: the real graph, tools, record and checkpointer, in this process.

A node's time is all that happens from its call to its end, with its reads over HTTP and its commits. What is left of
the whole is LangGraph's own and the checkpoints'. A node that waits for a person runs twice; both runs count.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from bot.bench.figures import BenchFailed, percentile
from bot.bench.stage import Stage, open_stage
from bot.bootstrap import deps
from bot.bootstrap.adapter import Shares
from bot.checkpoints.opening import open_checkpoints
from bot.service.notebook import RecordNotebook
from graphs.deps import Deps
from graphs.model import TriageId
from graphs.state import Answer, State
from graphs.triage import TriageGraph, build

BETWEEN = "between_steps"


async def steps(folder: Path, tickets: int) -> dict[str, float]:
    """Median ms of each node by name, and of what is between them."""
    async with open_stage(folder) as stage, _graph(stage) as (graph, parts):
        taken = [await _ticket(stage, graph, parts, TriageId(f"{number:032x}")) for number in range(tickets + 1)]
    names = [name for name in graph.nodes if not name.startswith("__")] + [BETWEEN]
    warm = taken[1:]  # the first loads the engine
    return {f"{name}_ms": percentile([one.get(name, 0.0) for one in warm], 0.5) * 1000 for name in names}


@asynccontextmanager
async def _graph(stage: Stage) -> AsyncIterator[tuple[TriageGraph, Deps]]:
    core = stage.core
    async with core.trackers.reading(Shares(core.shared.limits)) as reader, open_checkpoints(core.settings) as saver:
        notebook = RecordNotebook(core.record)
        yield build(saver), deps(core.policies, core.gate, core.redactor, notebook, reader, core.paused)


async def _ticket(stage: Stage, graph: TriageGraph, parts: Deps, triage: TriageId) -> dict[str, float]:
    """Seconds in each node, from the start to the end of one triage."""
    ref = stage.ref(await stage.file())
    async with stage.core.record.begin() as tx:
        await tx.triages.begin(triage, ref, "bench")
    watch = _Stopwatch(frozenset(graph.nodes))
    config: RunnableConfig = {"configurable": {"thread_id": triage}, "callbacks": [watch]}
    began = time.perf_counter()
    state = State(triage=triage, ref=ref.model_dump_json())
    asked = await graph.ainvoke(state, config, context=parts, durability="exit", version="v2")
    if not asked.interrupts:
        raise BenchFailed(f"the graph asked nobody about {ref.short}")
    answer = Answer(proposal=asked.value.proposal, status="approved")
    command: Command[str] = Command(resume={asked.interrupts[0].id: asdict(answer)})
    await graph.ainvoke(command, config, context=parts, durability="sync", version="v2")
    whole = time.perf_counter() - began
    return {**watch.spent, BETWEEN: whole - sum(watch.spent.values())}


class _Stopwatch(AsyncCallbackHandler):
    """Adds up the time between a node's call and its end, however it ends."""

    run_inline = True

    def __init__(self, nodes: frozenset[str]) -> None:
        self.spent: dict[str, float] = {}
        self._nodes = nodes
        self._running: dict[UUID, tuple[str, float]] = {}

    async def on_chain_start(
        self, serialized: object, inputs: object, *, run_id: UUID, name: str = "", **rest: object
    ) -> None:
        del serialized, inputs, rest
        if name in self._nodes:
            self._running[run_id] = (name, time.perf_counter())

    async def on_chain_end(self, outputs: object, *, run_id: UUID, **rest: object) -> None:
        del outputs, rest
        self._end(run_id)

    async def on_chain_error(self, error: BaseException, *, run_id: UUID, **rest: object) -> None:
        """A node that waits for a person ends this way."""
        del error, rest
        self._end(run_id)

    def _end(self, run_id: UUID) -> None:
        name, began = self._running.pop(run_id, ("", 0.0))
        if name:
            self.spent[name] = self.spent.get(name, 0.0) + time.perf_counter() - began
