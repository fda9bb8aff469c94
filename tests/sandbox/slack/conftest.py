"""A local Slack with a clock that tests can move, and a client that does not retry."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack, Workspace, demo_workspace
from tests.sandbox.slack.receiver import Receiver
from tests.sandbox.slack.tiny_bot import TinyBot


class Clock:
    """The true time plus what the test has added."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace() -> Workspace:
    return demo_workspace()


@pytest.fixture
async def slack(workspace: Workspace, clock: Clock) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(workspace, clock=clock, event_retry_after_s=(0.0, 0.0, 0.0)) as running:
        yield running


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    token = slack.workspace.bot_token.get_secret_value()
    return AsyncWebClient(token=token, base_url=slack.base_url, retry_handlers=[])


@pytest.fixture
async def tiny_bot(slack: LocalSlack) -> AsyncIterator[TinyBot]:
    async with TinyBot(slack).over_http() as bot:
        yield bot


@pytest.fixture
async def receiver(slack: LocalSlack) -> AsyncIterator[Receiver]:
    async with Receiver().beside(slack) as running:
        yield running
