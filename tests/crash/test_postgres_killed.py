"""PostgreSQL itself is killed under the running bot, again and again: what was acknowledged is there afterwards."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.crash.account import arrived, check, quiet
from tests.crash.bots import Forker
from tests.crash.night import Story, open_night
from tests.crash.stories import begin, play
from tests.postgres import PostgresServer

STORIES = (Story.APPROVED, Story.APPROVED, Story.UNSURE, Story.COMMANDED)
KILLS = 3
LATEST_S = 1.0


@pytest.fixture
def mortal() -> Iterator[PostgresServer]:
    """A server of this test's own."""
    server = PostgresServer()
    server.start()
    first = server._process
    yield server
    server.stop()
    if first is not None and first.stdin is not None and not first.stdin.closed:
        first.stdin.close()
        first.wait()


def kill_and_start(server: PostgresServer) -> None:
    """SIGKILL to the whole server, then its recovery."""
    os.kill(int((server._home / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    _leashes.append(server._process)  # its end would remove the folder
    while True:
        server._process = server._launch()
        try:
            server._wait_until_ready(server._process)
        except RuntimeError:  # children of the one that was killed still hold the shared memory
            _leashes.append(server._process)
        else:
            return


_leashes: list[object] = []


async def test_fault_33_postgresql_is_killed_and_comes_back(
    tmp_path: Path, forker: Forker, mortal: PostgresServer
) -> None:
    dice = random.Random(33)  # noqa: S311  # a night that can be played again
    name = mortal.create_database()
    with psycopg.connect(mortal.conninfo(), autocommit=True) as admin:
        keep = sql.SQL("ALTER DATABASE {} SET synchronous_commit = on")  # what this bot asks of its database
        admin.execute(keep.format(sql.Identifier(name)))
    async with open_night(tmp_path, forker, mortal.url(name)) as night:
        await night.bot.start()
        cases = [await begin(night, story, dice) for story in STORIES]
        people = [asyncio.create_task(play(night, case)) for case in cases]
        for _ in range(KILLS):
            await asyncio.sleep(dice.uniform(0.2, LATEST_S))
            await asyncio.to_thread(kill_and_start, mortal)
            await night.redeliver(await arrived(night))
        await asyncio.gather(*people)
        await night.redeliver()
        await quiet(night)
        assert night.bot.running
        assert await night.bot.stop() == 0
        await check(night)
