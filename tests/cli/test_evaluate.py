"""`strata eval` and `strata backtest`: whole runs, their files, and what a script relies on: the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.exits import REFUSED, WRONG
from graphs.evaluation.backtest.result import Backtest
from graphs.evaluation.report import Report
from tests.cli.strata import COMPLETE, Strata

TICKETS = (
    (
        "Search finds nothing in the uploaded handbook",
        "The retriever returns no passages from the index.",
        "retrieval_and_context",
    ),
    (
        "Login with SSO fails since the upgrade",
        "The deployment rejects tokens; secrets were rotated.",
        "operations_and_governance",
    ),
    ("The send button does nothing", "A click in the chat page sends no request to the API.", "application_and_tools"),
    (
        "Fine-tuned model is worse than the base",
        "Our evaluation set shows lower accuracy after training.",
        "model_and_evaluation",
    ),
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.jsonl"
    rows = [
        {
            "id": str(at),
            "title": title,
            "body": body,
            "layer": layer,
            "kind": "bug",
            "assignees": ["data-lead"],
            "created_at": f"2026-01-{at + 1:02}T09:00:00Z",
            "closed_at": f"2026-01-{at + 1:02}T17:00:00Z",
        }
        for at, (title, body, layer) in enumerate(TICKETS * 6)
    ]
    file.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    return file


def test_own_tickets_become_a_report_and_a_page(strata: Strata, own: Path, tmp_path: Path) -> None:
    ended = strata("eval", str(own), "--json", "report.json", "--page", "page.html")
    assert ended.code == 0, ended.err
    report = Report.model_validate_json((tmp_path / "report.json").read_bytes())
    assert report.tickets == report.run.answered == 24
    assert report.layers is not None
    assert report.explanations is not None
    assert "layer, accuracy" in ended.out
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!doctype html>")


def test_the_gate_decides_the_exit_code(strata: Strata, own: Path, tmp_path: Path) -> None:
    assert strata("eval", str(own), "--json", "good.json").code == 0
    assert strata("eval", str(own), "--against", "good.json", "--gate").code == 0
    answers = tmp_path / "worse.jsonl"
    answers.write_text("".join(f'{{"id": {at}, "layer": "business_workflow"}}\n' for at in range(24)), "utf-8")
    ended = strata("eval", str(own), "--answers", str(answers), "--against", "good.json", "--gate")
    assert ended.code == REFUSED
    assert "gate: failed" in ended.out
    assert strata("eval", str(own), "--answers", str(answers), "--against", "good.json").code == 0


def test_a_line_left_out_is_told_and_shows_in_the_exit_code(strata: Strata, own: Path) -> None:
    own.write_text(own.read_text("utf-8") + "{oops\n", "utf-8")
    ended = strata("eval", str(own), "--json", "-")
    assert ended.code == REFUSED
    assert ended.sentences == ["strata: own.jsonl, line 25: is not JSON"]
    assert Report.model_validate_json(ended.out).tickets == 24


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("eval", "missing.jsonl"), "cannot read missing.jsonl"),
        (("eval", "own.jsonl", "--golden"), "not both"),
        (("eval", "own.jsonl", "--gate"), "--gate needs --against"),
        (("eval", "--answers", "own.jsonl"), "--answers needs the tickets"),
        (("eval", "own.jsonl", "--against", "own.jsonl"), "no report of this version"),
        (("eval", "own.jsonl", "--page", "no/such/folder.html"), "cannot be written"),
        (("eval", "--golden", "--data", "nowhere"), "is no data folder"),
        (("eval", "grow", "--out", "own.jsonl"), "is no grown case"),
        (("backtest",), "name --history"),
        (("backtest", "--history", "missing.jsonl"), "cannot read missing.jsonl"),
        (("backtest", "--history", "own.jsonl", "--project", "a/b"), "no ticket of a/b"),
        (("backtest", "--history", "own.jsonl", "--to-slack", "C1"), "--to-slack needs SLACK_BOT_TOKEN"),
    ],
)
def test_wrong_calls_end_in_a_sentence(strata: Strata, own: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = strata(*arguments, **({} if "--to-slack" in arguments else COMPLETE))
    assert ended.code == WRONG
    assert said in ended.sentences[-1]


def test_layers_that_do_not_exist_are_told(strata: Strata, own: Path) -> None:
    own.write_text(own.read_text("utf-8").replace("model_and_evaluation", "the model"), "utf-8")
    ended = strata("eval", str(own))
    assert ended.code == REFUSED
    assert "ticket 3: the policies have no layer 'the model'" in ended.sentences[0]
    assert "18 tickets" in ended.out
    own.write_text('{"id": "1", "title": "one", "layer": "x"}', "utf-8")
    assert "correct the file, or set STRATA_POLICIES" in strata("eval", str(own)).sentences[-1]


def test_a_history_becomes_figures_a_page_and_a_message(strata: Strata, own: Path, tmp_path: Path) -> None:
    ended = strata("backtest", "--history", str(own), "--json", "back.json", "--page", "back.html", "--slack")
    assert ended.code == 0, ended.err
    found = Backtest.model_validate_json((tmp_path / "back.json").read_bytes())
    assert found.report.tickets == 24
    assert found.owners is not None
    assert found.owners.by_ranker["recency"].n == 24
    assert json.loads(ended.out)["blocks"][0]["type"] == "header"
    assert "Proposed thresholds" in (tmp_path / "back.html").read_text("utf-8")


def test_nothing_to_grow_from_is_no_error(strata: Strata) -> None:
    ended = strata("eval", "grow", "--json", **COMPLETE)
    assert ended.code == 0
    assert json.loads(ended.out) == {"new": 0, "renewed": 0, "aged": 0, "silent": 0, "erased": 0, "cases": 0}
