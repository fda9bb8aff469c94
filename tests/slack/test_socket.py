"""What Socket Mode says of its own health: a connection that has gone silent is told from one that lives."""

from __future__ import annotations

import time

from slack_bolt.async_app import AsyncApp

from bot.sandbox.slack import LocalSlack
from bot.slack.desk import open_client
from bot.slack.socket import SILENT_S, SocketDoor


async def test_a_silent_connection_is_not_called_well() -> None:
    async with LocalSlack() as slack:
        token = slack.workspace.bot_token.get_secret_value()
        app = AsyncApp(client=open_client(token, slack.base_url), signing_secret="unused")  # no secret
        door = SocketDoor(app, slack.workspace.app_token.get_secret_value(), slack.base_url)
        assert (await door.state()).startswith("not connected")
        await door.connect()
        assert (await door.state()).startswith("ok")
        door._handler.client.last_ping_pong_time = time.time() - SILENT_S - 1
        assert (await door.state()).startswith("Slack has been silent")
        await door.close()
        assert (await door.state()).startswith("not connected")
