"""The one way untrusted text enters a card."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.escape import (
    inert,
    lines_of,
    mention,
    mixed_alphabets,
    mrkdwn,
    one_line,
    safe_link,
    spelled,
    unspelled,
)
from tests.slack import hostile
from tests.slack.hostile import seeded

ANY = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
OUR_MARKS = "\u2068\u2069"


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(ANY)
def test_spelled_text_comes_back_exactly(text: str) -> None:
    assert unspelled(spelled(text)) == text
    assert unspelled(spelled(text, keep_newlines=True)) == text


def test_hostile_text_is_spelled_without_anything_hidden_and_comes_back() -> None:
    random = seeded(7)
    shown: dict[str, str] = {}
    for _ in range(3000):
        text = hostile.text(random)
        said = spelled(text)
        assert unspelled(said) == text
        assert "\n" not in said
        assert all(unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp"} or c in OUR_MARKS for c in said)
        assert shown.setdefault(said, text) == text, "two names look the same"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("kind: bug", "kind: bug"),
        ("bug\u202e", "bug\\u{202e}"),
        (" bug", "\\u{20}bug"),
        ("a  b", "a \\u{20}b"),
        ("a\nb", "a\\u{a}b"),
        ("a\\b", "a\\\\b"),
        ("", "\\e"),
        ("❤\ufe0f love", "❤\ufe0f love"),
        ("b\ufe0fug", "b\\u{fe0f}ug"),
        ("שלום", "\u2068שלום\u2069"),  # noqa: RUF001  # Hebrew is meant
    ],
)
def test_how_names_are_spelled(text: str, shown: str) -> None:
    assert spelled(text) == shown


def test_inert_text_has_no_way_to_hide_turn_or_link() -> None:
    random = seeded(11)
    for _ in range(3000):
        text = inert(hostile.text(random, 20))
        assert "://" not in text
        assert all(unicodedata.category(c) not in {"Cc", "Cf"} or c in OUR_MARKS + "\n" for c in text)
        for line in text.split("\n"):
            assert line.count("\u2068") == line.count("\u2069"), "an isolate must close on its own line"


def test_mrkdwn_cannot_mention_link_or_draw() -> None:
    random = seeded(13)
    for _ in range(3000):
        text = mrkdwn(hostile.text(random, 20))
        assert not set("<>`\n") & set(text)
        assert "://" not in text
        assert ":fire:" not in text
    assert mrkdwn("ping @channel and <!here> & me@x.org") == "ping ＠channel and &lt;!here&gt; &amp; me@x.org"  # noqa: RUF001


def test_an_escaped_text_cannot_unescape_into_a_mention() -> None:
    assert mrkdwn("&lt;!channel&gt;") == "&amp;lt;!channel&amp;gt;"


def test_long_text_is_folded_and_cut_with_a_sign() -> None:
    shown = lines_of("x" * 5000, lines=3, width=40)
    assert [len(line) for line in shown[:2]] == [40, 40]
    assert len(shown[2]) <= 40
    assert len(shown) == 3
    assert shown[-1].endswith("…")
    assert lines_of("one\n\n\n\ntwo", lines=3, width=40) == ["one", "two"]
    assert lines_of("one two three", lines=2, width=9, indent=5) == ["one", "two three"]
    assert lines_of("\u200b\n \n", lines=3, width=40) == []
    assert one_line("a\nb\tc   d", 5) == "a b…"


def test_walls_of_marks_are_thinned() -> None:
    assert len(inert("e" + "\u0301" * 500)) == 3


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://github.com/acme/assistant/issues/1", True),
        ("http://127.0.0.1:8080/acme/assistant/issues/1", True),
        ("http://localhost:1/x", True),
        ("http://github.com/acme", False),
        ("https://user@evil.example/", False),
        ("https://github.com@evil.example/", False),
        ("javascript:alert(1)", False),
        ("https://x.example/a|Approve>", False),
        ("https://x.example/\n", False),
        ("https://x.example/ a", False),
        ("https://[::1", False),
        ("https:///x", False),
        ("", False),
        ("https://x.example/" + "a" * 3000, False),
    ],
)
def test_which_addresses_a_card_links_to(url: str, *, good: bool) -> None:
    assert (safe_link(url) == url) is good
    assert good or safe_link(url) is None


def test_only_user_ids_become_mentions() -> None:
    assert mention("U01ONDUTY") == "<@U01ONDUTY>"
    assert mention("!channel") == "!channel"
    assert "<" not in mention("U1><!channel")


def test_look_alike_letters_are_noticed() -> None:
    assert mixed_alphabets("dаta-lead")  # noqa: RUF001  # the second letter is Cyrillic
    assert not mixed_alphabets("data-lead")
    assert not mixed_alphabets("данные")
