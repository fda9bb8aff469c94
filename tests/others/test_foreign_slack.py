"""The stories of the product with `local-slack` as Slack (see `foreign_slack.py` for where it deviates) and our GitHub.

Each way in, signed HTTP and Socket Mode, is acted out once in a network of its own (`inside.py`); judged is here.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from tests.others.bots import TITLE
from tests.others.inside import SOCKET, Report, Story
from tests.others.isolated import NotIsolated, bring_up_loopback, in_isolation, why_not
from tests.trackers.github.examples import MODULES

PROGRAM = MODULES / "local-slack-linux-x64" / "bin" / "local-slack"
DOORS = [pytest.param(door, marks=pytest.mark.xdist_group(f"local-slack-{door}")) for door in ("http", SOCKET)]
TIMEOUT_S = 100


class NoForeignSlack(UserWarning):
    """Shown at the end of a run, where a skipped test alone is only a letter."""


def skip_loudly(why: str) -> None:
    text = f"NOT TESTED: the stories against a Slack that others wrote; {why}"
    warnings.warn(text, NoForeignSlack, stacklevel=2)
    pytest.skip(text)


@pytest.fixture(scope="module", params=DOORS)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    door: str = request.param
    if not PROGRAM.exists():
        skip_loudly("local-slack is not installed: `make test` does, on Linux with an x86-64 processor")
    if reason := why_not():
        skip_loudly(f"it listens on every interface, and no network of its own can be made for it here: {reason}")
    folder: Path = tmp_path_factory.mktemp(f"local-slack-{door}")
    printed = in_isolation("tests.others.inside", door, str(folder), str(PROGRAM), timeout_s=TIMEOUT_S)
    return Report.model_validate_json(printed)


def kinds(story: Story) -> list[str]:
    return sorted(what for what, _ in story.effects)


def labels(story: Story) -> set[str]:
    return {value for what, value in story.effects if what == "labeled"}


def test_an_approval_writes_what_the_card_listed_once(report: Report) -> None:
    story = report.approved
    assert TITLE in story.card
    assert story.writes_before == 0
    assert kinds(story) == ["assigned", "commented", "labeled", "labeled"]
    assert labels(story) == {"layer: retrieval and context", "kind: bug"}
    assert ("assigned", "data-lead") in story.effects


def test_a_decided_card_says_who_decided_and_has_no_more_buttons(report: Report) -> None:
    assert "<@U01ONDUTY>" in report.approved.card
    assert not report.approved.buttons


def test_the_second_approver_is_told_who_was_first(report: Report) -> None:
    assert ["<@U01ONDUTY>" in one for one in report.approved.said] == [True]


def test_an_edit_is_refused_in_the_form_while_it_is_wrong_and_then_written_as_edited(report: Report) -> None:
    story = report.edited
    assert ["would change nothing" in one for one in story.said] == [True]
    assert labels(story) == {"layer: business workflow", "kind: task"}
    assert ("assigned", "ops-lead") in story.effects
    assert kinds(story) == ["assigned", "commented", "labeled", "labeled"]
    assert "Edited and approved" in story.card


def test_a_rejection_writes_nothing_and_the_card_says_why(report: Report) -> None:
    assert report.rejected.effects == []
    assert report.rejected.said == []
    assert "It is ours" in report.rejected.card
    assert not report.rejected.buttons


def test_somebody_whom_slack_does_not_know_is_refused(report: Report) -> None:
    assert report.refused.effects == []
    assert report.refused.buttons
    assert ["may not decide" in one for one in report.refused.said] == [True]


def test_a_command_triages_a_ticket_that_no_webhook_told_of(report: Report) -> None:
    assert report.asked_for.buttons
    assert "To decide" in report.asked_for.card
    assert report.asked_for.effects == []


def test_commands_are_answered(report: Report) -> None:
    assert "a person approves" in report.help_text
    assert "/triage next" in report.help_text
    assert "2 waiting" in report.listed  # the refused and the asked for; the other three are decided
    assert "/triage list" in report.nonsense
    assert report.cards == 5


def test_every_request_was_acknowledged(report: Report) -> None:
    sent = [one for one in report.log if one.direction == "to_bot" and one.kind in {"interactive", "slash_commands"}]
    answers = [
        one.summary
        for one in report.log
        if one.direction == "from_bot" and (one.kind == "ack" or one.summary.startswith("HTTP "))
    ]
    assert len(sent) >= 11
    assert len(answers) == len(sent)
    assert {one for one in answers if one.startswith("HTTP ")} <= {"HTTP 200"}


def test_nothing_but_an_unknown_person_was_refused_by_that_slack(report: Report) -> None:
    failed = {one.summary for one in report.log if one.direction == "internal"}
    assert failed == {"users.info -> user_not_found"}


def test_the_bot_says_that_it_is_well(report: Report) -> None:
    assert '"status":"ok"' in report.ready


def test_it_still_drops_metadata(report: Report) -> None:
    """Once it does not, the story of the lost answer to a card's post can be told here too."""
    assert not report.keeps_metadata


def test_it_is_never_started_where_others_could_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.if_nameindex", lambda: [(1, "lo"), (2, "eth0")])
    with pytest.raises(NotIsolated, match="eth0"):
        bring_up_loopback()
