"""What the engine that asks a model costs a ticket beside the model: against a Messages API here that answers at once.

Owns the measurement. The cascade, the loop, the gate, the tools, the local engine, the SDK and HTTP are the real ones;
there is no record and no tracker. The server runs in this process, so its time is in the figures too.
"""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import replace

from bot.bootstrap import open_engine
from bot.engines import file_means
from bot.limits.rates import Unlimited
from bot.sandbox.model.scripted import Answer, Json, Script, answer, calls, serving
from bot.settings import Engine, Settings
from graphs.evaluation.answers import as_filed
from graphs.model import Value
from graphs.ports import Dossier, Model
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load

MEAN_CHARS = 1_463
"""Mean length of the tickets of open-source LLM applications, cut at 8,000 characters."""
WARM = 3
MOST_MS, MOST_CPU_MS = 100.0, 40.0
"""What is aimed at, for the mean ticket."""
TITLE = "Answers cite documents that were deleted"
VERDICT: Json = {
    "evidence": [{"source": "quote", "ref": "", "text": "quotes pages that are gone"}],
    "against": [],
    "layer": "retrieval_and_context",
    "sure": "likely",
    "secondary": [],
    "kind": "bug",
    "role": "ai_engineer",
    "risks": [],
    "would_change": "A log that shows the index was current.",
    "missing": [],
    "duplicates": [],
    "capability": None,
}


class Overhead(Value):
    """Of one ticket, in milliseconds. `cpu_ms`: mean processor time of the whole process."""

    design: str
    requests: int
    p50_ms: float
    p99_ms: float
    cpu_ms: float

    @property
    def within(self) -> bool:
        return self.p50_ms <= MOST_MS and self.cpu_ms <= MOST_CPU_MS


class OverheadReport(Value):
    tickets: int
    ticket_chars: int = MEAN_CHARS
    most_ms: float = MOST_MS
    most_cpu_ms: float = MOST_CPU_MS
    designs: tuple[Overhead, ...]


def _looking_up(request: Json) -> Answer:
    messages = request["messages"]
    assert isinstance(messages, list)
    return calls(("search_past_tickets", {"words": "deleted pages"})) if len(messages) == 1 else answer(VERDICT)


async def overhead(tickets: int) -> OverheadReport:
    designs: tuple[tuple[str, Answer | Script], ...] = (
        ("one question", answer(VERDICT)),
        ("with a look-up", _looking_up),
    )
    return OverheadReport(tickets=tickets, designs=tuple([await _one(name, said, tickets) for name, said in designs]))


async def _one(design: str, script: Answer | Script, tickets: int) -> Overhead:
    async with serving(script) as server:
        settings = Settings(_env_file=None, strata_engine=Engine.CLAUDE, anthropic_base_url=server.url)
        means = replace(file_means(settings), limits=Unlimited())
        async with open_engine(settings, means) as model:
            dossier = _dossier(settings)
            for _ in range(WARM):
                await _asked(model, dossier)
            before, cpu = len(server.requests), time.process_time()
            took = [await _asked(model, dossier) for _ in range(tickets)]
            cpu_ms = (time.process_time() - cpu) * 1_000 / tickets
        asked = (len(server.requests) - before) // tickets
    p99 = sorted(took)[max(0, round(0.99 * len(took)) - 1)]
    return Overhead(
        design=design,
        requests=asked,
        p50_ms=round(statistics.median(took), 2),
        p99_ms=round(p99, 2),
        cpu_ms=round(cpu_ms, 2),
    )


async def _asked(model: Model, dossier: Dossier) -> float:
    began = time.perf_counter()
    found = await model.analyse(dossier)
    assert found.opinion is not None, json.dumps(found.stands_in)
    return (time.perf_counter() - began) * 1_000


def _dossier(settings: Settings) -> Dossier:
    body = (
        "Since the last index run the bot quotes pages that are gone. " + "It happens on every second question. " * 60
    )
    layers = tuple(LayerTaxonomy(load(settings.strata_policies)).layers)
    return Dossier(ticket=as_filed(TITLE, body[: MEAN_CHARS - len(TITLE)]), layers=layers)
