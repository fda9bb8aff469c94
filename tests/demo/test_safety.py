"""Strangers' text on the page is text, and no other page or program can use this one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bot.demo.page.app import POLICY, application
from bot.demo.page.frame import Desk
from bot.demo.town import CHANNEL, Bot, Town
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import demo_repository
from bot.sandbox.slack.blockkit.surfaces import with_ids
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.server import LocalSlack
from bot.sandbox.stories import prepared, stories
from tests.demo.screen import Node, read

HOST = "http://127.0.0.1:8090"
NASTY = "<script>alert(1)</script><img src=x onerror=a()>\"'><a href='javascript:a()' onclick=x>y</a></pre></div>"
AWAY = "https://attacker.invalid/p.png"
OURS = {"script": {"/script.js"}, "link": {"data:,", "/style.css", "/labels.css"}}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Slack and GitHub without a bot: what they hold is put there by hand."""
    async with LocalSlack() as slack, LocalGitHub() as github:
        yield Desk(Town(slack, github, demo_repository(github), Bot(0, {}, tmp_path), "secret"))


@pytest.fixture
async def http(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    app = application(desk, asyncio.Event())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HOST) as client:
        yield client


async def shown(http: httpx.AsyncClient, **asked: str) -> Node:
    page = read((await http.get("/", params=asked)).text)
    nothing_foreign(page)
    return page


def nothing_foreign(page: Node) -> None:
    """No element, attribute or address that the page does not make itself."""
    for one in page.walk():
        assert one.name not in {"img", "iframe", "object", "embed", "base", "style", "svg", "video"}, one
        assert not [key for key in one.attributes if key.startswith("on") or key == "style"], one
        for key in ("href", "src", "action", "formaction", "poster", "srcset"):
            if key not in one.attributes:
                continue
            address = one.attributes[key]
            assert one.name not in OURS or address in OURS[one.name], one
            assert address == "data:," or not (urlsplit(address).scheme or urlsplit(address).netloc), one


def say(desk: Desk, *blocks: Json) -> None:
    """The bot says something, whatever it is."""
    world = desk.town.slack.world
    message = world.bot_message(CHANNEL, "")
    world.store.add(replace(message, blocks=tuple(with_ids(list(blocks)))))


async def test_every_story_is_shown_as_text(desk: Desk, http: httpx.AsyncClient) -> None:
    for story in (*stories(), *prepared().values()):
        number = await desk.town.github.file(desk.town.repository, story.author, story.title, story.body)
        page = await shown(http, ticket=str(number))
        assert page.region("ticket").all("pre")[0].text == story.body
        assert story.title in page.region("tickets").text


async def test_hidden_characters_are_counted(desk: Desk, http: httpx.AsyncClient) -> None:
    story = prepared()["hostile"]
    await desk.town.github.file(desk.town.repository, story.author, story.title, story.body)
    page = await shown(http, ticket="1")
    assert "41 characters in this text cannot be seen" in page.region("ticket").text


async def test_markup_in_any_field_stays_text(desk: Desk, http: httpx.AsyncClient) -> None:
    github, repo = desk.town.github, desk.town.repository
    number = await github.file(repo, NASTY, NASTY, NASTY)
    await github.create_label_as(repo, "on-duty", NASTY)
    await github.label_as(repo, number, NASTY, NASTY)
    await github.comment_as(repo, number, NASTY, NASTY)
    await github.edit(repo, number, NASTY, title=f"{NASTY} again")
    desk.town.slack.say("on-duty", CHANNEL, NASTY)
    desk.town.slack.say("on-duty", CHANNEL, escape(NASTY, quote=False))
    desk.memory.notices["on-duty"] = NASTY
    desk.town.bot.log.append(NASTY)
    page = await shown(http, ticket=str(number))
    assert page.region("ticket").text.count(NASTY) >= 6
    assert NASTY in page.region("messages").text
    assert NASTY in page.region("notice").text
    assert NASTY in page.region("wire").text
    assert NASTY not in (await http.get("/labels.css")).text


