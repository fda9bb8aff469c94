"""Commands that ask a model, from the settings to the answer, with a Messages API on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.exits import DONE, REFUSED, WRONG
from bot.sandbox.model.scripted import Fails, Json, Says, answer, calls
from prompts.loader import load
from tests.agent.doubles import verdict
from tests.cli.strata import CANARY, Strata
from tests.models.running import running

TICKET = {
    "title": "Search returns chunks of deleted files",
    "body": "The index keeps embeddings of files that were removed. Citations point to pages that are gone.",
}
QUOTE = "Citations point to pages that are gone"
GOOD = verdict(
    evidence=[{"source": "quote", "ref": "", "text": QUOTE}, {"source": "owner", "ref": "data-lead", "text": "has it"}],
    against=[{"source": "quote", "ref": "", "text": "files that were removed"}],
    missing=["When was the last full index run?"],
    kind="feature",
    capability={"capability": "forget what was deleted", "experience": "no dead links"},
)
KEY = f"key-{CANARY}"


def asked(url: str) -> dict[str, str]:
    return {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY}


def rows(folder: Path, *content: object) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in content))
    return file


def test_a_dry_run_shows_what_the_model_says(strata: Strata, tmp_path: Path) -> None:
    (tmp_path / "ticket.json").write_text(json.dumps(TICKET))
    with running(calls(("look_up_owners", {"layer": "retrieval_and_context"})), answer(GOOD)) as server:
        shown = strata("triage", "ticket.json", "--dry-run", "--json", STRATA_ENGINE="claude", **asked(server.url))
        told = strata("triage", "ticket.json", "--dry-run", STRATA_ENGINE="claude", **asked(server.url))
    assert shown.code == told.code == DONE, shown.err + told.err
    found = json.loads(shown.out)
    assert found["analysis"]["engine"] == "claude-haiku-5-5"
    assert found["analysis"]["opinion"]["calls"] == 1
    assert found["proposal"]["versions"]["agent_prompts"].startswith("triage/v1")
    assert QUOTE in told.out
    assert "claude-haiku-5-5" in told.out
    assert len(server.requests) == 3
    results = server.requests[1]["messages"]
    assert isinstance(results, list)
    assert "data-lead" in str(results[-1])


def test_a_dry_run_without_a_model_says_so(strata: Strata, tmp_path: Path) -> None:
    (tmp_path / "ticket.json").write_text(json.dumps(TICKET))
    with running(Fails(401, "authentication_error")) as server:
        told = strata("triage", "ticket.json", "--dry-run", STRATA_ENGINE="claude", **asked(server.url))
    assert told.code == DONE, told.err
    assert "no model answered: local guess" in told.out


def test_a_file_is_classified_by_the_model(strata: Strata, tmp_path: Path) -> None:
    came = rows(tmp_path, {"id": 1, **TICKET}, {"id": "2", **TICKET, "title": "Something else entirely"})
    with running(answer(GOOD)) as server:
        ended = strata("classify", "--in", str(came), "--out", "-", "--engine", "claude", **asked(server.url))
    assert ended.code == DONE, ended.err
    first, second = (json.loads(line) for line in ended.out.splitlines())
    assert (first["id"], first["layer"], first["kind"], first["model"]) == (
        1,
        "retrieval_and_context",
        "feature",
        "claude-haiku-5-5",
    )
    assert list(first)[-5:] == ["model", "prompt", "cost_usd", "evidence", "stands_in"]
    assert first["evidence"][0] == {"source": "quote", "text": QUOTE, "ref": ""}
    assert second["id"] == "2"
    assert len(server.requests) == 2


def test_a_row_that_no_model_answered_says_why(strata: Strata, tmp_path: Path) -> None:
    came = rows(tmp_path, {"id": 1, **TICKET})
    with running(Says([], stop="refusal")) as server:
        ended = strata("classify", "--in", str(came), "--out", "-", "--engine", "cascade", **asked(server.url))
    row = json.loads(ended.out)
    assert (row["model"], row["stands_in"]) == (None, "the model refused")
    assert row["engine"].startswith("local")


def test_an_evaluation_counts_what_the_model_cost(strata: Strata, tmp_path: Path) -> None:
    labelled = [
        {"id": str(at), "layer": "retrieval_and_context", **TICKET, "title": f"{TICKET['title']} {at}"}
        for at in range(3)
    ]

    def script(request: Json) -> Says:
        return answer(GOOD)

    with running(script) as server:
        ended = strata(
            "eval",
            str(rows(tmp_path, *labelled)),
            "--engine",
            "claude",
            "--prompt",
            "triage/v1",
            "--json",
            "-",
            ANTHROPIC_API_KEY=KEY,
            ANTHROPIC_BASE_URL=server.url,
        )
    assert ended.code == DONE, ended.err
    assert len(server.requests) == 3, "no ticket is paid for twice"
    found = json.loads(ended.out)
    assert found["engine"] == "claude-haiku-5-5"
    assert found["prompts"][0] == load("triage").marked


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("classify", "--in", "rows.jsonl", "--out", "-", "--engine", "claude"), "ANTHROPIC_API_KEY is not set"),
        (("eval", "--engine", "claude"), "needs labelled tickets"),
        (("classify", "--in", "rows.jsonl", "--out", "-", "--engine", "gpt"), "is not one of"),
    ],
)
def test_what_cannot_be_asked_is_said(strata: Strata, tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    rows(tmp_path, {"id": 1, **TICKET})
    ended = strata(*arguments)
    assert ended.code == WRONG
    assert why in " ".join(ended.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({}, REFUSED, "none is asked"),
        ({"STRATA_ENGINE": "claude"}, REFUSED, "ANTHROPIC_API_KEY is not set"),
        ({"STRATA_ENGINE": "claude", "ANTHROPIC_API_KEY": KEY}, REFUSED, "$0.02 a ticket, $5 a day at most"),
        (
            {"STRATA_ENGINE": "claude", "ANTHROPIC_API_KEY": KEY, "STRATA_MODEL_FAST": "claude-next-9"},
            REFUSED,
            "the price of claude-next-9 is not known",
        ),
        ({"STRATA_NOTES": "nowhere"}, REFUSED, "nowhere is no folder"),
    ],
)
def test_the_doctor_looks_at_the_model(strata: Strata, settings: dict[str, str], code: int, said: str) -> None:
    ended = strata("doctor", "--no-online", **settings)
    assert ended.code == code
    assert said in ended.out
