"""`strata memory`: what was learnt from whom, and taking it back, which the audit keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.exits import DONE, REFUSED, WRONG
from bot.record.record import Record
from graphs.model import Rejected, RejectReason, SlackUserId
from tests.builders import NOW, RETRIEVAL, a_ref, an_approval
from tests.cli.strata import COMPLETE, Strata, with_record
from tests.record.test_lessons import learnt

SHORT = a_ref(1).short


@pytest.fixture
def taught(tmp_path: Path) -> Path:
    """A folder whose record knows two decided tickets."""

    async def make(record: Record) -> None:
        await learnt(record, 1, an_approval())
        by = SlackUserId("U0ONDUTY")
        await learnt(record, 2, Rejected(by=by, at=NOW, reason=RejectReason.WRONG_LAYER))

    with_record(tmp_path, make)
    return tmp_path


def test_each_lesson_says_where_it_is_from(strata: Strata, taught: Path) -> None:
    ended = strata("memory", "list", "--project", "Acme/Assistant", "--json", **COMPLETE)
    assert ended.code == DONE, ended.err
    second, first = json.loads(ended.out)
    assert (first["ticket"], first["decided_by"], first["decision"]) == (SHORT, "U0ONDUTY", "approved")
    assert (first["proposed_layer"], first["layer"], first["was_right"]) == (RETRIEVAL, RETRIEVAL, True)
    assert (first["engine"], first["proposal"], first["kind"], first["owner"]) == (
        "local-lexical-1",
        "proposal-1",
        "bug",
        "ml-lead",
    )
    assert first["decided_at"].startswith("20")
    assert [one["state"] for one in (first, second)] == ["teaches", "counts only"]
    assert second["reason"] == "wrong_layer"
    lines = strata("memory", "list", **COMPLETE).out.splitlines()
    assert len(lines) == 2
    assert f"{SHORT}  approved by an approver (U0ONDUTY): {RETRIEVAL} (80 %) -> {RETRIEVAL}" in lines[1]
    assert strata("memory", "list", "--limit", "1", **COMPLETE).out.splitlines() == lines[:1]


def test_nothing_learnt_is_said(strata: Strata, taught: Path) -> None:
    ended = strata("memory", "list", "--project", "acme/other", **COMPLETE)
    assert (ended.code, ended.out) == (DONE, "Nothing was learnt yet: nobody has decided a proposal.\n")


def test_forgetting_is_audited_and_done_once(strata: Strata, taught: Path) -> None:
    ended = strata("memory", "forget", SHORT, "--why", "it was a test", **COMPLETE)
    assert (ended.code, ended.out) == (DONE, f"Forgotten: 1 decision about {SHORT}. The audit says so.\n")
    states = [one["state"] for one in json.loads(strata("memory", "list", "--json", **COMPLETE).out)]
    assert sorted(states) == ["counts only", "forgotten"]
    shown = strata("audit", "show", SHORT, **COMPLETE).out
    assert "operator  lessons_forgotten  lessons=1 why=it was a test" in shown
    assert strata("audit", "verify", **COMPLETE).code == DONE
    again = strata("memory", "forget", SHORT, "--why", "it was a test", **COMPLETE)
    assert again.code == REFUSED
    assert again.sentences == [f"strata: nothing was learnt from {SHORT}, or it is forgotten already"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense", "--why", "x"], "nonsense is no ticket: use its address or owner/repo#12"),
        ([SHORT, "--why", " "], "--why is kept in the audit: say something"),
    ],
)
def test_a_wrong_call_is_told_and_changes_nothing(strata: Strata, arguments: list[str], said: str) -> None:
    ended = strata("memory", "forget", *arguments, **COMPLETE)
    assert (ended.code, ended.sentences) == (WRONG, [f"strata: {said}"])
