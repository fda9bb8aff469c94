"""Writers of an SQLite file stand in one line, whatever process they are in, and the line holds nobody for long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.record import turns
from bot.record.turns import SUFFIX, Turns

LATEST_S = 5.0


async def settled(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(LATEST_S):
        while not look():  # noqa: ASYNC110  # a thread's doing
            await asyncio.sleep(0.005)


def waiting() -> int:
    """Threads that stand in the line."""
    return sum(one.name == "turn" for one in threading.enumerate())


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


async def test_first_come_first_served_across_processes(database: Path) -> None:
    """Each `Turns` has locks of its own, as another process would."""
    order: list[int] = []

    async def write(number: int) -> None:
        async with Turns(database).mine():
            order.append(number)

    writers = []
    async with Turns(database).mine():
        for number in range(5):
            writers.append(asyncio.create_task(write(number)))
            await settled(lambda: waiting() == len(writers))
        assert order == []
    await asyncio.gather(*writers)
    assert order == [0, 1, 2, 3, 4]
    assert [one.name for one in database.parent.iterdir()] == [database.name + SUFFIX]


async def test_a_process_with_many_waiting_lets_another_one_in_before_long(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tasks write one after the other for a while: each has waited too. But the other one is not last."""
    monkeypatch.setattr(turns, "KEEP_S", 0.02)
    ours, order = Turns(database), []

    async def write(who: Turns, name: str) -> None:
        async with who.mine():
            await asyncio.sleep(0.005)
            order.append(name)

    writers = [asyncio.create_task(write(ours, "ours")) for _ in range(40)]
    await asyncio.sleep(0)
    writers.append(asyncio.create_task(write(Turns(database), "other")))
    await asyncio.gather(*writers)
    assert 0 < order.index("other") < 35
    await free(database, monkeypatch)


async def test_a_turn_that_was_kept_for_one_who_is_cancelled_is_given_up(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Turns(database)
    async with ours.mine():
        writers = [asyncio.create_task(write(ours)) for _ in range(2)]
        await asyncio.sleep(0)
    for one in writers:
        one.cancel()
    await asyncio.gather(*writers, return_exceptions=True)
    assert all(one.cancelled() for one in writers)
    await free(database, monkeypatch)


async def write(who: Turns) -> None:
    async with who.mine():
        await asyncio.sleep(LATEST_S)


async def test_one_that_sleeps_with_its_turn_holds_nobody_for_long(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 0.05)
    async with Turns(database).mine(), asyncio.timeout(LATEST_S), Turns(database).mine():
        pass
    await settled(lambda: waiting() == 0)
    await free(database, monkeypatch)


async def test_one_that_is_cancelled_leaves_the_line(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Turns(database)

    async def write() -> None:
        async with other.mine():
            raise AssertionError("it was cancelled")

    async with Turns(database).mine():
        writer = asyncio.create_task(write())
        await settled(lambda: waiting() == 1)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        assert writer.cancelled()
    await settled(lambda: waiting() == 0)
    await free(database, monkeypatch)


async def free(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has the lock: it is had without standing in the line."""

    def no(_handle: int) -> Awaitable[None]:
        raise AssertionError("somebody still has the lock")

    monkeypatch.setattr(turns, "_waited_for", no)
    async with Turns(database).mine():
        pass


@pytest.mark.parametrize("where", ["nowhere", None])
async def test_without_a_file_the_tasks_of_this_process_still_take_turns(where: str | None, tmp_path: Path) -> None:
    ours, inside = Turns(tmp_path / where / "record.db" if where else None), 0

    async def write() -> None:
        nonlocal inside
        async with ours.mine():
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(write() for _ in range(5)))
