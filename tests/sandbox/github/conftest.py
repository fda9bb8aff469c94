"""A local GitHub with the demo repository, clients that hold its tokens, and somebody who listens to webhooks."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from bot.sandbox.github import LocalGitHub, Token, demo_repository
from tests.sandbox.github.listener import Listener

WITHOUT_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ClientFor = Callable[[Token], httpx.AsyncClient]


def plain_client(url: str, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """No proxy, no trust store: it speaks with loopback only, and is made in no time."""
    return httpx.AsyncClient(base_url=url, headers=headers, verify=WITHOUT_TLS, trust_env=False, timeout=10)


@pytest.fixture
async def github() -> AsyncIterator[LocalGitHub]:
    async with LocalGitHub() as server:
        demo_repository(server)
        yield server


@pytest.fixture
async def client_for(github: LocalGitHub) -> AsyncIterator[ClientFor]:
    """Makes a client that speaks with the given token."""
    async with AsyncExitStack() as stack:

        def make(token: Token) -> httpx.AsyncClient:
            headers = {"authorization": f"Bearer {github.grant(token)}"}
            client = plain_client(github.url, headers=headers)
            stack.push_async_callback(client.aclose)
            return client

        yield make


@pytest.fixture
def api(client_for: ClientFor) -> httpx.AsyncClient:
    """An app that may write."""
    return client_for(Token("strata[bot]", is_app=True, issues="write", repos=["acme/assistant"]))


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    one = Listener()
    await one.start()
    yield one
    await one.stop()
