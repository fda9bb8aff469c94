"""A worker dies in the middle of a job and nothing else happens: how long until another one takes the job.

The worker kills itself (SIGKILL) at a crash point while it holds the lease; the other one has nothing to do and is not
told. By the store's clock, from the death to the claim: at most the lease and one look of an idle worker.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from pathlib import Path

from sqlalchemy import select

from bot.bench.crew import Crew, open_crew
from bot.bench.endtoend import one_at_a_time
from bot.bench.figures import BenchFailed
from bot.bench.people import LOOK_S, PATIENCE_S, Case, People
from bot.bench.setup import Setup
from bot.bench.stores import Servers
from bot.demo.town import Bot
from bot.record.tables import jobs
from bot.roles import Role
from graphs.model import Value

AT = "analyse.answered"
"""Where the worker dies: the ticket is read, the engine has answered, nothing of it is stored."""
LEASE_S = 5.0
_MOST_TRIES = 30


class Recovery(Value):
    """One death."""

    recovered_s: float
    """From the death to the other worker's claim."""
    after_lease_s: float
    """From the end of the dead worker's lease to that claim."""
    lease_s: float


async def recoveries(folder: Path, setup: Setup, servers: Servers, kills: int, lease_s: float) -> list[Recovery]:
    """Raises `BenchFailed` when a job was not taken over."""
    async with open_crew(folder, setup.model_copy(update={"workers": 1}), servers, STRATA_LEASE_S=str(lease_s)) as crew:
        crew.town.connect_webhook()
        people = People(crew.town)
        await one_at_a_time(crew, people, 1)
        return [await _death(crew, people, lease_s) for _ in range(kills)]


async def _death(crew: Crew, people: People, lease_s: float) -> Recovery:
    doomed = await crew.hire(Role.WORKER, STRATA_CRASH_AT=AT)
    for _ in range(_MOST_TRIES):
        await asyncio.sleep(random.uniform(0, 1))  # noqa: S311  # idle workers look at times of their own
        case = await people.file()
        if await _killed_by(doomed, people, case):
            break
    else:
        raise BenchFailed(f"the worker that was to die got none of {_MOST_TRIES} tickets\n{crew.town.bot.tail()}")
    died, key = time.time(), crew.town.repository + f"#{case.number}"
    claimed = await _claimed_at(crew, key)
    await crew.dismiss(doomed)
    await people.until_card(case)
    await crew.quiet()
    again = await _claimed_at(crew, key)
    if again == claimed:
        raise BenchFailed(f"ticket {case.number} got its card from a worker that was dead")
    return Recovery(recovered_s=again - died, after_lease_s=again - claimed - lease_s, lease_s=lease_s)


async def _killed_by(doomed: Bot, people: People, case: Case) -> bool:
    """Whether the ticket went to the worker that dies of it; else it has its card from the other one."""
    assert doomed.process is not None, "it was started"
    since = time.monotonic()
    while doomed.process.returncode is None:
        people.look()
        if case.card is not None:
            return False
        if time.monotonic() - since > PATIENCE_S:
            raise BenchFailed(f"nobody took ticket {case.number}\n{doomed.tail()}")
        await asyncio.sleep(LOOK_S)
    if doomed.process.returncode != -signal.SIGKILL:
        raise BenchFailed(f"the worker ended by itself\n{doomed.tail()}")
    return True


async def _claimed_at(crew: Crew, ticket: str) -> float:
    """When the ticket's triage was claimed last, in seconds of the store's clock."""
    query = select(jobs.c.since).where(jobs.c.kind == "triage_ticket", jobs.c.ticket_key.endswith(ticket))
    async with crew.record.engine.connect() as connection:
        since: int = (await connection.execute(query)).scalar_one()
    return since / 1000
