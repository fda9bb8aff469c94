"""One leader at a time: whoever was replaced learns it before it writes."""

from __future__ import annotations

import asyncio

import pytest

from bot.record.record import Record
from bot.record.states import LeaseLost
from tests.record.seeds import MINUTE, together

NAME = "scheduler"


async def _take(record: Record, owner: str, lease_ms: int = MINUTE) -> int | None:
    async with record.begin() as tx:
        return await tx.leases.take(NAME, owner, lease_ms)


async def _hold(record: Record, owner: str, fence: int) -> None:
    async with record.begin() as tx:
        await tx.leases.hold(NAME, owner, fence)


async def test_only_one_of_many_gets_it(record: Record, rival: Record) -> None:
    fences = await together(_take(through, f"w{n}") for n, through in enumerate((record, rival) * 6))
    assert sorted(fence or 0 for fence in fences) == [0] * 11 + [1]


async def test_its_owner_renews_it_under_the_same_fence(record: Record, rival: Record) -> None:
    assert await _take(record, "one", -1) == 1
    assert await _take(record, "one") == 1, "it ran out, and nobody wanted it"
    assert await _take(rival, "two") is None
    await _hold(record, "one", 1)


async def test_each_new_owner_has_a_higher_fence(record: Record, rival: Record) -> None:
    assert await _take(record, "one", -1) == 1
    assert await _take(rival, "two", -1) == 2
    assert await _take(record, "one") == 3
    for owner, fence in (("one", 1), ("two", 2), ("one", 2), ("two", 3)):
        with pytest.raises(LeaseLost):
            await _hold(record, owner, fence)
    await _hold(record, "one", 3)


async def test_who_lets_it_go_is_followed_at_once(record: Record, rival: Record) -> None:
    assert await _take(record, "one") == 1
    async with rival.begin() as tx:
        await tx.leases.release(NAME, "two")
    assert await _take(rival, "two") is None, "only its owner can let it go"
    async with record.begin() as tx:
        await tx.leases.release(NAME, "one")
    with pytest.raises(LeaseLost):
        await _hold(record, "one", 1)
    assert await _take(rival, "two") == 2


async def test_a_leader_is_not_replaced_in_the_middle_of_its_transaction(record: Record, rival: Record) -> None:
    fence = await _take(record, "late", -1)
    assert fence is not None
    async with record.begin() as tx:
        await tx.leases.hold(NAME, "late", fence)
        thief = asyncio.create_task(_take(rival, "thief"))
        await asyncio.wait({thief}, timeout=0.2)
        assert not thief.done()
        await tx.audit.append("system", "written", "by the leader")
    assert await thief == fence + 1


async def test_leases_do_not_know_each_other(record: Record) -> None:
    async with record.begin() as tx:
        assert await tx.leases.take("scheduler", "one", MINUTE) == 1
        assert await tx.leases.take("sweeper", "two", MINUTE) == 1
        assert await tx.leases.take("scheduler", "two", MINUTE) is None
