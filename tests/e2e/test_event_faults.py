"""Webhooks out of order, twice, late; a press while the record is busy: the end is the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import func, select, text

from bot.record.engine import open_engine, reading
from bot.record.tables import triages
from tests.e2e.rest import at_rest
from tests.e2e.stage import CHANNEL, ON_DUTY, Stage
from tests.outage import gone
from tests.postgres import PostgresServer


async def test_fault_59_closed_before_opened_is_not_triaged(shaky: Stage) -> None:
    shaky.github.webhook_faults.reorder(2, event="issues")
    number = await shaky.file()
    await shaky.github.close(shaky.repo, number, "reporter-1")
    assert await at_rest(shaky) == {}
    assert [one.name for one in shaky.github.deliveries() if one.ok] == ["issues.opened", "issues.closed"]
    assert shaky.cards() == []
    assert shaky.github.writes() == ()


async def test_fault_59_edited_before_opened_shows_the_ticket_as_it_is(shaky: Stage) -> None:
    shaky.github.webhook_faults.reorder(2, event="issues")
    number = await shaky.file("A title that will be changed")
    await shaky.github.edit(shaky.repo, number, "reporter-1", title="The title as it is now")
    card = await shaky.card_for(number)
    assert "The title as it is now" in card.all_text
    assert await at_rest(shaky) == {}
    assert len(shaky.cards()) == 1


async def begun(stage: Stage) -> int:
    """How many triages were ever begun."""
    async with reading(stage.core.record.engine) as connection:
        return int((await connection.execute(select(func.count()).select_from(triages))).scalar_one())


async def test_fault_57_59_everything_twice_and_in_any_order(shaky: Stage) -> None:
    """Also our own echoes, which then arrive in another order than they were made."""
    script = shaky.github.webhook_faults
    script.duplicate(3, times=100)
    numbers = [await shaky.file(f"Ticket {index}") for index in range(4)]
    cards = [await shaky.card_for(number) for number in numbers]
    script.reorder(4, event="issues.labeled")
    for card in cards:
        await shaky.approve(card)
    for card in cards:
        await shaky.card_says(card, "All of it is set")
    shaky.github.webhooks.release()
    assert await at_rest(shaky) == {}
    assert len(shaky.cards()) == await begun(shaky) == len(numbers)
    assert shaky.github.duplicate_writes() == ()
    assert set(shaky.github.writes_per_issue().values()) == {4}


async def test_fault_60_an_old_delivery_sent_again_by_hand_starts_nothing(shaky: Stage) -> None:
    _, card = await shaky.file_and_wait()
    await shaky.approve(card)
    await shaky.card_says(card, "All of it is set")
    for one in shaky.github.deliveries():
        assert (await shaky.github.redeliver(one.id)).ok
    assert await at_rest(shaky) == {}
    assert len(shaky.cards()) == await begun(shaky) == 1


@asynccontextmanager
async def busy_record(stage: Stage) -> AsyncIterator[None]:
    """Somebody else writes, so nobody else can: the whole file on SQLite, the inbox on PostgreSQL."""
    engine = open_engine(stage.core.record.url)
    on_sqlite = engine.dialect.name == "sqlite"  # there a transaction is that lock, whatever it does
    async with engine.connect() as rival:
        await rival.execute(text("SELECT 1" if on_sqlite else "LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        yield
        await rival.rollback()
    await engine.dispose()


@pytest.mark.parametrize("lasts_beyond_slacks_patience", [False, True])
async def test_fault_37_45_a_press_while_the_record_is_busy(
    shaky: Stage, *, lasts_beyond_slacks_patience: bool
) -> None:
    """The press waits for its turn. Where Slack gave up, the person sees an error and may press again."""
    number, card = await shaky.file_and_wait()
    assert await at_rest(shaky) == {}
    shaky.slack.delivery.ack_deadline_s = 0.5 if lasts_beyond_slacks_patience else 30
    async with busy_record(shaky):
        pressed = asyncio.create_task(shaky.slack.click(ON_DUTY, CHANNEL, card.ts, "approve", seen=card))
        if lasts_beyond_slacks_patience:
            assert not (await pressed).acked
        else:
            await asyncio.wait({pressed}, timeout=0.3)
            assert not pressed.done()
    if lasts_beyond_slacks_patience:
        shaky.slack.delivery.ack_deadline_s = 30
        await shaky.slack.click(ON_DUTY, CHANNEL, card.ts, "approve", seen=card)
    assert (await pressed).acked is not lasts_beyond_slacks_patience
    await shaky.card_says(card, "All of it is set")
    assert await at_rest(shaky) == {}
    assert len(shaky.effects(number)) == 4
    assert shaky.github.duplicate_writes() == ()


async def test_fault_2_45_a_delivery_is_not_accepted_before_it_is_stored(shaky: Stage) -> None:
    async with busy_record(shaky):
        number = await shaky.file()
        arrived = asyncio.create_task(shaky.github.settle())
        await asyncio.wait({arrived}, timeout=0.3)
        assert [one.status for one in shaky.github.deliveries()] == ["pending"]
    await arrived
    assert [one.ok for one in shaky.github.deliveries()] == [True]
    await shaky.card_for(number)


async def test_fault_31_a_delivery_while_postgresql_is_down(
    shaky: Stage, record_url: str, postgres: PostgresServer
) -> None:
    """The sender hears 503, the bot says that it is not ready; the same delivery is taken when the record is back."""
    async with httpx.AsyncClient(trust_env=False) as http:
        with gone(postgres, record_url):
            await shaky.file()
            await shaky.github.settle()
            (refused,) = shaky.github.deliveries("issues.opened")
            assert refused.status_code == 503
            assert (await http.get(f"{shaky.url}/readyz")).status_code == 503
            assert (await http.get(f"{shaky.url}/healthz")).is_success
        assert (await http.get(f"{shaky.url}/readyz")).is_success
    assert await begun(shaky) == 0
    assert (await shaky.github.redeliver(refused.id)).ok
    await shaky.card_for(1)
    assert await at_rest(shaky) == {}
    assert await begun(shaky) == 1
