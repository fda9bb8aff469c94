"""Cards as plain text, for terminals."""

from bot.slack.blocks.as_text import as_text, height
from bot.slack.blocks.message import Json
from tests.slack.screens import messages, modals


def test_nothing_that_steers_a_terminal_comes_through() -> None:
    blocks: list[Json] = [{"type": "section", "text": {"type": "plain_text", "text": "a\x1b[2J\u202eb\x07"}}]
    assert as_text(blocks) == "a[2Jb"


def test_marks_dates_and_mentions_read_as_words() -> None:
    text = "*Approved* by <@U01> · <!date^1^{ago}|long ago>, 1 &lt; 2 &amp; 3"
    assert (
        as_text([{"type": "section", "text": {"type": "mrkdwn", "text": text}}])
        == "Approved by @U01 · long ago, 1 < 2 & 3"
    )


def test_fields_stand_side_by_side() -> None:
    fields = [{"type": "plain_text", "text": text} for text in ("one", "two", "three")]
    assert [line.split() for line in as_text([{"type": "section", "fields": fields}]).splitlines()] == [
        ["one", "two"],
        ["three"],
    ]


def test_height_is_the_number_of_lines_of_every_screen() -> None:
    for message in messages().values():
        assert height(message.blocks) == len(as_text(message.blocks).splitlines())


def test_every_screen_says_something() -> None:
    for modal in modals().values():
        blocks = modal["blocks"]
        assert isinstance(blocks, list)
        assert all(as_text([block]).strip() for block in blocks)
