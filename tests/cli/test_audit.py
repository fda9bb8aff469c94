"""`strata audit`: the chain is verified, anchored and exported; a replaced one is refused with a sentence."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot.bootstrap import open_core
from bot.bootstrap.scheduler import open_scheduler
from bot.record.audit import GENESIS
from bot.record.record import Record
from bot.record.tables import audit, audit_head
from bot.settings import Settings
from tests.builders import a_ticket
from tests.cli.strata import COMPLETE, Strata
from tests.record.seeds import tamper

KEY = a_ticket().ref.key
PERSONAL = "said to be urgent by somebody"


def _with_record(folder: Path, act: Callable[[Record], Awaitable[None]]) -> None:
    async def run() -> None:
        settings = Settings(_env_file=None, strata_directory=folder / "data", strata_secret=COMPLETE["STRATA_SECRET"])
        async with open_core(settings) as core:
            await act(core.record)

    asyncio.run(run())


async def _fill(record: Record) -> None:
    for number in range(3):
        async with record.begin() as tx:
            await tx.audit.append("human:U1", "approved", KEY, why=PERSONAL, proposal=str(number))


@pytest.fixture
def told(strata: Strata, tmp_path: Path) -> Path:
    _with_record(tmp_path, _fill)
    return tmp_path


def test_a_chain_is_anchored_and_verified_against_its_anchors(strata: Strata, told: Path) -> None:
    assert "No anchor was kept" in strata("audit", "verify", **COMPLETE).out
    made = strata("audit", "anchor", **COMPLETE)
    assert (made.code, json.loads(made.out)["seq"]) == (0, 3)
    assert strata("audit", "anchor", **COMPLETE).out == "Nothing was added since the last anchor.\n"
    verified = strata("audit", "verify", **COMPLETE)
    assert verified.code == 0
    assert "all 1 anchors" in verified.out
    assert strata("audit", "verify", "--head", json.loads(made.out)["hash"], **COMPLETE).code == 0


def test_a_replaced_chain_is_refused(strata: Strata, told: Path) -> None:
    kept = json.loads(strata("audit", "anchor", **COMPLETE).out)["hash"]

    async def replace(record: Record) -> None:
        await tamper(record, delete(audit))
        await tamper(record, update(audit_head).values(seq=0, hash=GENESIS))
        await _fill(record)

    _with_record(told, replace)
    ended = strata("audit", "verify", **COMPLETE)
    assert (ended.code, ended.out) == (1, "")
    assert ended.sentences == ["strata: entry 3 is not the one that was anchored: the chain was replaced"]
    (told / "data" / "anchors.jsonl").unlink()
    assert strata("audit", "verify", **COMPLETE).code == 0
    assert strata("audit", "verify", "--head", kept, **COMPLETE).code == 1


def test_another_secret_did_not_sign_these_anchors(strata: Strata, told: Path) -> None:
    strata("audit", "anchor", **COMPLETE)
    ended = strata("audit", "verify", **{**COMPLETE, "STRATA_SECRET": COMPLETE["STRATA_SECRET"] + "x"})
    assert (ended.code, len(ended.sentences)) == (1, 1)


def test_an_export_can_be_checked_by_anybody(strata: Strata, told: Path) -> None:
    exported = strata("audit", "export", **COMPLETE)
    prev = GENESIS
    lines = [json.loads(line) for line in exported.out.splitlines()]
    for line in lines:
        assert line["prev"] == prev
        prev = hashlib.sha256((line["entry"] + line["prev"]).encode()).hexdigest()
        assert line["hash"] == prev
        seal = hashlib.sha256((line["salt"] + line["sealed"]).encode()).hexdigest()
        assert json.loads(line["entry"])["seal"] == seal
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert PERSONAL in exported.out


def test_an_export_without_facts_speaks_of_nobody(strata: Strata, told: Path) -> None:
    out = told / "chain.jsonl"
    assert strata("audit", "export", "--without-facts", "--out", str(out), **COMPLETE).code == 0
    assert PERSONAL not in out.read_text()
    assert len(out.read_text().splitlines()) == 3


def test_a_broken_chain_is_not_exported(strata: Strata, told: Path) -> None:
    _with_record(told, lambda record: tamper(record, delete(audit).where(audit.c.seq == 2)))
    ended = strata("audit", "export", **COMPLETE)
    assert (ended.code, ended.out) == (1, "")


def test_files_that_cannot_be_used_end_with_2(strata: Strata, told: Path) -> None:
    assert strata("audit", "verify", "--anchors", str(told / "none"), **COMPLETE).code == 2
    assert strata("audit", "export", "--out", str(told / "none" / "x"), **COMPLETE).code == 2


async def test_the_scheduler_anchors_by_itself(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, strata_directory=tmp_path, strata_secret=COMPLETE["STRATA_SECRET"])
    async with open_core(settings) as core, open_scheduler(core) as scheduler:
        await _fill(core.record)
        (chore,) = (one for one in scheduler._chores if one.name == "anchor")
        await chore.do()
        assert [one.seq for one in core.anchors.read()] == [3]
        assert chore.every_s <= 3600
