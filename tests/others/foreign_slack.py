"""Slack by `local-slack`: the process, and people who act on it.

It listens on every interface, so it may only run where there is none but loopback (`isolated.py` sees to that).

Where it is not like Slack (version 0.1.8):

- It drops a message's `metadata`, so a card whose post was answered by a broken connection could not be found again:
  that story needs our own Slack.
- It knows no guests, no deactivated accounts, no other workspaces; whoever is not in its list does not exist. So of
  the people who may not decide, only an unknown one can be tried here.
- It checks no Block Kit, no scopes, no rate limits, and takes any token for its app's.
- A trigger lives half an hour and opens any number of forms (Slack: once, three seconds). Forms lie on one pile for
  everybody, not one for each person, and closing one closes all.
- It fills in nothing of a form by itself: a field that nobody touched arrives empty instead of with its initial value.
  `ForeignSlack.submit` does what Slack's own client does.
- What the bot answers to a press is written to a log and nowhere else. A request without an answer is neither sent
  again nor shown to the person as failed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import yaml
from pydantic import BaseModel, JsonValue, TypeAdapter
from websockets.asyncio.client import ClientConnection, connect

from bot.demo.town import free_port
from tests.others.bots import CHANNEL, ML_LEAD, ON_DUTY, PRODUCT_LEAD, until
from tests.others.processes import serving

Json = dict[str, JsonValue]
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-their-bot-token", "xapp-their-app-token", "their-signing-secret"
TEAM, APP = "T01THEIRS", "A01THEIRS"
_FIELDS = {"static_select": ("initial_option", "selected_option"), "plain_text_input": ("initial_value", "value")}
_JSON = TypeAdapter(Json)


class Message(BaseModel):
    ts: str
    text: str = ""
    blocks: tuple[Json, ...] = ()
    ephemeral_to: str | None = None
    metadata: JsonValue = None

    @property
    def all_text(self) -> str:
        return f"{self.text} {self.blocks}"


class View(BaseModel):
    callback_id: str = ""
    blocks: tuple[Json, ...] = ()


class _Messages(BaseModel):
    messages: tuple[Message, ...]


class Entry(BaseModel):
    """One line of what went between it and the bot."""

    direction: str
    kind: str
    summary: str


class _Log(BaseModel):
    log: tuple[Entry, ...]


@dataclass
class ForeignSlack:
    http: httpx.AsyncClient
    screen: ClientConnection
    """What its own browser page is connected to."""
    errors: list[str] = field(default_factory=list)
    """What the bot said is wrong with a form."""

    async def messages(self) -> tuple[Message, ...]:
        answer = await self.http.get(f"/_control/messages/{CHANNEL}")
        return _Messages.model_validate_json(answer.content).messages

    async def cards(self) -> tuple[Message, ...]:
        """Told by what they are made of, because the metadata is gone."""
        return tuple(one for one in await self.messages() if not one.ephemeral_to and one.blocks)

    async def card_of(self, link: str) -> Message:
        async def look() -> Message | None:
            return next((one for one in await self.cards() if link in repr(one.blocks[:1])), None)

        return await until(look)

    async def card_says(self, card: Message, *words: str) -> Message:
        async def look() -> Message | None:
            shown = next(one for one in await self.messages() if one.ts == card.ts)
            return shown if all(word in shown.all_text for word in words) else None

        return await until(look)

    async def told(self, user: str, *words: str) -> str:
        """Waits for a message that only this person sees."""

        async def look() -> str | None:
            mine = [one.all_text for one in await self.messages() if one.ephemeral_to == user]
            return next((text for text in mine if all(word in text for word in words)), None)

        return await until(look)

    async def press(self, user: str, card: Message, action_id: str) -> None:
        button = next(one for one in _elements(card.blocks) if one.get("action_id") == action_id)
        action = {"type": "button", **{name: button.get(name) for name in ("action_id", "value", "block_id", "text")}}
        await self._control("interact", channel=CHANNEL, messageTs=card.ts, user=user, action=action)

    async def command(self, user: str, text: str) -> None:
        await self._control("command", channel=CHANNEL, user=user, command="/triage", text=text)

    async def form(self, user: str, card: Message, action_id: str) -> View:
        """Presses until the form opens: somebody new is asked to press again."""
        for _ in range(50):
            await self.press(user, card, action_id)
            view = await self._shown()
            if view.callback_id == f"{action_id}_form":
                return view
            await self._do("view_close", user=user)
            await self._until_closed()
        raise AssertionError(f"the {action_id} form did not open")

    async def submit(self, user: str, view: View, chosen: Mapping[str, str]) -> list[str]:
        """Fills in the blocks named in `chosen` and submits. Returns what the bot says is wrong with it."""
        await self._do("view_submit", user=user, values=_filled_in(view, chosen))
        while True:
            said = _JSON.validate_json(await self.screen.recv())
            if said["t"] == "view" and not said["stack"]:
                return []
            if said["t"] == "view_errors":
                return list(TypeAdapter(dict[str, str]).validate_python(said["errors"]).values())

    async def log(self) -> tuple[Entry, ...]:
        return _Log.model_validate_json((await self.http.get("/_control/log")).content).log

    async def _shown(self) -> View:
        """The form on top, once there is one."""
        while True:
            said = _JSON.validate_json(await self.screen.recv())
            if said["t"] == "view" and said["stack"]:
                return TypeAdapter(tuple[View, ...]).validate_python(said["stack"])[-1]

    async def _until_closed(self) -> None:
        while True:
            said = _JSON.validate_json(await self.screen.recv())
            if said["t"] == "view" and not said["stack"]:
                return

    async def _do(self, what: str, **more: object) -> None:
        await self.screen.send(_dumped({"t": what, **more}))

    async def _control(self, what: str, **body: object) -> None:
        answer = await self.http.post(f"/_control/{what}", content=_dumped(body))
        assert answer.is_success, answer.text


def _dumped(value: object) -> str:
    return TypeAdapter(object).dump_json(value).decode()


def _elements(blocks: tuple[Json, ...]) -> list[Json]:
    """What can be pressed, each with the id of its block, as Slack's client sends it."""
    found: list[Json] = []
    for block in blocks:
        inner = block.get("elements")
        parts = inner if isinstance(inner, list) else [block.get("accessory")]
        found += [{**one, "block_id": block.get("block_id")} for one in parts if isinstance(one, dict)]
    return found


