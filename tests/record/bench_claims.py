"""Claims a second with 1, 2, 4 and 8 claiming processes, on both stores: prints one JSON object.

    python -m tests.record.bench_claims [--jobs 1200] [--tickets 600] [--processes 1,2,4,8] [--store postgresql]

PostgreSQL runs without fsync here, SQLite with synchronous=FULL, so the two are not for comparing with each other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from bot.record import migrate
from bot.record.record import Record
from bot.work.delivery import InProcess
from tests.builders import a_ref
from tests.postgres import PostgresServer
from tests.record.seeds import claim, to_triage

_ROOT = Path(__file__).parents[2]


async def work_off(url: str, name: str) -> tuple[int, float]:
    """Claims and finishes until nothing is left: how many, and the seconds of processor time they took here."""
    record = Record(url, InProcess())
    async with record.read():
        sys.stdout.write("ready\n")
        sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    done, start = 0, time.process_time()
    while (job := await claim(record, name)) is not None:
        async with record.begin(job) as tx:
            await tx.jobs.finish(job)
        done += 1
    took = time.process_time() - start
    await record.close()
    return done, took


async def _fill(url: str, jobs: int, tickets: int) -> None:
    record = Record(url, InProcess())
    await migrate.upgrade(record.engine)
    async with record.begin() as tx:
        for number in range(jobs):
            await tx.jobs.add(to_triage(a_ref(number)), ticket=a_ref(number % tickets).key)
    await record.close()


async def _start(url: str, name: str) -> Process:
    command = (sys.executable, "-m", "tests.record.bench_claims", "--work", url, "--name", name)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=_ROOT)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def _measure(url: str, processes: int, jobs: int, tickets: int) -> dict[str, float]:
    await _fill(url, jobs, tickets)
    workers = [await _start(url, f"w{number}") for number in range(processes)]
    start = time.perf_counter()
    ended = await asyncio.gather(*(worker.communicate(b"go\n") for worker in workers))
    took = time.perf_counter() - start
    told = [output.split() for output, _ in ended]
    done = [int(one) for one, _ in told]
    return {
        "processes": processes,
        "done": sum(done),
        "least_of_a_process": min(done),
        "claims_per_s": round(sum(done) / took, 1),
        "client_cpu_ms_per_claim": round(1000 * sum(float(cpu) for _, cpu in told) / sum(done), 2),
    }


async def _all(arguments: argparse.Namespace) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    counts = [int(one) for one in arguments.processes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer()
        server.start()
        try:
            for store in arguments.store.split(","):
                for count in counts:
                    url = f"sqlite+aiosqlite:///{folder}/{count}.db"
                    if store == "postgresql":
                        url = server.url(server.create_database())
                    one = await _measure(url, count, arguments.jobs, arguments.tickets)
                    found.append({"store": store, **one})
                    sys.stderr.write(f"{found[-1]}\n")
        finally:
            server.stop()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=1200)
    parser.add_argument("--tickets", type=int, default=600)
    parser.add_argument("--processes", default="1,2,4,8")
    parser.add_argument("--store", default="sqlite,postgresql")
    parser.add_argument("--work", default="")
    parser.add_argument("--name", default="")
    arguments = parser.parse_args()
    if arguments.work:
        done, took = asyncio.run(work_off(arguments.work, arguments.name))
        sys.stdout.write(f"{done} {took}\n")
        return
    sys.stdout.write(json.dumps({"claims": asyncio.run(_all(arguments))}, indent=2) + "\n")


if __name__ == "__main__":
    main()
