"""`strata classify`: rows in, rows out, bad rows told by their line, and nothing else in memory."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from bot.cli.exits import DONE, REFUSED, WRONG
from graphs import lines
from graphs.learning import encoder
from graphs.learning.corpus import DEFAULT_LAYERS
from tests.cli.strata import Strata

TICKET = {"id": "a#1", "title": "Search returns chunks of deleted files", "body": "The index keeps old embeddings."}
FIELDS = ["id", "layer", "scores", "layer_set", "confidence", "kind", "role", "risk", "secondary", "engine"]


def written(folder: Path, *lines: object) -> str:
    content = b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)
    (folder / "in.jsonl").write_bytes(content)
    return "in.jsonl"


def answers(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    "engine",
    [
        "local",
        "lexical",
        pytest.param("stacked", marks=pytest.mark.skipif(not encoder.installed(), reason="`make stacked`")),
    ],
)
def test_each_row_gets_an_answer_with_the_fields_of_the_contract(strata: Strata, tmp_path: Path, engine: str) -> None:
    came = written(tmp_path, TICKET, {**TICKET, "id": 7, "body": None, "more": [1]}, {"id": "x", "title": "知识库"})
    ended = strata("classify", "--engine", engine, "--in", came, "--out", "out.jsonl")
    assert (ended.code, ended.out) == (DONE, "")
    found = answers(tmp_path)
    assert [one["id"] for one in found] == ["a#1", 7, "x"]
    for one in found:
        assert list(one) == FIELDS
        scores = one["scores"]
        assert isinstance(scores, dict)
        assert list(scores) == list(DEFAULT_LAYERS)
        assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
        assert one["confidence"] == scores[one["layer"]] == max(scores.values())
        assert isinstance(one["layer_set"], list)
        assert one["layer"] == one["layer_set"][0]
        assert one["layer"] not in one["secondary"]  # type: ignore[operator]  # a list
    assert found[0]["layer"] == "retrieval_and_context"
    assert "3 rows classified, 0 bad" in ended.err


def test_bad_rows_are_told_by_their_line_and_the_others_are_done(strata: Strata, tmp_path: Path) -> None:
    bad = [b"{", b"[]", b'"text"', {"title": "no id"}, {"id": "1"}, {"id": True, "title": "x"}, b'{"id":"\xff"}']
    came = written(tmp_path, TICKET, *bad, b"", {**TICKET, "id": "last"})
    ended = strata("classify", "--in", came, "--out", "out.jsonl")
    assert ended.code == REFUSED
    assert [one["id"] for one in answers(tmp_path)] == ["a#1", "last"]
    told = [line for line in ended.sentences if line.startswith("strata: line ")]
    assert [line.split()[2] for line in told] == [f"{at}:" for at in range(2, 9)]
    assert told[0].endswith("this is not JSON")
    assert told[3].endswith("id: field required")
    assert "2 rows classified, 7 bad" in ended.err


def test_a_pipe_is_read_and_written(strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + json.dumps(TICKET).encode())))
    ended = strata("classify", "--in", "-", "--out", "-")
    assert ended.code == DONE
    assert json.loads(ended.out)["id"] == "a#1"


def test_what_cannot_be_read_or_written_is_said_and_nothing_is_lost(strata: Strata, tmp_path: Path) -> None:
    came = written(tmp_path, TICKET)
    for arguments in (
        ["--in", "none.jsonl", "--out", "o"],
        ["--in", ".", "--out", "o"],
        ["--in", came, "--out", "no/o"],
    ):
        ended = strata("classify", *arguments)
        assert (ended.code, len(ended.sentences)) == (WRONG, 1)
    ended = strata("classify", "--in", came, "--out", f"./{came}")
    assert ended.code == WRONG
    assert "both --in and --out" in ended.err
    assert json.loads((tmp_path / came).read_text()) == TICKET
    assert strata("classify", "--engine", "best", "--in", came, "--out", "o").code == WRONG


def test_a_line_without_an_end_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_BYTES", 10)
    asked = []

    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            asked.append(size)
            return super().readline(size)

    found = list(lines.numbered(Endless(b"1234567890\n" + b"x" * 95 + b"\n\nlast")))
    assert found == [(1, None), (2, None), (4, b"last")]
    assert all(size is not None and 0 < size <= 11 for size in asked)
