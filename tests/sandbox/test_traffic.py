"""What the bench says of the network is what went over it."""

from __future__ import annotations

import httpx

from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.slack.server import LocalSlack

BODY = b'{"title": "' + b"x" * 5_000 + b'"}'
HEAD = 600
"""More than the heads of one request or answer have."""


async def test_what_is_asked_and_answered_is_counted() -> None:
    async with LocalGitHub() as github, httpx.AsyncClient(base_url=github.url, trust_env=False) as http:
        answer = await http.post("/repos/acme/none/issues", content=BODY)
        assert len(BODY) < github.traffic.received < len(BODY) + HEAD
        assert len(answer.content) < github.traffic.sent < len(answer.content) + HEAD


async def test_so_is_what_slack_is_asked() -> None:
    async with LocalSlack() as slack, httpx.AsyncClient(base_url=slack.base_url, trust_env=False) as http:
        await http.post("auth.test", headers={"Authorization": "Bearer " + "x" * 2_000})
        assert 2_000 < slack.traffic.received < 2_000 + HEAD
        assert 0 < slack.traffic.sent < 2 * HEAD
