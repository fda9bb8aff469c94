"""What people are told in short answers."""

import pytest

from bot.slack.blocks import answers
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
    text = answers.unknown_word(word).text
    assert ("Did you mean" in text) is (hint is not None)
    assert hint is None or hint in text
    assert "<!" not in text


def test_help_fits_in_six_lines_and_names_every_word() -> None:
    message = answers.usage()
    assert height(message.blocks) <= 6
    assert all(f"/triage {word}" in message.text or word == "help" for word in answers.WORDS)


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
