"""`strata triage`: a proposal in the terminal from a file or an address, and a sentence where there can be none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.exits import DONE, REFUSED, UNREACHABLE, WRONG
from graphs.learning import artefact
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load
from tests.cli.strata import COMPLETE, NOWHERE, Strata

TICKET = {
    "title": "Search returns chunks of deleted files",
    "body": "The index keeps embeddings of files that were removed. Citations point to pages that are gone.",
}
LABELS = LayerTaxonomy(load()).labels
needs_engine = pytest.mark.skipif(
    not list(artefact.SHIPPED.glob("*.npz")), reason="the local engine is not trained yet"
)


def file(folder: Path, content: object, name: str = "ticket.json") -> str:
    text = content if isinstance(content, (str, bytes)) else json.dumps(content)
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


# --- a good file --------------------------------------------------------------------------------------------------


@needs_engine
def test_a_file_becomes_a_proposal_for_people(strata: Strata, tmp_path: Path) -> None:
    ended = strata("triage", file(tmp_path, TICKET), "--dry-run")
    assert ended.code == DONE, ended.err
    assert TICKET["title"] in ended.out
    assert "layer: " in ended.out
    assert "Dry run: nothing was stored, posted or written." in ended.out
    assert not (tmp_path / "data").exists()


@needs_engine
def test_a_file_becomes_a_proposal_for_programs(strata: Strata, tmp_path: Path) -> None:
    ended = strata("triage", file(tmp_path, TICKET), "--dry-run", "--json")
    shown = json.loads(ended.out)
    assert ended.code == DONE
    labels = {one["label"] for one in shown["proposal"]["operations"] if one["op"] == "add_label"}
    assert len(labels) == 2
    assert labels <= LABELS
    assert sum(shown["analysis"]["layer_scores"].values()) == pytest.approx(1, abs=0.01)


GITHUB_ISSUE = {
    **TICKET,
    "number": 42,
    "user": {"login": "reporter-1", "id": 1},
    "labels": [{"name": "kind: task", "color": "ededed"}],
    "assignees": [{"login": "on-duty"}],
    "html_url": "https://github.com/acme/assistant/issues/42",
    "state": "open",
}


@needs_engine
@pytest.mark.parametrize(
    "content",
    [
        GITHUB_ISSUE,
        {"action": "opened", "issue": GITHUB_ISSUE},
        {"title": TICKET["title"], "body": None},
        {"title": TICKET["title"]},
        {**TICKET, "labels": ["bug"], "assignees": ["on-duty"]},
    ],
)
def test_what_other_programs_write_is_understood(strata: Strata, tmp_path: Path, content: object) -> None:
    assert strata("triage", file(tmp_path, content), "--dry-run").code == DONE


@needs_engine
def test_what_the_file_says_is_set_is_left_alone(strata: Strata, tmp_path: Path) -> None:
    shown = json.loads(strata("triage", file(tmp_path, GITHUB_ISSUE), "--dry-run", "--json").out)
    assert [one["op"] for one in shown["proposal"]["operations"]] == ["add_label", "comment"]


@needs_engine
def test_a_ticket_that_needs_nothing(strata: Strata, tmp_path: Path) -> None:
    done = {**TICKET, "labels": ["layer: model and evaluation", "kind: bug"], "assignees": ["on-duty"]}
    ended = strata("triage", file(tmp_path, done), "--dry-run")
    assert (ended.code, ended.out) == (REFUSED, "")
    assert "nothing to propose: people have triaged this ticket already" in ended.sentences[0]


@needs_engine
def test_secrets_and_control_characters_of_a_ticket_do_not_reach_the_terminal(strata: Strata, tmp_path: Path) -> None:
    token = "ghp_" + "a1B2" * 9
    hostile = {"title": "Search is wrong \x1b[2J\x1b]0;pwned\x07", "body": f"{TICKET['body']} {token} \u202e\x1b[31m"}
    for arguments in (["--dry-run"], ["--dry-run", "--json"]):
        ended = strata("triage", file(tmp_path, hostile), *arguments)
        assert ended.code == DONE
        assert token not in ended.out
        assert "\x1b" not in ended.out
        assert "\\u001b" not in ended.out


# --- a bad file ---------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[object, str]] = {
    "empty": ("", "is not JSON"),
    "not JSON": ("title: x", "is not JSON"),
    "not text": (b"\xff\xfe\x00", "is not JSON"),
    "too deep": ("[" * 100_000, "is not JSON"),
    "a number of 5,000 digits": ("1" * 5_000, "is not JSON"),
    "a list": ([TICKET], "A ticket looks like"),
    "no title": ({"body": "x"}, "title"),
    "an empty title": ({"title": ""}, "title"),
    "a title that is a number": ({"title": 5}, "title"),
    "labels that are none": ({**TICKET, "labels": [5]}, "labels"),
    "a number that is none": ({**TICKET, "number": "x"}, "number"),
    "half a character": ('{"title": "\\ud800"}', "title"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_ends_in_a_sentence(strata: Strata, tmp_path: Path, case: str) -> None:
    content, word = BAD[case]
    ended = strata("triage", file(tmp_path, content), "--dry-run")
    assert (ended.code, ended.out, len(ended.sentences)) == (REFUSED, "", 1)
    assert word in ended.sentences[0]
    assert "ticket.json" in ended.sentences[0]


def test_a_huge_file_is_not_read(strata: Strata, tmp_path: Path) -> None:
    ended = strata("triage", file(tmp_path, {**TICKET, "body": "x" * 1_100_000}), "--dry-run")
    assert (ended.code, len(ended.sentences)) == (REFUSED, 1)
    assert "is larger than" in ended.sentences[0]


def test_a_file_that_is_not_there(strata: Strata, tmp_path: Path) -> None:
    ended = strata("triage", "nowhere.json", "--dry-run")
    assert (ended.code, len(ended.sentences)) == (REFUSED, 1)
    assert "cannot be read: No such file" in ended.sentences[0]


def test_a_folder_is_no_file(strata: Strata, tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    assert strata("triage", "folder.json", "--dry-run").code == REFUSED


def test_a_file_cannot_be_written_to(strata: Strata, tmp_path: Path) -> None:
    ended = strata("triage", file(tmp_path, TICKET), **COMPLETE)
    assert ended.code == WRONG
    assert "--dry-run" in ended.sentences[0]


# --- an address ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["", "x", "acme/assistant", "acme/assistant#x", "https://example.org/a/b/issues/1", "x" * 5_000, "a\x00b#1"],
)
def test_what_is_no_address_ends_in_a_sentence(strata: Strata, address: str) -> None:
    for arguments in (["--dry-run"], []):
        ended = strata("triage", address, *arguments, **COMPLETE)
        assert ended.code == WRONG
        assert len(ended.sentences) == 1


@pytest.mark.parametrize("token", [{}, {"GITHUB_READ_TOKEN": "any"}], ids=["without a token", "with a token"])
def test_a_tracker_that_cannot_be_reached(strata: Strata, token: dict[str, str]) -> None:
    nowhere = {"GITHUB_API_URL": NOWHERE, "GITHUB_WEB_URL": NOWHERE}
    ended = strata("triage", "acme/assistant#1", "--dry-run", **nowhere, **token)
    assert (ended.code, ended.out, len(ended.sentences)) == (UNREACHABLE, "", 1)


def test_a_ticket_of_another_project_is_not_queued(strata: Strata) -> None:
    ended = strata("triage", "evil/place#1", **COMPLETE)
    assert ended.code == WRONG
    assert "GITHUB_REPOSITORIES" in ended.sentences[0]


def test_a_ticket_is_queued_for_the_running_bot(strata: Strata) -> None:
    ended = strata("triage", "https://github.com/acme/assistant/issues/7", **COMPLETE)
    assert (ended.code, ended.out) == (DONE, "Queued acme/assistant#7: the running bot reads it and posts a card.\n")
