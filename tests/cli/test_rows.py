"""`strata owners rank` and `strata duplicates find`: files in, files out, bad rows told, nothing half done."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pytest

from bot.cli.exits import DONE, REFUSED, WRONG
from tests.cli.strata import Strata

Row = dict[str, object]

HISTORY: list[Row] = [
    {
        "id": f"a/b#{number}",
        "created_at": f"2026-01-{number:02}T00:00:00Z",
        "title": "Search index misses pages" if number % 2 else "Login with SSO fails",
        "body": None,
        "author": "customer-one",
        "labels": ["data-lead"],
        "owner": "data-lead" if number % 2 else "ops-lead",
    }
    for number in range(1, 25)
]
ASKED: list[Row] = [
    {"id": "a/b#90", "created_at": "2026-02-01T00:00:00Z", "title": "Search index misses pages", "author": "x"},
    {"id": 91, "created_at": "2026-02-02", "title": "SSO login refused", "body": "since today"},
]


def write(path: Path, rows: Iterable[Row | str]) -> Path:
    lines = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows)
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


def read(path: Path) -> list[Row]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in content.splitlines()]


def ids(row: Row, field: str, name: str) -> list[object]:
    return [one[name] for one in cast("list[Row]", row[field])]


def rank(strata: Strata, folder: Path, history: Iterable[Row | str], asked: Iterable[Row | str]) -> list[Row]:
    target = folder / "o.jsonl"
    given = write(folder / "h.jsonl", history), write(folder / "t.jsonl", asked)
    ended = strata("owners", "rank", "--history", str(given[0]), "--in", str(given[1]), "--out", str(target))
    assert ended.code == DONE, ended.err
    assert ended.out == ""
    return read(target)


def find(strata: Strata, folder: Path, corpus: Iterable[Row | str], asked: Iterable[Row | str]) -> list[Row]:
    target = folder / "o.jsonl.gz"
    given = write(folder / "c.jsonl.gz", corpus), write(folder / "t.jsonl", asked)
    ended = strata("duplicates", "find", "--corpus", str(given[0]), "--in", str(given[1]), "--out", str(target))
    assert ended.code == DONE, ended.err
    return read(target)


def test_owners_are_ranked_with_reasons(strata: Strata, tmp_path: Path) -> None:
    found = rank(strata, tmp_path, HISTORY, ASKED)
    assert [row["id"] for row in found] == ["a/b#90", 91]
    assert [ids(row, "owners", "owner")[0] for row in found] == ["data-lead", "ops-lead"]
    best = cast("list[Row]", found[0]["owners"])[0]
    assert set(best) == {"owner", "score", "why"}
    assert "a/b#23 (9 days ago)" in str(best["why"])


def test_at_most_ten_owners(strata: Strata, tmp_path: Path) -> None:
    many = [{**row, "owner": None, "assignees": [f"role-{at}", f"other-{at}"]} for at, row in enumerate(HISTORY)]
    [row, _] = rank(strata, tmp_path, many, ASKED)
    assert len(ids(row, "owners", "owner")) == len(set(map(str, ids(row, "owners", "owner")))) == 10


def test_neither_labels_nor_answers_nor_the_future_are_looked_at(strata: Strata, tmp_path: Path) -> None:
    """What must not be known is planted; the answer stays the same to the last digit."""
    before = rank(strata, tmp_path, HISTORY, ASKED)
    planted = [{**row, "owner": "ops-lead", "assignees": ["ops-lead"], "labels": ["ops-lead"]} for row in ASKED]
    assert rank(strata, tmp_path, HISTORY, planted) == before
    relabelled = [{**row, "labels": [f"owner: {row['owner']}"], "kind": row["owner"]} for row in HISTORY]
    assert rank(strata, tmp_path, relabelled, ASKED) == before
    later = [
        {**ASKED[0], "id": f"a/b#{n}", "created_at": f"2026-03-{n - 100:02}", "owner": "x"} for n in range(101, 120)
    ]
    assert rank(strata, tmp_path, [*HISTORY, *later], ASKED) == before


def test_candidates_were_filed_earlier_and_are_not_the_ticket_itself(strata: Strata, tmp_path: Path) -> None:
    found = find(strata, tmp_path, HISTORY, HISTORY)
    for row in found:
        number = int(str(row["id"]).removeprefix("a/b#"))
        earlier = [int(str(one).removeprefix("a/b#")) for one in ids(row, "candidates", "id")]
        assert all(one < number for one in earlier)
        assert len(earlier) == min(10, number - 1), "no threshold"
        scores = cast("list[float]", ids(row, "candidates", "score"))
        assert scores == sorted(scores, reverse=True)


def test_the_same_moment_is_not_earlier_and_ids_keep_their_kind(strata: Strata, tmp_path: Path) -> None:
    corpus: list[Row] = [
        {"id": 1, "created_at": "01/Jan/26 10:00", "title": "Disk full"},
        {"id": "2", "created_at": "2026-01-02T10:00:00+00:00", "title": "Disk full"},
        {"id": 3, "created_at": "2026-01-02T11:00:00+01:00", "title": "Disk full"},
    ]
    [second, unknown] = find(strata, tmp_path, corpus, [{"id": 2, "title": "Disk full"}, {"id": 9, "title": "Disk"}])
    assert ids(second, "candidates", "id") == [1], "its time is the corpus's; the third was filed at the same moment"
    assert ids(unknown, "candidates", "id") == ["2", 3, 1], "without a time it is the youngest"


BAD: list[tuple[str, str]] = [
    ("{", "is not JSON"),
    ("[1]", "is not a JSON object"),
    ('{"title": "no id", "created_at": "2026-01-01"}', "id"),
    ('{"id": "x", "created_at": "yesterday"}', "created_at: must be a time such as 2026-01-31T12:00:00Z"),
    ('{"id": "x", "created_at": 17}', "created_at: must be a time"),
    ('{"id": true, "created_at": "2026-01-01"}', "id"),
    ('{"id": "x", "title": {"a": 1}, "created_at": "2026-01-01"}', "title"),
]


@pytest.mark.parametrize(("line", "why"), BAD)
@pytest.mark.parametrize("where", ["first", "second"])
def test_a_bad_row_is_told_by_its_line_and_the_rest_is_done(
    strata: Strata, tmp_path: Path, where: str, line: str, why: str
) -> None:
    first = write(tmp_path / "first.jsonl", [*HISTORY[:3], *([line] if where == "first" else []), *HISTORY[3:]])
    second = write(tmp_path / "second.jsonl", [*ASKED[:1], "", *([line] if where == "second" else []), *ASKED[1:]])
    for command in (("owners", "rank", "--history"), ("duplicates", "find", "--corpus")):
        ended = strata(*command, str(first), "--in", str(second), "--out", str(tmp_path / "o.jsonl"))
        assert ended.code == REFUSED
        number = 4 if where == "first" else 3
        assert ended.sentences[0].startswith(f"strata: {where}.jsonl, line {number}: {why}")
        assert ended.sentences[-1] == "strata: 1 bad rows were left out; all others are done"
        assert len(read(tmp_path / "o.jsonl")) == 2


def test_a_row_to_learn_from_needs_its_time(strata: Strata, tmp_path: Path) -> None:
    given = write(tmp_path / "h.jsonl", [*HISTORY, {"id": "a/b#0", "owner": "x"}]), write(tmp_path / "t.jsonl", ASKED)
    ended = strata("owners", "rank", "--history", str(given[0]), "--in", str(given[1]), "--out", "o.jsonl")
    assert (ended.code, ended.sentences[0]) == (REFUSED, "strata: h.jsonl, row a/b#0: has no created_at")


@pytest.mark.parametrize("missing", ["--in", "--corpus"])
def test_a_file_that_cannot_be_read_leaves_nothing_behind(strata: Strata, tmp_path: Path, missing: str) -> None:
    given = {"--corpus": str(write(tmp_path / "c.jsonl", HISTORY)), "--in": str(write(tmp_path / "t.jsonl", ASKED))}
    given[missing] = str(tmp_path / "nowhere.jsonl")
    ended = strata("duplicates", "find", *(part for pair in given.items() for part in pair), "--out", "o.jsonl")
    assert (ended.code, len(ended.sentences)) == (WRONG, 1)
    assert "nowhere.jsonl" in ended.sentences[0]
    assert not [one for one in tmp_path.iterdir() if "o.jsonl" in one.name]


def test_a_gzip_that_is_cut_short_is_told(strata: Strata, tmp_path: Path) -> None:
    corpus = write(tmp_path / "c.jsonl.gz", HISTORY)
    corpus.write_bytes(corpus.read_bytes()[:-20])
    asked = write(tmp_path / "t.jsonl", ASKED)
    ended = strata("duplicates", "find", "--corpus", str(corpus), "--in", str(asked), "--out", "o.jsonl")
    assert (ended.code, len(ended.sentences)) == (WRONG, 1)
    assert "c.jsonl.gz" in ended.sentences[0]


def test_a_place_that_cannot_be_written_is_told(strata: Strata, tmp_path: Path) -> None:
    given = write(tmp_path / "h.jsonl", HISTORY), write(tmp_path / "t.jsonl", ASKED)
    out = tmp_path / "no" / "folder" / "o.jsonl"
    ended = strata("owners", "rank", "--history", str(given[0]), "--in", str(given[1]), "--out", str(out))
    assert (ended.code, len(ended.sentences)) == (WRONG, 1)
    assert "cannot write" in ended.sentences[0]


def test_a_line_without_end_is_left_out(strata: Strata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.lines.MOST_BYTES", 2_000)
    given = write(tmp_path / "h.jsonl", ["x" * 10_000, *HISTORY]), write(tmp_path / "t.jsonl", ASKED)
    ended = strata("owners", "rank", "--history", str(given[0]), "--in", str(given[1]), "--out", "o.jsonl")
    assert ended.code == REFUSED
    assert ended.sentences[0].startswith("strata: h.jsonl, line 1: longer than")
    assert len(read(tmp_path / "o.jsonl")) == 2
