"""The linter knows what Slack refuses; every screen passes it, `slack_sdk`'s checks and the double's."""

from __future__ import annotations

import pytest
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View as SdkView

from bot.sandbox.slack.blockkit.blocks import Surface as DoubleSurface
from bot.sandbox.slack.blockkit.blocks import blocks as double_blocks
from bot.sandbox.slack.blockkit.surfaces import view_problems
from bot.slack.blocks.message import Json, Message
from bot.slack.lint import MOST_BLOCKS, Surface, fitted, fitted_view, lint_blocks, lint_message, lint_view
from tests.slack.screens import messages, modals

MESSAGES, MODALS = messages(), modals()
PLAIN: Json = {"type": "plain_text", "text": "x"}
LONG: Json = {"type": "plain_text", "text": "x" * 3001}
DIVIDER: Json = {"type": "divider"}


def _section(**parts: object) -> Json:
    return {"type": "section", **parts}


def _button(**parts: object) -> Json:
    return {"type": "button", "action_id": "a", "text": PLAIN, **parts}


def _actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": [*elements]}


def _rich(element: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [element]}]}


def _select(**parts: object) -> Json:
    element: Json = {"type": "static_select", "action_id": "s", "options": [{"text": PLAIN, "value": "1"}], **parts}
    return {"type": "input", "label": PLAIN, "element": element}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_passes_all_checks(name: str) -> None:
    message = MESSAGES[name]
    assert lint_message(message) == []
    assert fitted(message) == message, "nothing may be left to the last cut"
    assert [str(problem) for problem in double_blocks([*message.blocks], "/blocks", DoubleSurface.MESSAGE)] == []
    for block in message.blocks:
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()


@pytest.mark.parametrize("name", MODALS)
def test_every_modal_passes_all_checks(name: str) -> None:
    modal = MODALS[name]
    assert lint_view(modal) == []
    assert fitted_view(modal) == modal
    assert [str(problem) for problem in view_problems(modal)] == []
    SdkView(**modal).validate_json()  # type: ignore[arg-type]  # the checker's own types are looser than its signature


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (_section(), "neither text nor fields"),
        (_section(text={"type": "plain_text", "text": ""}), "is empty"),
        (_section(text={"type": "mrkdwn", "text": "  "}), "is empty"),
        (_section(text={"type": "mrkdwn", "text": "hi <!channel>"}), "pings everybody"),
        (_section(text={"type": "mrkdwn", "text": "use <link> here"}), "means nothing"),
        (_section(text={"type": "mrkdwn", "text": "a < b"}), "means nothing"),
        (_section(text=LONG), "section.text has 3001"),
        (_section(fields=[PLAIN] * 11), "section.fields holds 11"),
        (_section(fields=[]), "section.fields holds 0"),
        (_section(fields=[{"type": "plain_text", "text": "x" * 2001}]), "field.text has 2001"),
        ({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}, "header.text has 151"),
        ({"type": "header"}, "header has no text"),
        ({"type": "context", "elements": [PLAIN] * 11}, "context.elements holds 11"),
        ({"type": "context", "elements": []}, "context.elements holds 0"),
        (_actions(*[_button(action_id=str(at)) for at in range(26)]), "actions.elements holds 26"),
        (_actions(_button(), _button()), "action_id a occurs twice"),
        (_actions(_button(text={"type": "plain_text", "text": "x" * 76})), "button.text has 76"),
        (_actions(_button(value="x" * 2001)), "button.value has 2001"),
        (_actions(_button(url="https://x/" + "x" * 3000)), "button.url has 3010"),
        (_actions(_button(accessibility_label="x" * 76)), "button.accessibility_label has 76"),
        (_actions(_button(action_id="x" * 256)), "action_id is too long"),
        (_actions(_button(confirm={"title": PLAIN, "text": LONG, "confirm": PLAIN})), "confirm.text has 3001"),
        (_select(options=[{"text": PLAIN, "value": str(at)} for at in range(101)]), "options holds 101"),
        (_select(options=[{"text": PLAIN, "value": "x" * 151}]), "option.value has 151"),
        (_select(options=[{"text": LONG, "value": "x"}]), "option.text has 3001"),
        (_select(options=[{"text": PLAIN, "value": "1"}] * 2), "option 1 occurs twice"),
        (_select(options=[]), "offers nothing"),
        (_select(initial_option={"text": PLAIN, "value": "2"}), "does not offer"),
        ({"type": "divider", "block_id": "x" * 256}, "block_id is too long"),
        ({"type": "rich_text", "elements": []}, "rich_text has no elements"),
        (
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
            },
            "text is empty",
        ),
        (_rich({"type": "link", "url": "javascript:1"}), "link goes nowhere"),
        ({"type": "blink"}, "blink is not allowed"),
        ({"type": "alert", "text": PLAIN}, "alert is not allowed"),
    ],
)
def test_each_limit_is_noticed(block: Json, words: str) -> None:
    problems = lint_blocks([block], Surface.MESSAGE)
    assert any(words in problem for problem in problems), problems


