"""How many tickets a second the roles get done together, and what one ticket costs each of them.

Real processes beside the local doubles: all tickets are filed at once, each card is approved when it comes, until
nothing is left. Owns counting; what is counted is checked as in `bot.bench.endtoend`. The doubles run in the bench's
own process on the same machine: `doubles` is what they took, and with one core's worth of it they are the limit.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bot.bench.crew import Crew, open_crew
from bot.bench.endtoend import all_at_once, check, one_at_a_time
from bot.bench.figures import percentile
from bot.bench.people import People
from bot.bench.setup import Setup
from bot.bench.stores import Servers

WARM_UP = 4
"""Tickets for each worker process, so that every one has loaded its engine."""
ALONE = 5
"""Tickets one at a time, for how long somebody waits when nothing else is to be done."""


class Plan(NamedTuple):
    """How much is measured."""

    tickets: int
    idle_s: float
    """How long the roles are watched while they have nothing to do."""


async def throughput(folder: Path, setup: Setup, servers: Servers, plan: Plan) -> dict[str, float]:
    """Figures by name; `*_per_ticket` are those of the time in which all tickets were worked on."""
    async with open_crew(folder, setup, servers) as crew:
        crew.town.connect_webhook()
        people = People(crew.town)
        await all_at_once(crew, people, WARM_UP * setup.workers)
        waits = await _waits(crew, people, min(ALONE, plan.tickets))
        resting = await _watched(crew, plan.idle_s)
        sizes = await crew.store.sizes()
        before, began = await _counted(crew), time.monotonic()
        await all_at_once(crew, people, plan.tickets)
        took, after = time.monotonic() - began, await _counted(crew)
        grown = [(one - other) / plan.tickets for one, other in zip(await crew.store.sizes(), sizes, strict=True)]
        check(crew.town, people)
        used = {name: value - before.get(name, 0.0) for name, value in after.items()}
        busy = sum(value for name, value in used.items() if name.endswith("_cpu_s"))
        return {
            "tickets_per_s": plan.tickets / took,
            "tickets_per_core_s": plan.tickets / busy if busy else 0.0,
            **waits,
            "cores_busy": busy / took,
            **{_each(name): _scaled(name, value) / plan.tickets for name, value in used.items()},
            "record_bytes_per_ticket": grown[0],
            "checkpoint_bytes_per_ticket": grown[1],
            **{f"{role}_peak_mib": peak for role, peak in crew.peak_mib().items()},
            **resting,
        }


async def _waits(crew: Crew, people: People, tickets: int) -> dict[str, float]:
    alone = await one_at_a_time(crew, people, tickets)
    return {
        "ticket_to_card_ms": percentile([one.card_s * 1000 for one in alone], 0.5),
        "click_to_label_ms": percentile([one.label_s * 1000 for one in alone], 0.5),
    }


async def _watched(crew: Crew, seconds: float) -> dict[str, float]:
    """What it costs that the roles are there: they renew leases and look for work."""
    before, began = await _counted(crew), time.monotonic()
    await asyncio.sleep(seconds)
    after, took = await _counted(crew), time.monotonic() - began
    kept = [name for name in after if name.endswith("_cpu_s") or name in {"postgresql_commits", "redis_commands"}]
    return {f"idle_{_per(name, 's')}": _scaled(name, after[name] - before.get(name, 0.0)) / took for name in kept}


async def _counted(crew: Crew) -> dict[str, float]:
    """Everything that only grows."""
    doubles = {"doubles_cpu_s": time.process_time()}
    roles = {f"{role}_cpu_s": seconds for role, seconds in crew.cpu_s().items()}
    return {**roles, **doubles, **await crew.store.counters(), **_traffic(crew), **_calls(crew)}


def _traffic(crew: Crew) -> dict[str, float]:
    """Bytes of what the bot asked and was answered; webhooks and presses come on top."""
    slack, tracker = crew.town.slack.traffic, crew.town.github.traffic
    return {
        "slack_asked_bytes": slack.received,
        "slack_answered_bytes": slack.sent,
        "tracker_asked_bytes": tracker.received,
        "tracker_answered_bytes": tracker.sent,
    }


def _calls(crew: Crew) -> Mapping[str, float]:
    """What was asked of Slack and of the tracker, by method."""
    slack = Counter(one.method for one in crew.town.slack.journal.calls)
    journal = crew.town.github.journal
    tracker = Counter(f"{one.method} {_resource(one.path)}" for one in (*journal.reads, *journal.writes))
    said = {f"slack {method}": float(count) for method, count in slack.items()}
    return {**said, **{f"tracker {name}": float(count) for name, count in tracker.items()}}


def _resource(path: str) -> str:
    """`/repos/*/issues/*/labels`: the path without what names one thing."""
    path = re.sub(r"^/repos/[^/]+/[^/]+", "", path)
    return re.sub(r"/(?:\d+|(?<=/assignees/)[^/]+)(?=/|$)", "/*", path) or "/"


def _each(name: str) -> str:
    return _per(name, "ticket")


def _per(name: str, what: str) -> str:
    return f"{name.removesuffix('_s') + '_ms' if name.endswith('_cpu_s') else name}_per_{what}"


def _scaled(name: str, value: float) -> float:
    return value * 1000 if name.endswith("_cpu_s") else value
