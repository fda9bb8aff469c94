"""What people are told in short answers."""

import pytest

from bot.service.commands.registry import COMMANDS
from bot.slack.blocks import answers, usage
from bot.slack.blocks.as_text import as_text, height
from bot.slack.blocks.message import Message
from bot.slack.blocks.view import Applied, Pending
from graphs.model import Approved, Expired, Rejected, RejectReason, SlackUserId
from tests.slack.builders import ANNE, BERT, NOW
from tests.slack.screens import WAITING


def shown(message: Message) -> str:
    return " ".join(as_text(message.blocks).split())


def test_a_late_click_hears_who_decided_and_when() -> None:
    for state in (Approved(by=BERT, at=NOW), Applied(by=BERT, at=NOW, results=())):
        said = answers.already_decided(state)
        assert "Approved by <@U02LEAD>" in said.text
        assert "2025-11-23 12:13 UTC" in said.text
        assert "changed nothing" in said.text
    rejected = Rejected(by=ANNE, at=NOW, reason=RejectReason.DUPLICATE)
    assert "Rejected (a duplicate) by <@U01ONDUTY>" in answers.already_decided(rejected).text
    assert "nobody decided in time" in answers.already_decided(Expired(at=NOW)).text
    assert "press again" in answers.already_decided(Pending()).text


def test_a_refusal_says_why_and_who_can() -> None:
    text = answers.may_not("you are a guest", [ANNE, BERT]).text
    assert "because you are a guest" in text
    assert "<@U01ONDUTY>, <@U02LEAD>" in text
    many = [SlackUserId(f"U{at:05}") for at in range(9)]
    assert "and 4 more" in answers.may_not("you are a guest", many).text
    assert "tell the operator" in answers.may_not("you are a guest", []).text


@pytest.mark.parametrize(
    ("word", "hint"), [("lst", "/triage list"), ("HELPP", "/triage help"), ("xyzzy", None), ("<!channel>", None)]
)
def test_an_unknown_word_gets_a_suggestion_where_one_is_near(word: str, hint: str | None) -> None:
    text = usage.unknown_word(word).text
    assert ("Did you mean" in text) is (hint is not None)
    assert hint is None or hint in text
    assert "<!" not in text


def test_help_shows_what_a_person_needs_and_all_of_it_on_demand() -> None:
    short, whole = usage.usage(), usage.usage(everything=True)
    assert height(short.blocks) <= 8
    assert sum("`/triage" in row for row in short.text.splitlines()[:-1]) == 6
    assert all(f"/triage {word}" in whole.text for word in usage.NAMES)


def test_every_command_has_a_line_of_help_and_no_line_is_without_a_command() -> None:
    assert set(usage.NAMES) == set(COMMANDS)


def test_the_list_links_tickets_and_counts_what_it_leaves_out() -> None:
    text = shown(answers.waiting((WAITING,) * 40, 57))
    assert text.startswith("57 waiting for a decision")
    assert text.count("acme/assistant#412") == answers.MOST_LISTED
    assert "and 47 more" in text
    assert "more" not in shown(answers.waiting((WAITING,), 1))
    assert "Nothing waits" in shown(answers.waiting((), 0))


def test_answers_escape_what_people_typed() -> None:
    for message in (answers.not_a_ticket("<!channel>"), answers.queued("<!channel>"), answers.stale("<!channel>")):
        assert "&lt;!channel&gt;" in message.text
        assert "<!channel>" not in message.text


def test_a_waiting_card_is_linked_only_with_a_sound_address() -> None:
    good = answers.already_waiting("a/b#1", "https://acme.slack.com/archives/C1/p1").text
    assert "<https://acme.slack.com/archives/C1/p1|open it>" in good
    assert "<" not in answers.already_waiting("a/b#1", "https://x|<!channel>").text
    assert "<" not in answers.already_waiting("a/b#1", None).text


def test_our_own_failure_shows_no_error_text() -> None:
    assert "Nothing was written" in answers.try_again().text


def test_numbers_of_a_week_fit_five_lines_and_a_plot() -> None:
    found = answers.Health(
        waiting=4,
        oldest_since=NOW,
        decided=20,
        as_proposed=15,
        expired=1,
        median_wait_ms=3 * 3_600_000 + 5,
        per_day=(0, 1, 2, 4, 8, 4, 1),
    )
    text = answers.stats(found).text
    assert len(text.splitlines()) == 5
    assert all(part in text for part in ("15 (75 %)", "3 h", "▁▁▂▄█▄▁"))
    nothing = found.model_copy(update={"decided": 0, "as_proposed": 0, "median_wait_ms": None, "per_day": (0,) * 7})
    assert "no decision yet" in answers.stats(nothing).text
