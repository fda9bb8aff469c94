"""Slack's other door: Socket Mode, where the bot calls Slack and needs no public address.

Owns the connection and what it says of its own health; a socket can go silent while the process looks well.
"""

from __future__ import annotations

from aiohttp import ClientError
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import PostUnknown, SlackNotSetUp

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
        """`ok`, or what is wrong, in words."""
        return "ok" if await self._handler.client.is_connected() else "not connected to Slack, connecting again"
