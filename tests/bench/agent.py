"""What the agent itself costs a ticket, beside what a model takes: `python -m tests.bench.agent` prints JSON.

Owns the measurement against a Messages API on this machine that answers at once: the loop, the gate, the tools, the
SDK and HTTP are the real ones. The server runs in the same process, so its time is in the figures too.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from dataclasses import dataclass, replace

from bot.limits.rates import Unlimited
from bot.models.access import Access
from bot.models.clients import open_client
from bot.models.talker import ClaudeTalker
from bot.settings import Provider
from graphs.acts import AGENT, Action
from tests.agent.doubles import a_bench, a_dossier, verdict
from tests.agent.requests import a_mean_ticket
from tests.builders import an_analysis
from tests.graphs.doubles import GATE
from tests.graphs.gate_cases import READ, TICKET
from tests.models.scripted import Answer, Json, answer, calls, serving


@dataclass(frozen=True)
class Overhead:
    """Milliseconds."""

    design: str
    p50: float
    p99: float
    cpu: float
    """Of one ticket, mean; that of the server is in it."""


def _looking_up(request: Json) -> Answer:
    messages = request["messages"]
    assert isinstance(messages, list)
    return calls(("search_past_tickets", {"words": "deleted pages"})) if len(messages) == 1 else answer(verdict())


async def overhead(tickets: int) -> list[Overhead]:
    found = []
    for design, script in (("one question", answer(verdict())), ("with a look-up", _looking_up)):
        async with serving(script) as server:
            client = open_client(Access(Provider.ANTHROPIC, key="none", base_url=server.url))
            bench = a_bench()
            talker = ClaudeTalker(client, Unlimited())
            agent = replace(bench, kit=replace(bench.kit, talker=talker)).agent()
            dossier, local = a_dossier(a_mean_ticket()), an_analysis()
            assert (await agent.ask(dossier, local)).analysis is not None
            times, cpu = [], time.process_time()
            for _ in range(tickets):
                began = time.perf_counter()
                await agent.ask(dossier, local)
                times.append((time.perf_counter() - began) * 1_000)
            spent = (time.process_time() - cpu) * 1_000 / tickets
            await client.close()
        found.append(Overhead(design, statistics.median(times), _p99(times), spent))
    return found


def decision_p99(times: int) -> float:
    """Milliseconds of processor time of one decision of the gate: what else the machine does is not counted."""
    took = []
    for _ in range(times):
        began = time.thread_time()
        GATE.check(AGENT, Action.READ_TICKET, TICKET, READ)
        took.append((time.thread_time() - began) * 1_000)
    return _p99(took)


def _p99(times: list[float]) -> float:
    return sorted(times)[max(0, round(0.99 * len(times)) - 1)]


if __name__ == "__main__":
    figures = [vars(one) for one in asyncio.run(overhead(200))]
    print(json.dumps({"overhead_ms": figures, "decision_cpu_p99_ms": decision_p99(20_000)}, indent=1))  # noqa: T201  # its output
