"""`strata labels sync`: what is asked of whom before anything is made."""

from __future__ import annotations

from tests.cli.strata import COMPLETE, NOWHERE, Strata

UNREACHABLE, WRONG = 3, 2


def test_a_project_that_no_tracker_covers(strata: Strata) -> None:
    ended = strata("labels", "sync", "else/where", **COMPLETE)
    assert (ended.code, ended.sentences) == (WRONG, ["strata: no tracker of the settings covers else/where"])


def test_patterns_alone_name_no_project(strata: Strata) -> None:
    ended = strata("labels", "sync", **{**COMPLETE, "GITHUB_REPOSITORIES": "acme/*"})
    assert ended.code == WRONG
    assert "name the projects" in ended.err


def test_a_tracker_that_is_not_there(strata: Strata) -> None:
    ended = strata("labels", "sync", "--dry-run", **COMPLETE, GITHUB_API_URL=NOWHERE)
    assert ended.code == UNREACHABLE


def test_jira_has_nothing_to_make(strata: Strata) -> None:
    alone = {name: value for name, value in COMPLETE.items() if not name.startswith("GITHUB")}
    jira = {"JIRA_URL": NOWHERE, "JIRA_PROJECTS": "OPS", "JIRA_READ_TOKEN": "r", "JIRA_WRITE_TOKEN": "w"}
    ended = strata("labels", "sync", **alone, **jira)
    assert ended.out == "jira OPS: nothing to make: Jira makes a label when a ticket first carries it\n"
    assert ended.code == 0
