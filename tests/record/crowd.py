"""Many processes on one record, let go at the same moment. Run as a program it is one of them.

    python -m tests.record.crowd URL CARDS NAME

It says `ready`, waits for a line on its input, clicks on so many cards, does whatever jobs there are, and prints what
it won and what it did as one line of JSON.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from pydantic import BaseModel

from bot.record.record import Record
from bot.work.delivery import InProcess
from graphs.model import ProposalId
from tests.builders import an_approval

_ROOT = Path(__file__).parents[2]
_AT_ONCE = 16


async def click(record: Record, proposal: str, who: str) -> bool:
    """Decides as a click does; whether it was the one that counts."""
    async with record.begin() as tx:
        found = await tx.proposals.get(ProposalId(proposal))
        assert found is not None
        won = await tx.proposals.decide(found, an_approval(who))
        if won:
            await tx.audit.append(f"human:{who}", "approved", proposal)
    return won


async def click_on_all(record: Record, who: str, count: int) -> list[int]:
    """Clicks on `proposal-0` and so on as fast as it can: those that were won."""
    some = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> bool:
        async with some:
            return await click(record, f"proposal-{number}", who)

    won = await asyncio.gather(*(one(number) for number in range(count)))
    return [number for number, mine in enumerate(won) if mine]


async def claim_all(record: Record, who: str) -> list[tuple[int, str, int, int]]:
    """Works until nothing is left: (job, ticket, from, to) by the store's clock, from within the two transactions."""
    done: list[tuple[int, str, int, int]] = []
    while True:
        async with record.begin() as tx:
            job = await tx.jobs.claim(["triage_ticket", "refresh_card"], who, 60_000)
            start = await tx.now()
        if job is None:
            async with record.read() as tx:
                if not await tx.jobs.due():
                    return done
            continue
        await asyncio.sleep(0)
        async with record.begin(job) as tx:
            done.append((job.id, str(job.ticket), start, await tx.now()))
            await tx.jobs.finish(job)


class Share(BaseModel):
    """What one process has to tell."""

    won: list[int]
    worked: list[tuple[int, str, int, int]]


async def all_at_once(url: str, processes: int, cards: int) -> list[Share]:
    command = (sys.executable, "-m", "tests.record.crowd", url, str(cards))
    crowd = [
        await asyncio.create_subprocess_exec(*command, f"U{n}", stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=_ROOT)
        for n in range(processes)
    ]
    for one in crowd:
        assert one.stdout is not None
        assert await one.stdout.readline() == b"ready\n", (await one.communicate())[1].decode()
    told = await asyncio.gather(*(one.communicate(b"go\n") for one in crowd))
    for one, (_, complaint) in zip(crowd, told, strict=True):
        assert one.returncode == 0, complaint.decode()
    return [Share.model_validate_json(output) for output, _ in told]


async def _take_part(url: str, cards: str, who: str) -> None:
    record = Record(url, InProcess())
    async with record.read() as tx:
        await tx.now()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    share = Share(won=await click_on_all(record, who, int(cards)), worked=await claim_all(record, who))
    sys.stdout.write(share.model_dump_json() + "\n")
    await record.close()


if __name__ == "__main__":
    asyncio.run(_take_part(*sys.argv[1:4]))