def _filled_in(view: View, chosen: Mapping[str, str]) -> dict[str, dict[str, Json]]:
    state: dict[str, dict[str, Json]] = {}
    for block in view.blocks:
        element = block.get("element")
        if block["type"] != "input" or not isinstance(element, dict):
            continue
        name, kind = str(block["block_id"]), str(element["type"])
        initial, answer = _FIELDS[kind]
        value: JsonValue = element.get(initial)
        if name in chosen:
            value = {"value": chosen[name]} if kind == "static_select" else chosen[name]
        state[name] = {str(element["action_id"]): {"type": kind, answer: value}}
    return state


@asynccontextmanager
async def running_local_slack(
    program: Path, folder: Path, *, events_to: str | None
) -> AsyncIterator[tuple[str, ForeignSlack]]:
    """Yields its address and the people on it. `events_to` is the bot's address; None means Socket Mode."""
    port, config = free_port(), folder / "workspace.yaml"
    config.write_text(yaml.safe_dump(_workspace(events_to)))
    command = [str(program), "--config", str(config), "--port", str(port), "--base-host", "127.0.0.1"]
    url = f"http://127.0.0.1:{port}"
    home = {"HOME": str(folder), "TMPDIR": str(folder)}
    with serving(command, f"{url}/_control/state", folder / "local-slack.log", home):
        async with (
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http,
            connect(f"ws://127.0.0.1:{port}/ui", max_size=None, max_queue=None, proxy=None) as screen,
        ):
            yield url, ForeignSlack(http, screen)


def _workspace(events_to: str | None) -> dict[str, object]:
    app: dict[str, object] = {
        "appId": APP,
        "botUserId": "U0BOT",
        "botName": "strata",
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "signingSecret": SIGNING_SECRET,
        "mode": "events" if events_to else "socket",
    }
    people = {ON_DUTY: "on-duty", ML_LEAD: "ml-lead", PRODUCT_LEAD: "product-lead"}
    return {
        "workspace": {"name": "Their team", "domain": "their-team", "teamId": TEAM},
        "apps": [{**app, "requestUrl": f"{events_to}/slack/events"} if events_to else app],
        "users": [{"id": user, "name": name, "real_name": name} for user, name in people.items()],
        "channels": [{"id": CHANNEL, "name": "triage", "members": ["U0BOT", *people]}],
    }