TEXT = {"type": "plain_text", "text": NASTY}
MARKED = {"type": "mrkdwn", "text": f"*{NASTY}* <{AWAY}|{NASTY}> `{NASTY}` <!date^0^{NASTY}|{NASTY}>"}
PICTURE: Json = {"type": "image", "image_url": AWAY, "alt_text": NASTY}
CARD: Json = {"type": "card", "title": TEXT, "subtitle": TEXT, "body": MARKED}
OPTIONS: list[Json] = [{"text": TEXT, "value": NASTY}, {"text": {"type": "plain_text", "text": "b"}, "value": "b"}]
ELEMENTS: tuple[Json, ...] = (
    {"type": "button", "text": TEXT, "value": NASTY, "accessibility_label": NASTY},
    {"type": "overflow", "options": OPTIONS},
    {"type": "static_select", "placeholder": TEXT, "options": OPTIONS},
    {"type": "static_select", "option_groups": [{"label": TEXT, "options": OPTIONS}]},
    {"type": "multi_static_select", "options": OPTIONS, "initial_options": OPTIONS[:1]},
    {"type": "checkboxes", "options": OPTIONS},
    {"type": "radio_buttons", "options": OPTIONS, "initial_option": OPTIONS[0]},
    {"type": "users_select"},
    {"type": "multi_conversations_select"},
    {"type": "datepicker", "initial_date": "2026-11-23"},
    {"type": "timepicker"},
    {"type": "datetimepicker"},
    {"type": "external_select", "placeholder": TEXT},
)
INPUTS: tuple[Json, ...] = (
    {"type": "plain_text_input", "initial_value": NASTY, "placeholder": TEXT},
    {"type": "plain_text_input", "multiline": True, "initial_value": f"\n{NASTY}"},
    {"type": "number_input", "is_decimal_allowed": True},
    {"type": "email_text_input"},
    {"type": "url_text_input"},
    {"type": "rich_text_input"},
    {"type": "file_input"},
)
RICH: Json = {
    "type": "rich_text",
    "elements": [
        {
            "type": kind,
            "style": "ordered",
            "indent": 1,
            "elements": [
                {"type": "text", "text": NASTY, "style": {"bold": True, "code": True}},
                {"type": "link", "url": "javascript:alert(1)", "text": NASTY},
                {"type": "link", "url": NASTY},
                {"type": "user", "user_id": NASTY},
                {"type": "channel", "channel_id": NASTY},
                {"type": "emoji", "name": NASTY, "unicode": NASTY},
                {"type": "date", "timestamp": 0, "format": NASTY, "fallback": NASTY},
                {"type": "broadcast", "range": NASTY},
                {"type": "color", "value": NASTY},
                {"type": NASTY, "text": NASTY},
            ],
        }
        for kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list")
    ],
}
BLOCKS: tuple[Json, ...] = (
    {"type": "header", "text": TEXT},
    {"type": "section", "text": MARKED, "fields": [TEXT, MARKED], "accessory": ELEMENTS[0]},
    {"type": "section", "text": MARKED, "accessory": PICTURE},
    {"type": "context", "elements": [MARKED, PICTURE]},
    {"type": "divider"},
    {**PICTURE, "title": TEXT},
    {"type": "markdown", "text": NASTY},
    {"type": "table", "rows": [[{"type": "raw_text", "text": NASTY}, RICH]]},
    {"type": "container", "title": TEXT, "child_blocks": [{"type": "section", "text": MARKED}]},
    {"type": "carousel", "elements": [{**CARD, "actions": [ELEMENTS[0]]}]},
    {"type": "alert", "text": TEXT},
    RICH,
    {"type": NASTY, "text": NASTY},
)


async def test_every_block_and_element_is_drawn_and_stays_text(desk: Desk, http: httpx.AsyncClient) -> None:
    boxed: list[Json] = [{"type": "actions", "elements": [one]} for one in ELEMENTS]
    for block in (*BLOCKS, *boxed):
        say(desk, block)
    drawn = [one.all("form")[0] for one in (await shown(http)).all("article", class_="message")]
    assert len(drawn) == len(BLOCKS) + len(ELEMENTS)
    for block, shown_block in zip(BLOCKS, drawn, strict=False):
        assert block["type"] == "divider" or NASTY in shown_block.text, block["type"]
    for element, shown_element in zip(ELEMENTS, drawn[len(BLOCKS) :], strict=True):
        assert [one for one in shown_element.walk() if one.attributes.get("name") == "press"], element["type"]


