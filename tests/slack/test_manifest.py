"""The manifest asks for exactly what the code uses: the table, the source and the manifest agree."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from slack_sdk.web.async_client import AsyncWebClient

import bot
from bot.slack.ids import COMMAND
from bot.slack.manifest import REQUEST_PATH, manifest, manifest_link
from bot.slack.scopes import SCOPES_OF, bot_scopes
from tests.slack.reading import walk

SOURCE = Path(inspect.getfile(bot)).parent
NAMES = {name: name.replace("_", ".", 1) for name in dir(AsyncWebClient) if "_" in name.strip("_") and name[0] != "_"}
NOT_METHODS = {"api_call", "base_url", "user_agent"}


def calls_in(source: str) -> set[str]:
    """Slack methods that a module calls, whatever the client is called there."""
    called = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = {one.attr for one in called if isinstance(one, ast.Attribute)} - NOT_METHODS
    raw = {
        str(node.args[0].value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "api_call"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    return {NAMES[name] for name in names if name in NAMES} | raw


def calls_of_the_bot() -> set[str]:
    files = [path for path in SOURCE.rglob("*.py") if "sandbox" not in path.parts]
    assert len(files) > 20
    talking = [
        path.read_text() for path in files if "slack_sdk" in path.read_text() or "slack_bolt" in path.read_text()
    ]
    return {call for source in talking for call in calls_in(source)}


def test_the_finder_of_calls_finds_them() -> None:
    source = "async def f(c):\n await c.chat_postMessage(channel='C')\n await self.x.client.api_call('team.info')\n"
    assert calls_in(source) == {"chat.postMessage", "team.info"}


def test_table_and_source_agree() -> None:
    assert calls_of_the_bot() == set(SCOPES_OF)


def test_the_manifest_asks_for_no_more_and_no_less() -> None:
    described = manifest("socket")
    asked = next(node["bot"] for node in walk(described["oauth_config"]) if "bot" in node)
    assert asked == bot_scopes()
    of_methods = {scope for scopes in SCOPES_OF.values() for scope in scopes}
    assert set(bot_scopes()) == {"commands", *of_methods, "app_mentions:read", "im:history"}
    assert "users:read.email" not in bot_scopes()


def test_socket_mode_needs_no_address() -> None:
    described = manifest("socket")
    assert described["settings"] == {
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {"bot_events": ["app_home_opened", "app_mention", "message.im"]},
        "org_deploy_enabled": False,
        "socket_mode_enabled": True,
        "token_rotation_enabled": False,
    }
    assert "url" not in json.dumps(described)


def test_http_mode_sends_everything_to_one_door() -> None:
    described = manifest("http", "https://strata.example.com/")
    door = f"https://strata.example.com{REQUEST_PATH}"
    urls = [node[key] for node in walk(described) for key in ("url", "request_url") if key in node]
    assert urls == [door, door, door], "commands, presses, events"
    assert '"socket_mode_enabled": false' in json.dumps(described)


@pytest.mark.parametrize("url", [None, "", "http://strata.example.com", "strata.example.com", "https://"])
def test_http_mode_needs_a_public_address(url: str | None) -> None:
    with pytest.raises(ValueError, match="https://"):
        manifest("http", url)


def test_the_link_carries_the_whole_manifest() -> None:
    described = manifest("socket")
    link = urlsplit(manifest_link(described))
    assert (link.scheme, link.netloc, link.path) == ("https", "api.slack.com", "/apps")
    query = parse_qs(link.query)
    assert query["new_app"] == ["1"]
    assert json.loads(query["manifest_json"][0]) == described


def test_texts_keep_slacks_limits() -> None:
    described = manifest("socket")
    shown = next(node for node in walk(described) if "background_color" in node)
    assert len(str(shown["name"])) <= 35
    assert len(str(shown["description"])) <= 140
    command = next(node for node in walk(described) if node.get("command") == COMMAND)
    assert command["should_escape"] is False
