"""Heads that are kept outside the record show what the chain alone cannot: that it is another one, or a shorter one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from bot.record.anchors import Anchor, AnchorFile, AnchorsUnreadable, Signer, compare
from bot.record.audit import GENESIS, AuditBroken
from bot.record.record import Record
from bot.record.tables import audit, audit_head
from tests.record.seeds import tamper

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


async def _append(record: Record, *subjects: str) -> None:
    for subject in subjects:
        async with record.begin() as tx:
            await tx.audit.append("human:U1", "approved", subject, why="good")


async def _compare(record: Record, file: AnchorFile) -> None:
    async with record.read() as tx:
        await tx.audit.verify()
        await compare(tx.audit, file.read())


@pytest.fixture
async def anchored(record: Record, tmp_path: Path) -> AnchorFile:
    """Three entries, an anchor after the second and one after the third."""
    file = AnchorFile(tmp_path / "elsewhere" / "anchors.jsonl", Signer(KEY))
    await _append(record, "a", "b")
    await file.anchor(record)
    await _append(record, "c")
    await file.anchor(record)
    return file


async def test_an_anchor_is_the_head_signed(record: Record, anchored: AnchorFile) -> None:
    async with record.read() as tx:
        head = await tx.audit.head()
    first, second = anchored.read()
    assert (first.seq, second.seq, second.hash) == (2, 3, head.hash)
    assert Signer(KEY).signed(second)
    assert not Signer(OTHER_KEY).signed(second)
    assert anchored.path.stat().st_mode & 0o077 == 0
    await _compare(record, anchored)


async def test_nothing_new_makes_no_anchor(record: Record, anchored: AnchorFile, tmp_path: Path) -> None:
    before = anchored.path.read_bytes()
    assert await anchored.anchor(record) is None
    assert anchored.path.read_bytes() == before


async def test_an_empty_chain_has_nothing_to_anchor(record: Record, tmp_path: Path) -> None:
    file = AnchorFile(tmp_path / "anchors.jsonl", Signer(KEY))
    assert await file.anchor(record) is None
    assert not file.path.exists()


async def _replace_all(record: Record) -> None:
    await tamper(record, delete(audit))
    await tamper(record, update(audit_head).values(seq=0, hash=GENESIS))
    await _append(record, *"abcd")


async def _cut(record: Record) -> None:
    """Takes the last entry off and mends the head, as whoever can write to the database would."""
    await tamper(record, delete(audit).where(audit.c.seq == 3))
    async with record.engine.connect() as connection:
        last = (await connection.execute(select(audit.c.hash).where(audit.c.seq == 2))).scalar_one()
    await tamper(record, update(audit_head).values(seq=2, hash=last))


@pytest.mark.parametrize(
    ("attack", "says"),
    [(_replace_all, "entry 2 is not the one that was anchored"), (_cut, "ended before entry 3")],
    ids=["the whole chain replaced", "the end cut off"],
)
async def test_what_verifies_by_itself_is_noticed_by_its_anchors(
    record: Record, anchored: AnchorFile, attack: Callable[[Record], Awaitable[None]], says: str
) -> None:
    await attack(record)
    async with record.read() as tx:
        await tx.audit.verify()  # the chain alone has nothing to say
    with pytest.raises(AuditBroken, match=says):
        await _compare(record, anchored)


async def test_an_anchor_for_the_replaced_chain_cannot_be_made_without_the_key(
    record: Record, anchored: AnchorFile
) -> None:
    await _replace_all(record)
    forged = AnchorFile(anchored.path.with_name("forged.jsonl"), Signer(OTHER_KEY))
    await forged.anchor(record)
    forged.path.rename(anchored.path)
    with pytest.raises(AuditBroken, match=r"line 1 .* was not signed with"):
        anchored.read()


@pytest.mark.parametrize("field", ["seq", "hash", "at", "by", "signature"])
async def test_a_flipped_bit_in_an_anchor_is_noticed(record: Record, anchored: AnchorFile, field: str) -> None:
    lines = anchored.path.read_text().splitlines(keepends=True)
    known = Anchor.model_validate_json(lines[1])
    held = getattr(known, field)
    flipped = held ^ 1 if isinstance(held, int) else held[:-1] + format(int(held[-1], 16) ^ 1, "x")
    anchored.path.write_text(lines[0] + known.model_copy(update={field: flipped}).line())
    with pytest.raises(AuditBroken, match="line 2"):
        anchored.read()


@pytest.mark.parametrize("line", ["{}", "", "null", '{"v":1}', "\x00", "[" * 5000])
async def test_what_is_no_anchor_is_named_by_its_line(anchored: AnchorFile, line: str) -> None:
    anchored.path.write_text(anchored.path.read_text() + line + "\n")
    with pytest.raises(AuditBroken, match="line 3"):
        anchored.read()


async def test_a_place_that_cannot_be_used_is_told(record: Record, tmp_path: Path) -> None:
    await _append(record, "a")
    (tmp_path / "file").write_text("")
    with pytest.raises(AnchorsUnreadable, match="cannot be written"):
        await AnchorFile(tmp_path / "file" / "anchors", Signer(KEY)).anchor(record)
    (tmp_path / "odd").write_bytes(b"\xff\xfe")
    with pytest.raises(AnchorsUnreadable, match="cannot be read"):
        AnchorFile(tmp_path / "odd", Signer(KEY)).read()
