"""Our pipeline and the plain bot's, ticket by ticket in turns, in one process, against one local tracker.

Like with like: the same texts, the same engine, tickets that want one label. Ours also posts its comment, because it
always does with a change. The local tracker runs in this process too, so its work is in both times: `requests` says
how often each asked it. Must not touch Slack: the plain bot has no cards.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.bench.figures import BenchFailed, percentile
from bot.bench.footprint import settled_bytes
from bot.bench.ours import OurBot, open_ours
from bot.bench.plain import PlainBot, open_plain
from bot.bench.stage import Stage, open_stage
from graphs.model import Value

Step = Callable[[int], Awaitable[None]]


class Pipeline(Value):
    """One bot over all tickets of a run. `triage` is up to the question, `decide` from the answer to the end."""

    ticket_ms: float
    ticket_p99_ms: float
    triage_ms: float
    decide_ms: float
    tickets_per_s: float
    cpu_ms_per_ticket: float
    requests_per_ticket: float


class PlainPipeline(Pipeline):
    bytes_per_ticket: float


async def compared(folder: Path, tickets: int) -> tuple[Pipeline, PlainPipeline]:
    """(ours, the plain bot's)."""
    async with open_stage(folder) as stage, open_ours(stage) as ours:
        api, token = stage.github.url, stage.writing_token()
        file = folder / "plain.db"
        async with open_plain(file, api, token, stage.repo, stage.core.taxonomy) as plain:
            us, it = _Clock(stage, ours), _Clock(stage, plain)
            for one in (us, it):
                await one.ticket()  # loads the engine, opens connections
                one.forget()
            before = settled_bytes(file)
            for _ in range(tickets):
                await us.ticket()
                await it.ticket()
            grown = (settled_bytes(file) - before) / tickets
    return us.told(), PlainPipeline(**it.told().model_dump(), bytes_per_ticket=grown)


class _Clock:
    """Takes one bot's times."""

    def __init__(self, stage: Stage, bot: OurBot | PlainBot) -> None:
        self._stage = stage
        self._bot = bot
        self.forget()

    def forget(self) -> None:
        self._triage: list[float] = []
        self._decide: list[float] = []
        self._cpu = 0.0
        self._requests = 0

    async def ticket(self) -> None:
        number = await self._stage.file_half_done()
        asked, cpu = self._asked(), time.process_time()
        self._triage.append(await _timed(self._bot.triage, number))
        self._decide.append(await _timed(self._bot.decide, number))
        self._cpu += time.process_time() - cpu
        self._requests += self._asked() - asked
        if len(self._stage.layer_labels(number)) != 1:
            raise BenchFailed(f"{type(self._bot).__name__} did not set one layer on ticket {number}")

    def _asked(self) -> int:
        journal = self._stage.github.journal
        asked = len(journal.writes) + len(journal.reads)
        if len(journal.reads) == journal.reads.maxlen:
            journal.reads.clear()
            asked = len(journal.writes)
        return asked

    def told(self) -> Pipeline:
        whole = [sum(both) for both in zip(self._triage, self._decide, strict=True)]
        return Pipeline(
            ticket_ms=percentile(whole, 0.5) * 1000,
            ticket_p99_ms=percentile(whole, 0.99) * 1000,
            triage_ms=percentile(self._triage, 0.5) * 1000,
            decide_ms=percentile(self._decide, 0.5) * 1000,
            tickets_per_s=len(whole) / sum(whole),
            cpu_ms_per_ticket=self._cpu / len(whole) * 1000,
            requests_per_ticket=self._requests / len(whole),
        )


async def _timed(step: Step, number: int) -> float:
    began = time.perf_counter()
    await step(number)
    return time.perf_counter() - began
