"""Block Kit limits at their edges: the largest allowed passes, one more is refused with a pointer to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.blockkit.blocks import Surface, blocks
from bot.sandbox.slack.blockkit.surfaces import view_problems
from bot.sandbox.slack.narrow import Json
from tests.sandbox.slack.tiny_bot import button, card, form, plain

Build = Callable[[int], list[Json]]


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def actions(*elements: Json) -> list[Json]:
    return [{"type": "actions", "elements": list(elements)}]


def option(text: str, value: str) -> Json:
    return {"text": plain(text), "value": value}


def select(count: int) -> Json:
    options = [option("o", str(at)) for at in range(count)]
    return {"type": "static_select", "action_id": "s", "options": options}


def overflow(count: int) -> Json:
    return {**select(count), "type": "overflow"}


def many_buttons(count: int) -> list[Json]:
    return actions(*(button(f"a{at}", "v") for at in range(count)))


def fields(count: int, length: int = 1) -> list[Json]:
    return [{"type": "section", "fields": [plain("x" * length) for _ in range(count)]}]


LIMITS: list[tuple[int, str, Build]] = [
    (50, "/blocks", lambda n: [{"type": "divider"}] * n),
    (3000, "/blocks/0/text/text", lambda n: [section("x" * n)]),
    (10, "/blocks/0/fields", fields),
    (2000, "/blocks/0/fields/0/text", lambda n: fields(1, n)),
    (150, "/blocks/0/text/text", lambda n: [{"type": "header", "text": plain("x" * n)}]),
    (25, "/blocks/0/elements", many_buttons),
    (10, "/blocks/0/elements", lambda n: [{"type": "context", "elements": [plain("x")] * n}]),
    (75, "/blocks/0/elements/0/text/text", lambda n: actions({**button("a", "v"), "text": plain("x" * n)})),
    (2000, "/blocks/0/elements/0/value", lambda n: actions(button("a", "v" * n))),
    (255, "/blocks/0/elements/0/action_id", lambda n: actions({**button("a", "v"), "action_id": "a" * n})),
    (255, "/blocks/0/block_id", lambda n: [{"type": "divider", "block_id": "b" * n}]),
    (5, "/blocks/0/elements/0/options", lambda n: actions(overflow(n))),
    (100, "/blocks/0/elements/0/options", lambda n: actions(select(n))),
    (
        75,
        "/blocks/0/elements/0/options/0/text/text",
        lambda n: actions({**select(0), "options": [option("x" * n, "v")]}),
    ),
    (12_000, "/blocks/0/text", lambda n: [{"type": "markdown", "text": "x" * n}]),
    (100, "/blocks/0/rows", lambda n: [{"type": "table", "rows": [[plain("x")]] * n}]),
]


@pytest.mark.parametrize(("most", "pointer", "build"), LIMITS)
async def test_one_more_than_allowed_is_refused(client: AsyncWebClient, most: int, pointer: str, build: Build) -> None:
    await client.chat_postMessage(channel="C01TRIAGE", text="x", blocks=build(most))
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C01TRIAGE", text="x", blocks=build(most + 1))
    answer = caught.value.response
    assert answer["error"] == "invalid_blocks"
    assert f"[json-pointer:{pointer}]" in answer["response_metadata"]["messages"][0]
    assert answer["errors"][0]["pointer"] == pointer


WRONG: list[tuple[str, list[Json]]] = [
    ("unsupported type: banner", [{"type": "banner"}]),
    ("unsupported type: alert", [{"type": "alert"}]),
    ("unsupported type: none", [{}]),
    ("unsupported type: plain_text_input", actions({"type": "plain_text_input", "action_id": "a"})),
    ("must be more than 0 characters", [section("")]),
    ("missing required field: text", [{"type": "section"}]),
    ("`action_id` already exists", actions(button("same", "1"), button("same", "2"))),
    ("`block_id` already exists", [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}]),
    ("must be one of: plain_text", [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]),
    ("must be one of: danger, primary", actions({**button("a", "v"), "style": "loud"})),
    ("invalid additional property: texts", [{**section("x"), "texts": "x"}]),
    ("initial option was not found", actions({**select(2), "initial_option": option("o", "99")})),
    ("no fewer than 1 items", [{"type": "actions", "elements": []}]),
]


@pytest.mark.parametrize(("message", "given"), WRONG)
def test_what_is_wrong_is_said(message: str, given: list[Json]) -> None:
    found = [problem.line() for problem in blocks(given, "/blocks", Surface.MESSAGE)]
    assert any(message in line for line in found), found


def test_good_blocks_have_no_problem() -> None:
    assert list(blocks(card(), "/blocks", Surface.MESSAGE)) == []
    assert list(view_problems(form({}))) == []


VIEW_LIMITS: list[tuple[int, str, Callable[[int], Json]]] = [
    (24, "/title/text", lambda n: {"title": plain("x" * n)}),
    (24, "/submit/text", lambda n: {"submit": plain("x" * n)}),
    (24, "/close/text", lambda n: {"close": plain("x" * n)}),
    (3000, "/private_metadata", lambda n: {"private_metadata": "x" * n}),
    (255, "/callback_id", lambda n: {"callback_id": "x" * n}),
    (100, "/blocks", lambda n: {"blocks": [{"type": "divider"}] * n}),
]


@pytest.mark.parametrize(("most", "pointer", "change"), VIEW_LIMITS)
def test_the_frame_of_a_view_has_limits(most: int, pointer: str, change: Callable[[int], Json]) -> None:
    assert list(view_problems(form({}) | change(most))) == []
    assert [problem.pointer for problem in view_problems(form({}) | change(most + 1))] == [pointer]


def test_a_form_needs_a_submit_button_and_a_title() -> None:
    view = form({})
    del view["submit"], view["title"]
    messages = [problem.message for problem in view_problems(view)]
    assert messages == ["missing required field: title", "`submit` is required when a view has input blocks"]


async def test_slacks_own_validator(slack: LocalSlack, client: AsyncWebClient) -> None:
    assert (await client.blocks_validate(blocks=card()))["ok"]
    with pytest.raises(SlackApiError) as caught:
        await client.blocks_validate(view={**form({}), "title": plain("x" * 25)})
    assert caught.value.response["error"] == "invalid_view"
    assert caught.value.response["errors"][0]["pointer"] == "/title/text"
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.blocks_validate()


async def test_text_is_required_and_bounded(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="no_text"):
        await client.chat_postMessage(channel="C01TRIAGE", text="")
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_postMessage(channel="C01TRIAGE", text="x" * 40_001)
    with pytest.raises(SlackApiError, match="invalid_blocks_format"):
        await client.chat_postMessage(channel="C01TRIAGE", text="x", blocks="{broken")