async def test_every_input_has_a_label_of_its_own(desk: Desk, http: httpx.AsyncClient) -> None:
    named: Json = {"type": "input", "label": TEXT, "hint": TEXT}
    inputs: list[Json] = [{**named, "element": one} for one in (*INPUTS, *ELEMENTS[2:])]
    body: Json = {"type": "modal", "title": TEXT, "submit": TEXT, "close": TEXT, "blocks": with_ids(inputs)}
    desk.town.slack.world.views.open("U01ONDUTY", body)
    page = await shown(http)
    modal = page.all("form", class_="modal")[0]
    ids = {one.attributes["id"] for one in modal.walk() if "id" in one.attributes}
    for label in [one for one in modal.all("label") if "for" in one.attributes]:
        if "The demo has no field" not in (label.parent.text if label.parent else ""):
            assert label.attributes["for"] in ids
    described = [name for one in modal.walk() for name in one.attributes.get("aria-describedby", "").split()]
    assert described
    assert set(described) <= ids
    for part in ("top", "main", "foot"):
        assert "inert" in page.region(part).attributes, "what lies under a form cannot be reached"


async def test_ids_are_unique(desk: Desk, http: httpx.AsyncClient) -> None:
    for story in prepared().values():
        await desk.town.github.file(desk.town.repository, story.author, story.title, story.body)
    for _ in range(3):
        say(desk, {"type": "actions", "elements": list(ELEMENTS)})
    ids = [one.attributes["id"] for one in (await shown(http, ticket="1")).walk() if "id" in one.attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ["/", "/style.css", "/script.js", "/labels.css", "/nothing"])
async def test_every_answer_has_the_policy(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    for loose in ("unsafe", "*", "http:", "https:"):
        assert loose not in POLICY


@pytest.mark.parametrize("host", ["attacker.invalid", "attacker.invalid:8090", "127.0.0.1.attacker.invalid:8090", ""])
async def test_other_hosts_are_not_served(http: httpx.AsyncClient, host: str) -> None:
    assert (await http.get("/", headers={"host": host})).status_code == 421


@pytest.mark.parametrize("origin", ["http://attacker.invalid", "null", "https://127.0.0.1:8090", "http://127.0.0.1:9"])
async def test_other_pages_cannot_send_forms(desk: Desk, http: httpx.AsyncClient, origin: str) -> None:
    sent = {"as": "on-duty", "prepared": "plain"}
    assert (await http.post("/prepared", data=sent, headers={"origin": origin})).status_code == 403
    assert not desk.town.github.issues(desk.town.repository)
    assert (await http.post("/prepared", data=sent, headers={"origin": HOST})).status_code == 303
    assert len(desk.town.github.issues(desk.town.repository)) == 1


async def test_broken_forms_are_refused(http: httpx.AsyncClient) -> None:
    for raw in (b"x" * 300_000, b"\xff\xfe=1", b"&".join(b"a=1" for _ in range(2000))):
        assert (await http.post("/say", content=raw)).status_code == 400
    for path in ("/press", "/view", "/file", "/prepared", "/tracker", "/say"):
        answer = await http.post(path, content=b"as=nobody&ticket=99999999999&number=1x&press=-1&view=x")
        assert answer.status_code == 303, path
        assert answer.headers["location"] == "/?as=on-duty"


async def test_a_question_is_asked_before_a_button_that_has_one(desk: Desk, http: httpx.AsyncClient) -> None:
    sure: Json = {"title": TEXT, "text": MARKED, "confirm": {"type": "plain_text", "text": "Do it"}, "deny": TEXT}
    button: Json = {"type": "button", "text": TEXT, "action_id": "go", "value": "v", "confirm": sure}
    say(desk, {"type": "actions", "elements": [button]})
    page = await shown(http)
    ts = desk.town.slack.messages(CHANNEL)[0].ts
    sent = {"as": "on-duty", "ts": ts, "edited": "", "press": "0"}
    await http.post("/press", data=sent)
    assert not desk.town.slack.delivery.sent
    page = await shown(http)
    assert page.all("form", role="alertdialog")
    await http.post("/press", data=sent | {"sure": "no"})
    assert not (await shown(http)).all("form", role="alertdialog")
    assert not desk.town.slack.delivery.sent
    await http.post("/press", data=sent)
    await http.post("/press", data=sent | {"sure": "yes"})
    assert [payload["type"] for _, payload, _ in desk.town.slack.delivery.sent] == ["block_actions"]
    assert "Slack could not reach the app" in (await shown(http)).region("notice").text
