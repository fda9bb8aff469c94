"""The protocols of the measuring command, on a made-up data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphs.errors import StrataError
from graphs.similar.corpus import Corpus, hadoop, issues
from graphs.similar.index import SHOWN_FROM
from graphs.similar.load import tickets
from graphs.similar.measure import judged, measure, newest


@pytest.fixture
def data(tmp_path: Path) -> Path:
    place = tmp_path / "gitbugs-hadoop"
    place.mkdir()
    rows = [("10", "Disk full", "01/Jan/21 10:00"), ("11", "Queue stuck", "02/Jan/21 10:00")]
    rows += [("12", "Disk is full", "03/Jan/21 10:00"), ("13", "The disk is full again", "04/Jan/21 10:00")]
    head = "Summary,Issue id,Status,Priority,Resolution,Created,Resolved,Affects Version/s,Description\n"
    body = "".join(f'{title},{key},Open,Minor,,{at},,,"no space, none left"\n' for key, title, at in rows)
    (place / "hadoop_bugs.csv").write_text(head + body)
    (place / "hadoop_bugs-combined.csv").write_text('Issue id,Duplicate id\n10,12\n13,"10, 12"\n11,99\n')
    return tmp_path


def test_the_question_is_the_later_report(data: Path) -> None:
    assert hadoop(data, "combined").pairs == {"12": {"10"}, "13": {"10", "12"}}


def test_issues_are_paired_within_their_repository(tmp_path: Path) -> None:
    place = tmp_path / "data" / "llm-app-issues"
    place.mkdir(parents=True)
    made = [
        {"id": f"A/b#{number}", "repo": "A/b", "created_at": f"2026-01-0{number}", "title": "t"} for number in (1, 2)
    ]
    (place / "issues.jsonl.gz").write_text("".join(json.dumps(one) + "\n" for one in made))
    (place / "duplicates.csv").write_text("repo,number,duplicate_of\nA/b,2,1\n")
    [corpus] = issues(tmp_path)
    assert corpus.pairs == {"A/b#2": {"A/b#1"}}


def test_without_data_it_says_where_to_point(tmp_path: Path) -> None:
    with pytest.raises(StrataError, match="--data"):
        hadoop(tmp_path, "test")


def test_recall_counts_only_what_was_filed_before() -> None:
    """A copy of an earlier ticket is found at once; one whose only twin comes later has nothing to find."""
    made = list(tickets(80))
    copy = made[5].model_copy(update={"key": "copy", "at": made[-1].at + 1})
    found = measure([Corpus("made", [*made, copy], {"copy": {made[5].key}})])
    assert found["strata_online"].at[1].share == found["strata_offline"].at[1].share == 1
    assert found["newest"].at[10].share == 0
    assert newest(Corpus("made", made, {made[3].key: {made[2].key}})) == [["T2", "T1", "T0"]]


def test_the_judged_pairs_are_numbers_and_answers_only() -> None:
    found = judged()
    assert len(found) == len({one.asked for one in found}) >= 50
    assert all("#" in one.asked and "#" in one.found for one in found)
    assert 0 < sum(one.related for one in found) < len(found)
    assert 0 < SHOWN_FROM < 1
