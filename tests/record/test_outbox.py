"""Outbox rows move only as the table says, only from where the mover saw them, and never by a stale worker."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.record.outbox import OutboxRow
from bot.record.record import Record
from bot.record.states import OUTBOX_MOVES, IllegalMove, LostRace
from bot.record.tables import effects, outbox
from graphs.model import OutboxState, ProposalId
from tests.builders import a_ref, some_operations
from tests.record.seeds import MINUTE, proposed, rows, tamper, together, tuples

PENDING, SENDING, DONE, UNKNOWN, FAILED = OutboxState
LEGAL = {
    (PENDING, SENDING),
    (PENDING, DONE),
    (PENDING, FAILED),
    (SENDING, SENDING),
    (SENDING, DONE),
    (SENDING, UNKNOWN),
    (SENDING, FAILED),
    (UNKNOWN, SENDING),
    (UNKNOWN, DONE),
    (UNKNOWN, FAILED),
}


async def _filled(record: Record, number: int = 1) -> list[OutboxRow]:
    proposal = await proposed(record, number)
    async with record.begin() as transaction:
        await transaction.outbox.add(proposal)
        return await transaction.outbox.of(proposal.id)


async def _move(record: Record, row: OutboxRow, new: OutboxState, fence: int = 1) -> OutboxRow:
    async with record.begin() as transaction:
        await transaction.outbox.move(row, new, fence, "a_word", "a sentence")
    return await _now(record, row)


async def _now(record: Record, row: OutboxRow) -> OutboxRow:
    async with record.read() as transaction:
        return (await transaction.outbox.of(row.proposal))[row.position]


async def test_each_operation_becomes_a_row_in_order(record: Record) -> None:
    found = await _filled(record)
    assert [row.operation for row in found] == list(some_operations())
    assert [(row.position, row.state, row.attempt) for row in found] == [(n, PENDING, 0) for n in range(3)]
    hashes = {row.request_hash for row in await rows(record, select(outbox.c.request_hash))}
    assert len(hashes) == 3
    async with record.read() as transaction:
        assert await transaction.outbox.of(ProposalId("another")) == []


async def test_a_proposal_is_put_into_the_outbox_once(record: Record) -> None:
    proposal = await proposed(record)
    async with record.begin() as transaction:
        await transaction.outbox.add(proposal)
    with pytest.raises(IntegrityError):
        async with record.begin() as transaction:
            await transaction.outbox.add(proposal)
    assert len(await rows(record, select(outbox.c.id))) == 3


def test_the_table_of_moves_is_the_one_meant() -> None:
    assert {(old, new) for old, news in OUTBOX_MOVES.items() for new in news} == LEGAL


async def test_every_pair_of_states_moves_or_is_refused(record: Record) -> None:
    [row, *_] = await _filled(record)
    for old, new in product(OutboxState, OutboxState):
        await tamper(record, update(outbox).where(outbox.c.id == row.id).values(state=old))
        seen = await _now(record, row)
        if (old, new) in LEGAL:
            assert (await _move(record, seen, new)).state is new
        else:
            with pytest.raises(IllegalMove):
                await _move(record, seen, new)
            assert (await _now(record, row)).state is old, f"{old} -> {new}"


async def test_sending_counts_attempts_and_endings_keep_their_words(record: Record) -> None:
    [row, *_] = await _filled(record)
    for attempt in (1, 2, 3):
        row = await _move(record, row, SENDING, fence=attempt)
        assert row.attempt == attempt
    row = await _move(record, row, UNKNOWN, fence=3)
    assert (await _move(record, row, DONE, fence=3)).model_dump(include={"attempt", "outcome", "detail"}) == {
        "attempt": 3,
        "outcome": "a_word",
        "detail": "a sentence",
    }


async def test_a_move_from_what_was_seen_before_is_a_lost_race(record: Record) -> None:
    [row, *_] = await _filled(record)
    await _move(record, row, SENDING)
    with pytest.raises(LostRace):
        await _move(record, row, FAILED)
    assert (await _now(record, row)).state is SENDING


async def test_a_stale_fence_is_refused(record: Record) -> None:
    [row, *_] = await _filled(record)
    row = await _move(record, row, SENDING, fence=4)
    for stale in (3, 0):
        with pytest.raises(LostRace):
            await _move(record, row, DONE, fence=stale)
    assert (await _now(record, row)).state is SENDING
    assert (await _move(record, row, SENDING, fence=5)).attempt == 2
    with pytest.raises(LostRace):
        await _move(record, row, DONE, fence=4)


async def test_of_sixteen_senders_one_sends(record: Record, rival: Record) -> None:
    [row, *_] = await _filled(record)

    async def send(through: Record) -> bool:
        try:
            await _move(through, row, SENDING)
        except LostRace:
            return False
        return True

    assert (await together(send(through) for through in (record, rival) * 8)).count(True) == 1
    assert (await _now(record, row)).attempt == 1


async def test_rows_of_one_proposal_move_apart(record: Record) -> None:
    first, second, third = await _filled(record)
    [other, *_] = await _filled(record, 2)
    await _move(record, second, SENDING)
    assert [(await _now(record, row)).state for row in (first, second, third, other)] == [
        PENDING,
        SENDING,
        PENDING,
        PENDING,
    ]


async def test_recent_holds_what_may_have_reached_the_ticket(record: Record) -> None:
    """An echo may come back before we know that we were heard, so `sending` and `unknown` count as well."""
    found = await _filled(record)
    await _filled(record, 2)
    label, assign, comment = some_operations()
    for states, expected in (
        ((PENDING, PENDING, PENDING), []),
        ((SENDING, PENDING, FAILED), [label]),
        ((SENDING, UNKNOWN, DONE), [label, assign, comment]),
    ):
        for row, state in zip(found, states, strict=True):
            await tamper(record, update(outbox).where(outbox.c.id == row.id).values(state=state))
        async with record.read() as transaction:
            recent = await transaction.outbox.recent(a_ref(1).key, MINUTE)
            assert sorted(map(str, recent)) == sorted(map(str, expected))


async def test_recent_forgets_after_its_window(record: Record) -> None:
    [row, *_] = await _filled(record)
    await _move(record, row, SENDING)
    for age, within, found in ((0, MINUTE, 1), (2 * MINUTE, MINUTE, 0), (2 * MINUTE, 3 * MINUTE, 1)):
        async with record.begin() as transaction:
            now = await transaction.now()
        await tamper(record, update(outbox).values(changed_at=now - age))
        async with record.read() as transaction:
            assert len(await transaction.outbox.recent(a_ref(1).key, within)) == found
            assert await transaction.outbox.recent(a_ref(2).key, within) == []


async def test_an_effect_is_recorded_once_for_each_row(record: Record) -> None:
    first, second, _ = await _filled(record)
    async with record.begin() as transaction:
        await transaction.outbox.record_effect(first, a_ref(1).key, "label", "layer: retrieval")
        await transaction.outbox.record_effect(second, a_ref(1).key, "assignee", "ml-lead")
        assert await transaction.outbox.effects() == 2
    with pytest.raises(IntegrityError):
        async with record.begin() as transaction:
            await transaction.outbox.record_effect(first, a_ref(1).key, "label", "layer: retrieval")
    assert set(await tuples(record, select(effects.c.outbox_id, effects.c.field, effects.c.value))) == {
        (first.id, "label", "layer: retrieval"),
        (second.id, "assignee", "ml-lead"),
    }


async def test_a_detail_may_hold_any_text(record: Record) -> None:
    [row, *_] = await _filled(record)
    async with record.begin() as transaction:
        await transaction.outbox.move(row, FAILED, 1, "rejected", "it said \x00 and \udfff")
    assert (await _now(record, row)).detail == "it said \ufffd and \ufffd"
