"""A wake-up reaches whoever waits for its kind, at once; without one, waiting ends at its time limit."""

from __future__ import annotations

import asyncio

import pytest

from bot.work.delivery import Delivery, InProcess

TRIAGE = frozenset({"triage_ticket"})
CARDS = frozenset({"post_card", "refresh_card"})
LONG = 60.0
"""Never reached: a test that waits this long has failed by its own time limit."""


async def _until_waiting() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def delivery() -> InProcess:
    return InProcess()


async def test_it_is_a_delivery(delivery: InProcess) -> None:
    port: Delivery = delivery
    port.wake(TRIAGE)
    await port.wait(TRIAGE, 0)


async def test_a_wake_up_ends_the_wait(delivery: InProcess) -> None:
    waiting = asyncio.create_task(delivery.wait(TRIAGE, LONG))
    await _until_waiting()
    assert not waiting.done()
    delivery.wake(["triage_ticket"])
    async with asyncio.timeout(5):
        await waiting


async def test_one_of_several_kinds_is_enough(delivery: InProcess) -> None:
    waiting = asyncio.create_task(delivery.wait(CARDS, LONG))
    await _until_waiting()
    delivery.wake({"refresh_card", "execute_proposal"})
    async with asyncio.timeout(5):
        await waiting


async def test_other_kinds_wake_nobody(delivery: InProcess) -> None:
    waiting = asyncio.create_task(delivery.wait(TRIAGE, LONG))
    await _until_waiting()
    for _ in range(3):
        delivery.wake(CARDS)
        await _until_waiting()
    assert not waiting.done()
    delivery.wake(TRIAGE)
    async with asyncio.timeout(5):
        await waiting


async def test_everybody_who_waits_is_woken(delivery: InProcess) -> None:
    everybody = [asyncio.create_task(delivery.wait(kinds, LONG)) for kinds in (TRIAGE, TRIAGE | CARDS, TRIAGE)]
    await _until_waiting()
    delivery.wake(TRIAGE)
    async with asyncio.timeout(5):
        await asyncio.gather(*everybody)


async def test_without_a_wake_up_the_wait_ends_in_time(delivery: InProcess) -> None:
    async with asyncio.timeout(5):
        await delivery.wait(TRIAGE, 0.01)


async def test_a_wake_up_between_looking_and_waiting_is_not_lost(delivery: InProcess) -> None:
    since = delivery.mark(TRIAGE)
    delivery.wake(TRIAGE)  # here the worker is still looking for work that it will not find
    async with asyncio.timeout(5):
        await delivery.wait(TRIAGE, LONG, since)


async def test_what_was_seen_before_does_not_wake_again(delivery: InProcess) -> None:
    delivery.wake(TRIAGE)
    waiting = asyncio.create_task(delivery.wait(TRIAGE, LONG, delivery.mark(TRIAGE)))
    await _until_waiting()
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_the_mark_grows_with_its_kinds_only(delivery: InProcess) -> None:
    start = delivery.mark(TRIAGE | CARDS)
    delivery.wake(TRIAGE)
    assert delivery.mark(TRIAGE | CARDS) > start
    assert delivery.mark(CARDS) == start
    assert delivery.mark(frozenset()) == start


async def test_waiting_can_be_cancelled(delivery: InProcess) -> None:
    waiting = asyncio.create_task(delivery.wait(TRIAGE, LONG))
    await _until_waiting()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    delivery.wake(TRIAGE)


async def test_no_wake_up_is_lost_between_busy_workers(delivery: InProcess) -> None:
    """Producer and consumers as fast as they can: everything is taken without one time-out."""
    work: list[int] = []
    taken: list[int] = []
    last = 200

    async def consume() -> None:
        while last not in taken:
            since = delivery.mark(TRIAGE)
            if work:
                taken.append(work.pop(0))
                await asyncio.sleep(0)
            else:
                await delivery.wait(TRIAGE, LONG, since)
        delivery.wake(TRIAGE)  # the others may be waiting for more

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(consume())
        for number in range(last + 1):
            work.append(number)
            delivery.wake(TRIAGE)
            await asyncio.sleep(0)
    assert taken == list(range(last + 1))
