"""`strata` as a process: signals end it as documented, and what it logs while it works holds no secret."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from bot.cli.exits import DONE, INTERRUPTED
from bot.demo.town import free_port
from bot.sandbox.github.access import Token
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import demo_repository
from bot.sandbox.slack import LocalSlack, demo_workspace
from tests.cli.strata import CANARY, ROOT, SECRETS, Ended, Strata, checked

PATIENCE_S = 60


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    named = {"bot_token": SecretStr(SECRETS["SLACK_BOT_TOKEN"]), "signing_secret": SecretStr(f"signing-{CANARY}")}
    async with LocalSlack(demo_workspace().model_copy(update=named)) as running:
        yield running


@pytest.fixture
async def github() -> AsyncIterator[LocalGitHub]:
    async with LocalGitHub() as running:
        yield running


def settings(slack: LocalSlack, github: LocalGitHub) -> dict[str, str]:
    repo = demo_repository(github, private=False)
    return {
        **SECRETS,
        "SLACK_API_URL": slack.base_url,
        "SLACK_CHANNEL": "C01TRIAGE",
        "GITHUB_API_URL": github.url,
        "GITHUB_WEB_URL": github.url,
        "GITHUB_REPOSITORIES": repo,
        "GITHUB_READ_TOKEN": github.grant(Token("strata-reader[bot]", is_app=True, issues="read", repos=[repo])),
        "GITHUB_WRITE_TOKEN": github.grant(Token("strata[bot]", is_app=True, issues="write", repos=[repo])),
        "STRATA_PORT": str(free_port()),
    }


async def start(folder: Path, *arguments: str, **environment: str) -> Process:
    base = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder), "PYTHONUTF8": "1"}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=folder,
        env={**base, "STRATA_DIRECTORY": str(folder / "data"), **environment},
        stdout=PIPE,
        stderr=PIPE,
    )


async def end_of(process: Process, *secrets: str) -> Ended:
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode is not None
    ended = checked(Ended(process.returncode, out.decode(), err.decode()))
    assert not [secret for secret in secrets if secret in ended.out + ended.err]
    return ended


async def answers(url: str) -> httpx.Response:
    """Waits until something answers there."""
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                return await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_running_bot_cleanly(
    slack: LocalSlack, github: LocalGitHub, tmp_path: Path, how: signal.Signals
) -> None:
    environment = settings(slack, github)
    tokens = (environment["GITHUB_READ_TOKEN"], environment["GITHUB_WRITE_TOKEN"])
    home = f"http://127.0.0.1:{environment['STRATA_PORT']}"
    process = await start(tmp_path, "run", **environment)
    assert (await answers(f"{home}/healthz")).json() == {"status": "ok"}
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{home}/readyz")).status_code == 200
        # Noise on every door: what is logged about it must not repeat it.
        for path in ("/hooks/github/main", "/slack/events"):
            refused = await client.post(home + path, content=CANARY, headers={"x-slack-signature": CANARY})
            assert refused.status_code == 401
    slack.request_url = f"{home}/slack/events"
    outcome = await slack.slash("on-duty", "triage", "/triage", f"{environment['GITHUB_REPOSITORIES']}#404404")
    assert outcome.acked
    await slack.until(lambda: slack.ephemerals("on-duty")[1:], PATIENCE_S)
    process.send_signal(how)
    ended = await end_of(process, *tokens)
    assert ended.code == DONE
    events = [json.loads(line)["event"] for line in ended.err.splitlines() if line.startswith("{")]
    assert events[0] == "strata is running"
    assert "stopping" in events[-2:]  # a chore may come to its end after it


async def test_ctrl_c_while_a_command_waits(slack: LocalSlack, github: LocalGitHub, tmp_path: Path) -> None:
    slack.faults.hang("auth.test")
    process = await start(tmp_path, "doctor", **settings(slack, github))
    await slack.until(lambda: slack.journal.of("auth.test"), PATIENCE_S)
    process.send_signal(signal.SIGINT)
    assert (await end_of(process)).code == INTERRUPTED


@pytest.mark.parametrize("token", ["with a token", "without a token"])
async def test_a_ticket_of_the_tracker_becomes_a_proposal(
    slack: LocalSlack, github: LocalGitHub, strata: Strata, token: str
) -> None:
    """A public issue can be read by anybody."""
    environment = settings(slack, github)
    if token == "without a token":
        environment |= {"GITHUB_READ_TOKEN": ""}
    repo = environment["GITHUB_REPOSITORIES"]
    number = await github.file(repo, "reporter-1", "Search returns chunks of deleted files", "The index is old.")
    ended = await asyncio.to_thread(strata, "triage", f"{repo}#{number}", "--dry-run", "--json", **environment)
    assert ended.code == DONE, ended.err
    assert environment["GITHUB_WRITE_TOKEN"] not in ended.out + ended.err
    assert json.loads(ended.out)["proposal"]["target"]["number"] == str(number)
    assert github.writes() == ()
