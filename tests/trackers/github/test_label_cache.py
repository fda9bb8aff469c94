"""Labels may be a minute old for a proposal; what is fresh is asked for once."""

from __future__ import annotations

import httpx
from pydantic import SecretStr

from bot.cache import LocalCache
from bot.trackers.credentials import StaticToken
from bot.trackers.github.reader import GitHubReader
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.transport import Transport
from graphs.model import InstallId, TicketRef, TrackerName

SITE = GitHubSite(web="http://127.0.0.1:1", api="http://127.0.0.1:1")


def _ref(project: str) -> TicketRef:
    return TicketRef(tracker=TrackerName.GITHUB, install=InstallId("main"), project=project, number="1")


async def test_labels_are_asked_for_once_for_each_project() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json=[{"name": "bug"}, {"name": f"for {request.url.path.split('/')[2]}"}])

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    transport = Transport(http, SITE, StaticToken(SecretStr("ghp_x")))
    cache = LocalCache()
    for _ in range(3):
        reader = GitHubReader(transport, SITE, cache)
        assert await reader.labels(_ref("acme/assistant")) == {"bug", "for acme"}
        assert await reader.labels(_ref("other/assistant")) == {"bug", "for other"}
    assert len(asked) == 2
    await cache.put("labels:github:main:acme/assistant", {"not": "labels"}, 60.0)
    assert await GitHubReader(transport, SITE, cache).labels(_ref("acme/assistant")) == {"bug", "for acme"}
    assert await GitHubReader(transport, SITE).labels(_ref("acme/assistant")) == {"bug", "for acme"}
    assert len(asked) == 4
