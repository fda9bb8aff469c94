"""Slack's other door: Socket Mode, where the bot calls Slack and needs no public address.

Owns the connection and what it says of its own health; a socket can go silent while the process looks well.
"""

from __future__ import annotations

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


class SocketDoor:
    def __init__(self, app: AsyncApp, token: str, api_url: str) -> None:
        client = AsyncWebClient(token=token, base_url=api_url)
        self._handler = AsyncSocketModeHandler(app, token, web_client=client)

    async def connect(self) -> None:
        await self._handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's adapter has no types

    async def close(self) -> None:
        await self._handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's adapter has no types

    async def state(self) -> str:
        """`ok`, or what is wrong, in words."""
        return "ok" if await self._handler.client.is_connected() else "not connected to Slack, connecting again"
