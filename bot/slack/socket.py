"""Slack's other door: Socket Mode, where the bot calls Slack and needs no public address.

Owns the connection and what it says of its own health; a socket can go silent while the process looks well.
"""

from __future__ import annotations

import time

from aiohttp import ClientError
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import PostUnknown, SlackNotSetUp

SILENT_S = 30.0
"""The SDK pings every 5 s and gives a connection up after 20: a longer silence means that it does not manage to."""
_FIX = "make an app-level token with connections:write under Basic Information, and turn Socket Mode on"


class SocketDoor:
    def __init__(self, app: AsyncApp, token: str, api_url: str) -> None:
        client = AsyncWebClient(token=token, base_url=api_url)
        self._handler = AsyncSocketModeHandler(app, token, web_client=client)

    async def connect(self) -> None:
        """Raises `SlackNotSetUp` or `PostUnknown` where the first step fails: the SDK would try for ever, unheard."""
        client = self._handler.client
        try:
            client.wss_uri = await client.issue_new_wss_url()
        except SlackApiError as error:
            code = error.response.get("error", "")
            raise SlackNotSetUp(f"Slack refused SLACK_APP_TOKEN ({code}): {_FIX}") from None
        except (ClientError, TimeoutError, SlackRequestError, OSError) as error:
            raise PostUnknown(f"Slack cannot be reached ({type(error).__name__})") from error
        await self._handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's adapter has no types

    async def close(self) -> None:
        await self._handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's adapter has no types

    async def state(self) -> str:
        """`ok` with the age of Slack's last sign of life, or what is wrong, in words."""
        client = self._handler.client
        if not await client.is_connected():
            return "not connected to Slack, connecting again"
        if client.last_ping_pong_time is None:  # the first answer to a ping has still to come
            return "ok"
        silent_s = time.time() - client.last_ping_pong_time
        if silent_s > SILENT_S:
            return f"Slack has been silent for {silent_s:.0f} s, connecting again"
        return f"ok, last sign of life {max(silent_s, 0):.0f} s ago"