@pytest.mark.parametrize("surface", list(Surface))
def test_too_many_blocks(surface: Surface) -> None:
    most = MOST_BLOCKS[surface]
    assert lint_blocks([DIVIDER] * most, surface) == []
    assert "blocks" in lint_blocks([DIVIDER] * (most + 1), surface)[0]


def test_what_belongs_to_one_surface_only() -> None:
    assert lint_blocks([{"type": "alert", "text": PLAIN}], Surface.MODAL) == []
    assert lint_blocks([{"type": "container", "title": PLAIN}], Surface.MODAL) == [
        "container is not allowed in a modal"
    ]


def test_block_ids_are_unique_and_text_is_bounded() -> None:
    twice: list[Json] = [{"type": "divider", "block_id": "x"}] * 2
    assert lint_blocks(twice, Surface.MESSAGE) == ["block_id x occurs twice"]
    much = [_section(text={"type": "plain_text", "text": "x" * 2500})] * 5
    assert lint_blocks(much, Surface.MESSAGE) == ["12500 characters of text, a message takes 12000"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": {"type": "plain_text", "text": "x" * 25}}, "modal.title has 25"),
        ({"submit": {"type": "plain_text", "text": "x" * 25}}, "modal.submit has 25"),
        ({"close": {"type": "plain_text", "text": "x" * 25}}, "modal.close has 25"),
        ({"private_metadata": "x" * 3001}, "private_metadata has 3001"),
        ({"callback_id": "x" * 256}, "callback_id has 256"),
    ],
)
def test_the_frame_of_a_modal(change: Json, words: str) -> None:
    assert any(words in problem for problem in lint_view({**MODALS["reject"], **change}))


def test_a_form_needs_a_title_and_a_submit_button() -> None:
    bare = {key: value for key, value in MODALS["reject"].items() if key not in {"title", "submit"}}
    assert lint_view(bare) == ["modal: no title", "modal: inputs need a submit button"]


def test_a_message_needs_its_fallback_text() -> None:
    assert lint_message(Message(text=" ", blocks=(DIVIDER,))) == [
        "message: no text for notifications and screen readers"
    ]


def test_the_last_cut_makes_over_long_things_pass() -> None:
    blocks = (
        _section(text=LONG),
        _section(fields=[LONG] * 12),
        {"type": "header", "text": LONG},
        {"type": "context", "elements": [{"type": "plain_text", "text": ""}] * 12},
        _actions(_button(text=LONG, accessibility_label="x" * 99)),
        *[DIVIDER] * 60,
    )
    message = fitted(Message(text="", blocks=blocks))
    assert lint_message(message) == []
    few = fitted(Message(text="x", blocks=blocks[2:5]))
    assert lint_message(few) == []
    assert len(few.blocks) == 3
    assert len(fitted(Message(text="x", blocks=(DIVIDER,) * 60)).blocks) == MOST_BLOCKS[Surface.MESSAGE]
    view = fitted_view({**MODALS["notice"], "title": LONG, "blocks": [_section(text=LONG)] * 120})
    assert lint_view(view) == []
