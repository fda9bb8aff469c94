"""The hourly budget with its headers, and the cap on writes per minute."""

from __future__ import annotations

from bot.sandbox.github import LocalGitHub, Token
from tests.sandbox.github.conftest import plain_client

REPO = "/repos/acme/assistant"


async def test_the_budget_runs_out_and_comes_back() -> None:
    now = 1_800_000_000.0
    async with LocalGitHub(clock=lambda: now) as github:
        github.add_repository("acme/assistant")
        github.limits.per_hour = 3
        token = {"authorization": f"Bearer {github.grant(Token('on-duty'))}"}
        async with plain_client(github.url, token) as client:
            left = [(await client.get(REPO)).headers["x-ratelimit-remaining"] for _ in range(3)]
            assert left == ["2", "1", "0"]
            refused = await client.get(REPO)
            assert refused.status_code == 403
            assert refused.headers["x-ratelimit-reset"] == str(int(now) + 3600)
            assert (await client.get("/rate_limit")).json()["rate"]["remaining"] == 0
            now += 3600
            assert (await client.get(REPO)).status_code == 200


async def test_too_many_writes_in_a_minute() -> None:
    now = 1_800_000_000.0
    async with LocalGitHub(clock=lambda: now) as github:
        github.add_repository("acme/assistant")
        github.limits.writes_per_minute = 2
        secret = github.grant(Token("on-duty", issues="write", repos=["acme/assistant"]))
        async with plain_client(github.url, {"authorization": f"Bearer {secret}"}) as client:
            statuses = [(await client.post(f"{REPO}/issues", json={"title": "x"})).status_code for _ in range(3)]
            assert statuses == [201, 201, 403]
            refused = await client.post(f"{REPO}/issues", json={"title": "x"})
            assert refused.headers["retry-after"] == "60"
            assert (await client.get(REPO)).status_code == 200
            now += 61
            assert (await client.post(f"{REPO}/issues", json={"title": "x"})).status_code == 201
        assert len(github.issues("acme/assistant")) == 3
