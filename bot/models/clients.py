"""The SDK's client for each service: the vendor's own, a cloud's, or a server of the team's own.

Owns how a client is made: no retries of its own, no redirects, a silent stream is given up, telemetry off. Keys are
handed in; nothing is looked up in the environment or in files of the SDK. Bedrock, Vertex and Foundry were never run
against the services: their requests are tested as to their form.
"""

from __future__ import annotations

from typing import assert_never

import httpx2
from anthropic import (
    AsyncAnthropic,
    AsyncAnthropicBedrock,
    AsyncAnthropicFoundry,
    AsyncAnthropicVertex,
    DefaultAsyncHttpxClient,
)

from bot.models.access import Access
from bot.settings import Provider

CONNECT_S, SILENCE_S = 10.0, 30.0
"""For a connection, and between two pieces of an answer."""
OFFICIAL = "https://api.anthropic.com"


Client = AsyncAnthropic | AsyncAnthropicBedrock | AsyncAnthropicVertex | AsyncAnthropicFoundry


def open_client(access: Access, transport: httpx2.AsyncBaseTransport | None = None) -> Client:
    """Close it after use. `transport` is for tests."""
    timeout = httpx2.Timeout(SILENCE_S, connect=CONNECT_S)
    http = DefaultAsyncHttpxClient(timeout=timeout, follow_redirects=False, transport=transport)
    url = access.base_url or None
    match access.provider:
        case Provider.ANTHROPIC:
            return AsyncAnthropic(
                api_key=access.key or "none",
                base_url=access.base_url or OFFICIAL,
                max_retries=0,
                timeout=timeout,
                http_client=http,
                open_telemetry=False,
            )
        case Provider.BEDROCK:
            return AsyncAnthropicBedrock(
                api_key=access.key,
                aws_region=access.region,
                base_url=url,
                max_retries=0,
                http_client=http,
                open_telemetry=False,
            )
        case Provider.VERTEX:
            return AsyncAnthropicVertex(
                access_token=access.key or None,
                region=access.region,
                project_id=access.project,
                base_url=url,
                max_retries=0,
                http_client=http,
                open_telemetry=False,
            )
        case Provider.FOUNDRY if url:
            return AsyncAnthropicFoundry(
                api_key=access.key, base_url=url, max_retries=0, http_client=http, open_telemetry=False
            )
        case Provider.FOUNDRY:
            return AsyncAnthropicFoundry(
                api_key=access.key, resource=access.project, max_retries=0, http_client=http, open_telemetry=False
            )
        case _:
            assert_never(access.provider)
