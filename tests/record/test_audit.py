"""The audit chain notices every change, however small, and loses no entry under concurrency."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, select, update

from bot.record.audit import GENESIS, AuditBroken, Entry, entry_hash
from bot.record.record import Record
from bot.record.tables import audit, audit_head
from tests.record.seeds import rows, tamper, then_crash, together

COLUMNS = ("seq", "prev", "hash", "at", "subject", "entry")


async def _append(record: Record, *subjects: str) -> None:
    for subject in subjects:
        async with record.begin() as transaction:
            await transaction.audit.append("human:U1", "approved", subject, why="is\u00e9", number="1")


async def _verify(record: Record) -> int:
    async with record.read() as transaction:
        return await transaction.audit.verify()


def _flip(value: object, bit: int) -> object:
    """The value with one bit of it turned over."""
    if isinstance(value, int):
        return value ^ (1 << bit)
    assert isinstance(value, str)
    place = (bit * 7) % len(value)
    return value[:place] + chr(ord(value[place]) ^ (1 << bit % 5)) + value[place + 1 :]


async def test_an_empty_chain_verifies(record: Record) -> None:
    assert await _verify(record) == 0


async def test_entries_come_back_in_order_and_by_subject(record: Record) -> None:
    await _append(record, "a", "b", "a")
    facts = {"why": "is\u00e9", "number": "1"}
    entry = {name: Entry(actor="human:U1", action="approved", subject=name, facts=facts) for name in ("a", "b")}
    async with record.read() as transaction:
        assert await transaction.audit.entries() == [entry["a"], entry["b"], entry["a"]]
        assert await transaction.audit.entries("a") == [entry["a"], entry["a"]]
        assert await transaction.audit.entries("c") == []
        assert await transaction.audit.verify() == 3


def test_the_hash_is_over_canonical_json_and_the_one_before() -> None:
    """A known answer, so that a chain written today verifies for ever."""
    entry: dict[str, object] = {
        "seq": 1,
        "at": 2,
        "actor": "system",
        "action": "a",
        "subject": "s",
        "facts": {"b": "1"},
    }
    backwards = dict(reversed(entry.items()))
    assert entry_hash(entry, GENESIS) == entry_hash(backwards, GENESIS)
    assert entry_hash(entry, GENESIS) == "01bff6cc42fe43feddf77c0c1a320851ac7c1be9ff4072100c7ceec399fae53c"
    assert entry_hash(entry, "1" * 64) != entry_hash(entry, GENESIS)


@pytest.mark.parametrize("column", COLUMNS)
async def test_a_flipped_bit_is_noticed_in_every_column(record: Record, column: str) -> None:
    await _append(record, "a", "b", "c")
    assert await _verify(record) == 3
    for seq in (1, 2, 3):
        [row] = await rows(record, select(audit).where(audit.c.seq == seq))
        before = row._mapping[column]
        for bit in (0, 3, 5, 11):
            broken = _flip(before, bit)
            taken = column == "seq" and broken in (1, 2, 3)
            if taken:
                continue  # the primary key refuses it
            place = audit.c.seq == (broken if column == "seq" else seq)
            await tamper(record, update(audit).where(audit.c.seq == seq).values({column: broken}))
            with pytest.raises(AuditBroken):
                await _verify(record)
            await tamper(record, update(audit).where(place).values({column: before}))
    assert await _verify(record) == 3


@pytest.mark.parametrize("column", ["seq", "hash"])
async def test_a_flipped_bit_in_the_head_is_noticed(record: Record, column: str) -> None:
    await _append(record, "a", "b")
    [row] = await rows(record, select(audit_head))
    await tamper(record, update(audit_head).values({column: _flip(row._mapping[column], 1)}))
    with pytest.raises(AuditBroken):
        await _verify(record)


async def test_every_place_in_an_entry_counts(record: Record) -> None:
    """Also a change that means the same to a JSON parser: a space, an escape, an order of keys."""
    await _append(record, "a")
    [row] = await rows(record, select(audit.c.entry))
    text = str(row.entry)
    for other in (text + " ", text.replace(":", ": ", 1), text.replace("is", "\\u0069s", 1), "[]", "{", ""):
        assert other != text
        await tamper(record, update(audit).values(entry=other))
        with pytest.raises(AuditBroken):
            await _verify(record)


REMOVALS = {"first": (1, "1"), "middle": (2, "2"), "last": (4, "4 entries")}


@pytest.mark.parametrize("which", REMOVALS)
async def test_a_removed_entry_is_noticed_and_named(record: Record, which: str) -> None:
    await _append(record, *"abcd")
    seq, said = REMOVALS[which]
    await tamper(record, delete(audit).where(audit.c.seq == seq))
    with pytest.raises(AuditBroken, match=said):
        await _verify(record)


async def test_a_cut_tail_is_noticed(record: Record) -> None:
    await _append(record, *"abcd")
    await tamper(record, delete(audit).where(audit.c.seq > 2))
    with pytest.raises(AuditBroken, match="removed"):
        await _verify(record)
    await tamper(record, delete(audit))
    with pytest.raises(AuditBroken, match="removed"):
        await _verify(record)


async def test_swapped_entries_are_noticed(record: Record) -> None:
    await _append(record, *"abc")
    found = {row.seq: dict(row._mapping) for row in await rows(record, select(audit))}
    swapped: tuple[Callable[[], list[dict[str, object]]], ...] = (
        lambda: [{**found[1], "seq": 2}, {**found[2], "seq": 1}],
        lambda: [
            {**found[1], "entry": found[2]["entry"], "subject": found[2]["subject"]},
            {**found[2], "entry": found[1]["entry"], "subject": found[1]["subject"]},
        ],
    )
    for make in swapped:
        await tamper(record, delete(audit).where(audit.c.seq.in_((1, 2))))
        await tamper(record, insert(audit).values(make()))
        with pytest.raises(AuditBroken):
            await _verify(record)


async def test_an_entry_put_in_between_is_noticed(record: Record) -> None:
    """Even one that hashes well with its predecessor: the one after it does not fit any more."""
    await _append(record, *"ab")
    [first] = await rows(record, select(audit).where(audit.c.seq == 1))
    entry: dict[str, object] = {"seq": 2, "at": 1, "actor": "x", "action": "x", "subject": "x", "facts": {}}
    await tamper(record, update(audit).where(audit.c.seq == 2).values(seq=3))
    forged = {"seq": 2, "prev": first.hash, "hash": entry_hash(entry, str(first.hash)), "at": 1, "subject": "x"}
    text = '{"action":"x","actor":"x","at":1,"facts":{},"seq":2,"subject":"x"}'
    await tamper(record, insert(audit).values(**forged, entry=text))
    with pytest.raises(AuditBroken, match="entry 3"):
        await _verify(record)


async def test_concurrent_appends_get_consecutive_numbers(record: Record, rival: Record) -> None:
    async def append(through: Record, number: int) -> None:
        async with through.begin() as transaction:
            await transaction.audit.append("system", "counted", str(number))

    await together(append(through, n) for n, through in enumerate((record, rival) * 20))
    assert await _verify(record) == 40
    assert [row.seq for row in await rows(record, select(audit.c.seq).order_by(audit.c.seq))] == list(range(1, 41))
    async with record.read() as transaction:
        assert {entry.subject for entry in await transaction.audit.entries()} == {str(n) for n in range(40)}


async def test_a_rollback_leaves_no_gap(record: Record) -> None:
    await _append(record, "a")
    with pytest.raises(ZeroDivisionError):
        async with record.begin() as transaction:
            await then_crash(transaction.audit.append("system", "never", "happened"))
    await _append(record, "b")
    assert await _verify(record) == 2
    async with record.read() as transaction:
        assert [entry.subject for entry in await transaction.audit.entries()] == ["a", "b"]


async def test_a_reader_verifies_one_moment_while_others_append(record: Record, rival: Record) -> None:
    """An entry that is committed between reading the chain and reading its head is not a broken chain."""
    await _append(record, "a", "b")
    async with record.read() as transaction:
        assert await transaction.audit.entries("a") != []
        await _append(rival, "c")
        assert await transaction.audit.verify() == 2
    assert await _verify(record) == 3


async def test_facts_may_hold_any_text(record: Record) -> None:
    async with record.begin() as transaction:
        await transaction.audit.append("system", "failed", "s", why="\x00 \ud800 \U0001f600")
    assert await _verify(record) == 1
    async with record.read() as transaction:
        [entry] = await transaction.audit.entries()
    assert entry.facts == {"why": "\ufffd \ufffd \U0001f600"}


async def test_several_entries_of_one_transaction_are_chained(record: Record) -> None:
    async with record.begin() as transaction:
        for subject in "abc":
            await transaction.audit.append("system", "did", subject)
        assert await transaction.audit.verify() == 3
    assert await _verify(record) == 3
