"""The audit chain notices every change, however small, and loses no entry under concurrency."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
import rfc8785
from sqlalchemy import delete, insert, null, select, update

from bot.record.audit import ERASURES, GENESIS, AuditBroken, Entry, entry_hash
from bot.record.record import Record
from bot.record.tables import audit, audit_head
from tests.record.seeds import rows, tamper, then_crash, together

COLUMNS = ("seq", "prev", "hash", "at", "subject", "entry", "salt", "sealed")


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
    [row] = await rows(record, select(audit.c.entry, audit.c.sealed))
    for column, word in (("entry", "ap"), ("sealed", "is")):
        text = str(row._mapping[column])
        escaped = text.replace(word, f"\\u{ord(word[0]):04x}{word[1]}", 1)
        for other in (text + " ", text.replace(":", ": ", 1), escaped, "[]", "{", ""):
            assert other != text
            await tamper(record, update(audit).values({column: other}))
            with pytest.raises(AuditBroken):
                await _verify(record)
        await tamper(record, update(audit).values({column: text}))
    assert await _verify(record) == 1


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


def test_the_formula_of_the_seal_is_what_the_docstring_says() -> None:
    """A known answer: whoever verifies with a program of their own needs this and nothing else."""
    entry: dict[str, object] = {"v": 2, "seq": 1, "at": 2, "actor": "system", "action": "a", "subject": "s"}
    sealed = rfc8785.dumps({"why": "is\u00e9"}).decode()
    entry |= {"facts": {}, "seal": hashlib.sha256(f"{'0f' * 16}{sealed}".encode()).hexdigest()}
    assert entry["seal"] == "45276520215120daecddcceaabf453cdfbdcfa9f7a28c1343068666fba8a8022"
    assert entry_hash(entry, GENESIS) == "abe1b9552813a0dd93581f48c2842883f502ed3b5428ac41b03fb3f2729ad64e"


async def _stored(record: Record, seq: int) -> dict[str, object]:
    [row] = await rows(record, select(audit).where(audit.c.seq == seq))
    return dict(row._mapping)


async def test_an_entry_is_hashed_by_the_formula(record: Record) -> None:
    await _append(record, "a")
    row = await _stored(record, 1)
    entry = json.loads(str(row["entry"]))
    assert entry["seal"] == hashlib.sha256(f"{row['salt']}{row['sealed']}".encode()).hexdigest()
    assert json.loads(str(row["sealed"])) == {"why": "is\u00e9", "number": "1"}
    assert entry["facts"] == {}
    assert row["hash"] == entry_hash(entry, GENESIS)


async def test_what_can_speak_of_nobody_is_never_sealed(record: Record) -> None:
    async with record.begin() as transaction:
        for field, value in (("label", "kind: bug"), ("assignee", "reporter-1"), ("comment", "")):
            await transaction.audit.append("executor:main", "write_applied", "t", field=field, value=value, digest="d")
    found = [await _stored(record, seq) for seq in (1, 2, 3)]
    assert [row["sealed"] for row in found] == [None, '{"value":"reporter-1"}', None]
    assert ["seal" in str(row["entry"]) for row in found] == [False, True, False]
    assert len({row["salt"] for row in found}) == 2


async def _erase(record: Record, *entries: int) -> int:
    async with record.begin() as transaction:
        return await transaction.audit.erase(entries, "a person asked")


async def test_erased_facts_are_gone_and_the_chain_verifies(record: Record) -> None:
    await _append(record, *"abc")
    before = await _stored(record, 2)
    assert await _erase(record, 2) == 1
    after = await _stored(record, 2)
    assert after == {**before, "salt": None, "sealed": None}
    assert await _verify(record) == 4
    async with record.read() as transaction:
        entries = await transaction.audit.entries()
    assert [entry.is_erased for entry in entries] == [False, True, False, False]
    assert entries[1].facts == {}
    assert (entries[3].subject, entries[3].facts["entries"]) == (ERASURES, "2")
    assert await _erase(record, 2) == 0, "nothing is left to erase, so nothing is said"
    assert await _verify(record) == 4


BLANKS: dict[str, dict[str, object]] = {
    "both": {"salt": null(), "sealed": null()},
    "facts": {"sealed": null()},
    "salt": {"salt": null()},
    "other facts": {"sealed": "{}"},
}


@pytest.mark.parametrize("which", BLANKS)
async def test_facts_that_go_without_an_erasure_are_noticed(record: Record, which: str) -> None:
    """Also while another entry was erased rightly, and also when the erasure of this one comes before it."""
    await _append(record, *"abc")
    await _erase(record, 1)
    await _append(record, "d")
    for seq in (2, 3, 5):
        before = await _stored(record, seq)
        await tamper(record, update(audit).where(audit.c.seq == seq).values(BLANKS[which]))
        with pytest.raises(AuditBroken, match=f"entry {seq} "):
            await _verify(record)
        await tamper(record, update(audit).where(audit.c.seq == seq).values(before))
    assert await _verify(record) == 5


async def test_an_erasure_speaks_only_of_what_came_before_it(record: Record) -> None:
    """Somebody who appends one in advance has no licence for entries that are yet to come."""
    async with record.begin() as transaction:
        await transaction.audit.append("operator", "erased", ERASURES, entries="1,2,3", remains="{}")
    await _append(record, "a")
    assert await _verify(record) == 2
    await tamper(record, update(audit).where(audit.c.seq == 2).values(salt=None, sealed=None))
    with pytest.raises(AuditBroken, match="entry 2 lost facts"):
        await _verify(record)


async def test_an_erasure_that_was_undone_or_changed_is_noticed(record: Record) -> None:
    await _append(record, *"ab")
    before = await _stored(record, 1)
    await _erase(record, 1)
    after = await _stored(record, 1)
    await tamper(record, update(audit).where(audit.c.seq == 1).values(before))
    with pytest.raises(AuditBroken, match="entry 1 was erased and has its facts again"):
        await _verify(record)
    await tamper(record, update(audit).where(audit.c.seq == 1).values(after))
    said = str((await _stored(record, 3))["entry"])
    for other in (said.replace('"entries":"1"', '"entries":"1,2"'), "{", "[]", said.replace('"erased"', '"forgot"')):
        assert other != said
        await tamper(record, update(audit).where(audit.c.seq == 3).values(entry=other))
        with pytest.raises(AuditBroken):
            await _verify(record)


async def _written_by_version_1(record: Record, *subjects: str) -> None:
    """A chain as the first version wrote it: the whole entry hashed as it stands."""
    prev = GENESIS
    for seq, subject in enumerate(subjects, 1):
        facts = {"proposal": "p1", "why": "reporter-1 said so"}
        told = {"seq": seq, "at": seq, "actor": "system", "action": "a", "subject": subject, "facts": facts}
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(f"{text}{prev}".encode()).hexdigest()
        values = {"seq": seq, "prev": prev, "hash": digest, "at": seq, "subject": subject, "entry": text}
        await tamper(record, insert(audit).values(values))
        await tamper(record, update(audit_head).values(seq=seq, hash=digest))
        prev = digest


async def test_a_chain_of_the_first_version_goes_on_and_verifies(record: Record) -> None:
    await _written_by_version_1(record, *"ab")
    await _append(record, "c")
    assert await _verify(record) == 3
    async with record.read() as transaction:
        assert [entry.facts["why"] for entry in await transaction.audit.entries()][:2] == ["reporter-1 said so"] * 2


async def test_an_entry_of_the_first_version_can_be_erased_too(record: Record) -> None:
    await _written_by_version_1(record, *"abc")
    async with record.read() as transaction:
        assert await transaction.audit.naming("REPORTER-1") == [1, 2, 3]
        assert await transaction.audit.naming("reporter") == []
        assert await transaction.audit.about("b") == [2]
    assert await _erase(record, 2) == 1
    assert await _verify(record) == 4
    row = await _stored(record, 2)
    assert "reporter-1" not in str(row)
    assert json.loads(str(row["entry"]))["facts"] == {"proposal": "p1"}
    async with record.read() as transaction:
        assert await transaction.audit.naming("reporter-1") == [1, 3]
        assert [entry.is_erased for entry in await transaction.audit.entries("b")] == [True]
    assert await _erase(record, 2) == 0


async def test_what_is_left_of_an_erased_entry_of_the_first_version_is_bound(record: Record) -> None:
    await _written_by_version_1(record, *"abc")
    whole = await _stored(record, 1)
    await _erase(record, 1)
    left = await _stored(record, 1)
    blanked = str(whole["entry"]).replace("reporter-1 said so", "")
    changes: tuple[dict[str, object], ...] = (
        {"entry": str(left["entry"]).replace("p1", "p2")},
        {"entry": blanked},
        {"subject": "z"},
        {"at": 7},
        {"hash": "1" * 64},
        {"entry": whole["entry"]},
    )
    for change in changes:
        await tamper(record, update(audit).where(audit.c.seq == 1).values(change))
        with pytest.raises(AuditBroken):
            await _verify(record)
        await tamper(record, update(audit).where(audit.c.seq == 1).values(left))
    assert await _verify(record) == 4
    await tamper(record, update(audit).where(audit.c.seq == 2).values(entry=blanked.replace('"seq":1', '"seq":2')))
    with pytest.raises(AuditBroken, match="entry 2"):
        await _verify(record)


async def test_the_whole_chain_replaced_has_another_head(record: Record) -> None:
    """It verifies, as it must: only somebody who kept the head elsewhere can tell."""
    await _append(record, *"ab")
    async with record.read() as transaction:
        before = await transaction.audit.head()
    await tamper(record, delete(audit))
    await tamper(record, update(audit_head).values(seq=0, hash=GENESIS))
    await _append(record, *"ab")
    assert await _verify(record) == 2
    async with record.read() as transaction:
        after = await transaction.audit.head()
    assert (after.seq, after.hash == before.hash) == (2, False)
