"""The inbox stores a delivery once, whoever repeats it and however often; another body never replaces the first."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from bot.record.inbox import Delivery, Outcome
from bot.record.record import Record
from bot.record.tables import inbox, quarantine
from tests.builders import a_ref
from tests.record.seeds import rows, to_triage, together, tuples


def a_delivery(
    body: bytes = b'{"action":"opened"}',
    *,
    delivery_id: str = "guid-1",
    install: str = "main",
    provider: str = "github",
) -> Delivery:
    return Delivery(provider=provider, install=install, delivery_id=delivery_id, name="issues.opened", body=body)


async def _store(record: Record, delivery: Delivery, outcome: Outcome = Outcome.ACCEPTED) -> tuple[Outcome, int]:
    async with record.begin() as transaction:
        return await transaction.inbox.store(delivery, outcome, "a ticket was filed", a_ref().key)


async def test_a_delivery_is_stored_with_its_raw_bytes(record: Record) -> None:
    raw = bytes(range(256))
    outcome, row_id = await _store(record, a_delivery(raw))
    assert outcome is Outcome.ACCEPTED
    async with record.read() as transaction:
        assert await transaction.inbox.body(row_id) == raw
    stored = await tuples(record, select(inbox.c.ticket_key, inbox.c.why))
    assert stored == [(a_ref().key, "a ticket was filed")]


async def test_the_same_delivery_again_is_a_duplicate_of_the_first(record: Record) -> None:
    _, first = await _store(record, a_delivery())
    assert await _store(record, a_delivery(), Outcome.IGNORED) == (Outcome.DUPLICATE, first)
    async with record.read() as transaction:
        assert await transaction.inbox.outcomes("github") == {("issues.opened", Outcome.ACCEPTED): 1}


@pytest.mark.parametrize("other", [a_delivery(delivery_id="guid-2"), a_delivery(install="b"), a_delivery(provider="c")])
async def test_another_id_install_or_provider_is_another_delivery(record: Record, other: Delivery) -> None:
    _, first = await _store(record, a_delivery())
    outcome, second = await _store(record, other)
    assert outcome is Outcome.ACCEPTED
    assert second != first


async def test_a_known_id_with_another_body_goes_to_quarantine(record: Record) -> None:
    _, first = await _store(record, a_delivery(b"the first"))
    assert await _store(record, a_delivery(b"another")) == (Outcome.QUARANTINED, first)
    assert await _store(record, a_delivery(b"another")) == (Outcome.QUARANTINED, first)
    assert await _store(record, a_delivery(b"a third")) == (Outcome.QUARANTINED, first)
    async with record.read() as transaction:
        assert await transaction.inbox.body(first) == b"the first"
        assert await transaction.inbox.quarantined() == 2
    assert len(await rows(record, select(inbox))) == 1
    assert {row.body for row in await rows(record, select(quarantine))} == {b"another", b"a third"}


async def test_a_hundred_at_once_make_one_row_and_one_job(record: Record, rival: Record) -> None:
    async def receive(through: Record) -> Outcome:
        async with through.begin() as transaction:
            outcome, _ = await transaction.inbox.store(a_delivery(), Outcome.ACCEPTED, "opened")
            if outcome is Outcome.ACCEPTED:
                await transaction.jobs.add(to_triage())
        return outcome

    outcomes = await together(receive(through) for through in (record, rival) * 50)
    assert Counter(outcomes) == {Outcome.ACCEPTED: 1, Outcome.DUPLICATE: 99}
    async with record.read() as transaction:
        assert await transaction.jobs.count("ready") == 1


async def test_what_became_of_a_delivery_can_be_said_afterwards(record: Record) -> None:
    _, row_id = await _store(record, a_delivery())
    async with record.begin() as transaction:
        await transaction.inbox.settle(row_id, Outcome.ECHO, "our own label")
    assert await tuples(record, select(inbox.c.outcome, inbox.c.why)) == [("echo", "our own label")]


async def test_outcomes_are_counted_for_one_provider(record: Record) -> None:
    await _store(record, a_delivery(delivery_id="1"))
    await _store(record, a_delivery(delivery_id="2"))
    await _store(record, a_delivery(delivery_id="3"), Outcome.IGNORED)
    await _store(record, a_delivery(provider="slack"))
    async with record.read() as transaction:
        assert await transaction.inbox.outcomes("github") == {
            ("issues.opened", Outcome.ACCEPTED): 2,
            ("issues.opened", Outcome.IGNORED): 1,
        }


async def test_the_reason_may_hold_any_text(record: Record) -> None:
    """Reasons quote what came from outside; a NUL or half a surrogate pair must not lose the delivery."""
    async with record.begin() as transaction:
        await transaction.inbox.store(a_delivery(), Outcome.MALFORMED, "bad \x00 and \ud800")
    [row] = await rows(record, select(inbox.c.why))
    assert row.why == "bad \ufffd and \ufffd"


async def test_an_unknown_row_has_no_body(record: Record) -> None:
    async with record.read() as transaction:
        with pytest.raises(NoResultFound):
            await transaction.inbox.body(4711)


async def test_a_body_that_nobody_reads_again_is_kept_by_its_hash_only(record: Record) -> None:
    def hashed(body: bytes) -> Delivery:
        return a_delivery(body).model_copy(update={"keeps_body": False})

    _, row_id = await _store(record, hashed(b"the first"))
    assert (await _store(record, hashed(b"the first")))[0] is Outcome.DUPLICATE
    assert (await _store(record, hashed(b"another")))[0] is Outcome.QUARANTINED
    async with record.read() as transaction:
        assert await transaction.inbox.body(row_id) == b""
    assert await tuples(record, select(quarantine.c.body)) == [(b"",)]
