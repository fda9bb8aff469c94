"""What each durability mode of the checkpointer costs: `python -m tests.bench.durability` prints JSON.

The graph and the checkpointer are the real ones; what the steps ask is answered from memory, so that nothing but the
checkpoints is measured. Each figure is the median of several runs, each in a fresh file.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Final, get_args

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.types import Command, Durability
from pydantic import BaseModel

from bot.checkpoints.sqlite import open_sqlite
from graphs.model import TriageId
from graphs.state import Answer, State
from graphs.triage import build
from tests.builders import a_ref, a_ticket
from tests.graphs.doubles import a_bench

MODES: Final[tuple[Durability, ...]] = get_args(Durability)
TICKETS: Final = 20
RUNS: Final = 3
BODY: Final = "The index keeps embeddings of files that were removed. " * 360
"""About 20 KB."""


class Cost(BaseModel):
    """`start` runs up to the question, `resume` from the answer to the end; one ticket at a time."""

    mode: str
    start_ms: float
    resume_ms: float
    tickets_per_s: float
    cpu_ms: float
    """Processor time of one ticket from start to end: it hardly depends on what else the machine does."""
    waiting_kib: float
    """What one waiting ticket takes up in the file."""


async def _one(saver: AsyncSqliteSaver, mode: Durability, number: int) -> tuple[float, float, float, float]:
    """(start, resume, deletion, processor time of all three) of one ticket, in seconds."""
    triage = TriageId(f"{number:032x}")
    graph, deps = build(saver), a_bench(a_ticket(body=BODY)).deps
    config: RunnableConfig = {"configurable": {"thread_id": triage}}
    began, cpu = time.perf_counter(), time.process_time()
    state = State(triage=triage, ref=a_ref(number + 1).model_dump_json())
    result = await graph.ainvoke(state, config, context=deps, durability=mode, version="v2")
    waiting = time.perf_counter()
    answer = asdict(Answer(proposal="f" * 32, status="approved"))
    command: Command[str] = Command(resume={result.interrupts[0].id: answer})
    await graph.ainvoke(command, config, context=deps, durability=mode, version="v2")
    ended = time.perf_counter()
    await saver.adelete_thread(triage)
    return waiting - began, ended - waiting, time.perf_counter() - ended, time.process_time() - cpu


async def _waiting_kib(folder: Path, mode: Durability, tickets: int) -> float:
    """Size of a file in which this many tickets wait, without its write-ahead log."""
    async with open_sqlite(folder / f"{mode}-waiting.db") as saver:
        for number in range(tickets):
            triage = f"{number:032x}"
            config: RunnableConfig = {"configurable": {"thread_id": triage}}
            state = State(triage=triage, ref=a_ref(number + 1).model_dump_json())
            deps = a_bench(a_ticket(body=BODY)).deps
            await build(saver).ainvoke(state, config, context=deps, durability=mode, version="v2")
        await saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / f"{mode}-waiting.db").stat().st_size / 1024 / tickets


async def _run(folder: Path, tickets: int) -> list[Cost]:
    """The modes take turns ticket by ticket, so that a busy moment of the machine does not hit one of them alone."""
    times: dict[Durability, list[tuple[float, float, float, float]]] = {mode: [] for mode in MODES}
    async with AsyncExitStack() as stack:
        savers = {mode: await stack.enter_async_context(open_sqlite(folder / f"{mode}.db")) for mode in MODES}
        for mode in MODES:
            await _one(savers[mode], mode, tickets)  # warms up
        for number in range(tickets):
            for mode in MODES:
                times[mode].append(await _one(savers[mode], mode, number))
    return [_cost(mode, times[mode], await _waiting_kib(folder, mode, tickets)) for mode in MODES]


def _cost(mode: Durability, times: list[tuple[float, float, float, float]], waiting_kib: float) -> Cost:
    start, resume, deletion, cpu = (statistics.median(one) for one in zip(*times, strict=True))
    return Cost(
        mode=mode,
        start_ms=start * 1000,
        resume_ms=resume * 1000,
        tickets_per_s=1 / (start + resume + deletion),
        cpu_ms=cpu * 1000,
        waiting_kib=waiting_kib,
    )


def _median(costs: Iterable[Cost]) -> Cost:
    rows = [one.model_dump() for one in costs]
    figures = {name: round(statistics.median(row[name] for row in rows), 2) for name in rows[0] if name != "mode"}
    return Cost.model_validate({"mode": rows[0]["mode"], **figures})


async def measured(tickets: int = TICKETS, runs: int = RUNS) -> list[Cost]:
    found: list[list[Cost]] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="durability-") as name:
            found.append(await _run(Path(name), tickets))
    return [_median(costs) for costs in zip(*found, strict=True)]


def main() -> None:
    costs = asyncio.run(measured())
    sys.stdout.write(json.dumps([one.model_dump() for one in costs], indent=2) + "\n")


if __name__ == "__main__":
    main()
