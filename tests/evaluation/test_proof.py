"""The document holds what was measured, and the measuring commands do what they say on a small made folder."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.evaluation.__main__ import ORDER, rendered
from graphs.errors import StrataError
from graphs.evaluation.proof.duplicates import duplicates
from graphs.evaluation.proof.owners import owners
from graphs.evaluation.proof.tables import Proof, Table
from graphs.evaluation.proof.walked import walked

DOCS = Path(__file__).parents[2] / "docs"
START = datetime(2026, 1, 1, tzinfo=UTC)


def proof() -> Proof:
    return Proof.model_validate_json((DOCS / "evaluation.json").read_bytes())


def test_the_document_is_what_was_measured() -> None:
    """Nobody edits a figure by hand: `make evaluation` writes both files."""
    assert (DOCS / "evaluation.md").read_text("utf-8") == rendered(proof())


def test_every_figure_has_its_interval_and_data_that_are_not_shipped_are_named() -> None:
    found = proof()
    assert [one.key for one in found.tables] == list(ORDER)
    for table in found.tables:
        assert table.needs_data == (table.key not in ("written", "explanations"))
        for line in table.lines:
            if line.figure is not None:
                assert line.figure.low is not None, line.what
                assert line.figure.high is not None, line.what
                assert line.figure.low <= line.figure.value <= line.figure.high, line.what
    said = rendered(found)
    assert said.count("**Needs data**") == sum(one.needs_data for one in found.tables)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of 60 owned tickets whose owner follows from a word; Hadoop with three reports, one of them twice."""
    data = tmp_path / "data/llm-app-issues"
    data.mkdir(parents=True)
    words = {
        "data-lead": "retriever index embeddings",
        "ml-lead": "training accuracy weights",
        "ops-lead": "deploy login secrets",
    }
    with gzip.open(data / "issues.jsonl.gz", "wt", encoding="utf-8") as file:
        for at in range(60):
            owner = sorted(words)[at % 3]
            filed = START + timedelta(days=at)
            row = {"id": f"a/b#{at}", "repo": "a/b", "title": words[owner], "author": "x"}
            row["body"] = "the zebra meets the quagga" if at in (56, 59) else f"ticket {at}"
            row |= {"created_at": filed.isoformat(), "closed_at": (filed + timedelta(hours=5)).isoformat()}
            file.write(json.dumps({**row, "assignees": [owner]}) + "\n")
    (data / "duplicates.csv").write_text("repo,number,duplicate_of\na/b,59,56\n", "utf-8")
    hadoop = tmp_path / "data/gitbugs-hadoop"
    hadoop.mkdir()
    reports = [("1", "Name node fails to start"), ("2", "Web page is slow"), ("3", "Name node fails at start")]
    with (hadoop / "hadoop_bugs.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Summary", "Issue id", "Created", "Description"])
        writer.writerows([title, name, f"0{name}/Jan/20 10:00", "text"] for name, title in reports)
    for split in ("test", "combined"):
        (hadoop / f"hadoop_bugs-{split}.csv").write_text("Issue id,Duplicate id\n1,3\n", "utf-8")
    return tmp_path


def value(table: Table, what: str) -> float:
    (line,) = [one for one in table.lines if one.what == what]
    assert line.figure is not None
    return line.figure.value


def test_owners_are_asked_for_the_last_part_of_a_history(folder: Path) -> None:
    table = owners(folder)
    assert {line.figure.n for line in table.lines if line.figure is not None} == {18}
    assert value(table, "TF-IDF, logistic regression: right owner first") == 1.0
    assert value(table, "strata: right owner among 3") == 1.0
    assert value(table, "frequency: right owner first") == pytest.approx(1 / 3, abs=1e-4)


def test_a_walk_learns_when_tickets_are_closed(folder: Path) -> None:
    table = walked(folder)
    assert value(table, "a right owner was known: the ceiling") == pytest.approx(57 / 60, abs=1e-4)
    assert value(table, "recency: right owner first") == 0.0, "owners take turns: the last one is never the next one"


def test_duplicates_are_looked_for_among_earlier_reports(folder: Path) -> None:
    hadoop, _, pairs = duplicates(folder)
    assert value(hadoop, "strata: recall@1") == 1.0, "the later of a pair is asked, whichever was named first"
    assert value(pairs, "TF-IDF: recall@10") == 1.0


def test_a_folder_of_something_else_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for measure in (owners, walked, duplicates):
        with pytest.raises(StrataError):
            measure(tmp_path)
