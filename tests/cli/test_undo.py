"""`strata undo`: what an operator is told, and that only the executor writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.record.record import Record
from tests.cli.strata import COMPLETE, Strata, with_record
from tests.service.test_undoing import written

TICKET = "acme/assistant#12"


@pytest.fixture
def ticket(tmp_path: Path) -> str:
    """A ticket that two labels were written to."""

    async def make(record: Record) -> str:
        _, proposal = await written(record)
        return proposal.target.short

    return with_record(tmp_path, make)


async def jobs(record: Record) -> int:
    async with record.read() as tx:
        return await tx.jobs.count("ready")


def test_a_dry_run_says_what_would_go_and_changes_nothing(strata: Strata, ticket: str, tmp_path: Path) -> None:
    before = with_record(tmp_path, jobs)
    ended = strata("undo", ticket, "--dry-run", **COMPLETE)
    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "Dry run: nothing was changed."
    assert ended.out.count("take off label") == 2
    assert with_record(tmp_path, jobs) == before


def test_it_is_queued_once(strata: Strata, ticket: str, tmp_path: Path) -> None:
    before = with_record(tmp_path, jobs)
    ended = strata("undo", ticket, **COMPLETE)
    assert ended.code == 0
    assert "executor takes this back" in ended.out
    assert with_record(tmp_path, jobs) == before + 2, "the undo itself, and its card"
    again = strata("undo", ticket, **COMPLETE)
    assert again.code == 1
    assert "being taken back already" in again.err


def test_a_ticket_that_nothing_was_written_to(strata: Strata) -> None:
    ended = strata("undo", TICKET, **COMPLETE)
    assert ended.code == 1
    assert "nothing that Strata wrote is left there" in ended.err


def test_what_is_no_ticket(strata: Strata) -> None:
    ended = strata("undo", "that one", **COMPLETE)
    assert ended.code == 2
    assert "is no ticket" in ended.err
