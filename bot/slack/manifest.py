"""The description of our Slack app: what a person pastes once, with no permission too many."""

from __future__ import annotations

import json
from typing import Literal
from urllib.parse import quote, urlsplit

from bot.slack.blocks.message import Json
from bot.slack.ids import COMMAND
from bot.slack.scopes import SCOPES_OF_EVENTS, bot_scopes

Mode = Literal["socket", "http"]
REQUEST_PATH = "/slack/events"
"""Where the HTTP door listens for everything from Slack."""
NAME = "Strata"


def manifest(mode: Mode, url: str | None = None) -> Json:
    """`url` is the public address of the bot; needed for `http` only."""
    door = _door(url) if mode == "http" else None
    request: Json = {"request_url": door} if door else {}
    command: Json = {
        "command": COMMAND,
        "description": "Triage a ticket, or see what waits for a decision",
        "usage_hint": "<link> | next | list | help",
        "should_escape": False,
        **({"url": door} if door else {}),
    }
    return {
        "display_information": {
            "name": NAME,
            "description": "Proposes labels and an owner for new tickets. A person approves; only then it writes.",
            "background_color": "#1f3a4d",
        },
        "features": {
            "bot_user": {"display_name": NAME.lower(), "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": bot_scopes()}},
        "settings": {
            "interactivity": {"is_enabled": True, **request},
            "event_subscriptions": {**request, "bot_events": sorted(SCOPES_OF_EVENTS)},
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }


def manifest_link(described: Json) -> str:
    """Opens Slack's "create an app" page with everything filled in."""
    packed = json.dumps(described, separators=(",", ":"), ensure_ascii=False)
    return f"https://api.slack.com/apps?new_app=1&manifest_json={quote(packed, safe='')}"


def _door(url: str | None) -> str:
    if not url or urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
        raise ValueError("an HTTP manifest needs the bot's public address, starting with https://")
    return url.rstrip("/") + REQUEST_PATH
