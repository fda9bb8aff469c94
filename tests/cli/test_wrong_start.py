"""What is wrong is told when the bot starts, with the exit code of a setting; no start hangs, whatever Slack says."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from bot.cli.exits import DONE, WRONG
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.slack import LocalSlack
from tests.cli.strata import CANARY
from tests.cli.test_processes import PATIENCE_S, end_of, github, settings, slack, start

__all__ = ["github", "slack"]


@pytest.mark.parametrize(
    ("name", "value"), [("SLACK_BOT_TOKEN", f"xoxb-other-{CANARY}"), ("SLACK_APP_TOKEN", f"xapp-other-{CANARY}")]
)
async def test_a_token_that_slack_does_not_take(
    slack: LocalSlack, github: LocalGitHub, tmp_path: Path, name: str, value: str
) -> None:
    ended = await end_of(await start(tmp_path, "run", **settings(slack, github) | {name: value}))
    assert ended.code == WRONG
    (sentence,) = ended.sentences
    assert "invalid_auth" in sentence
    assert name in sentence


async def test_checkpoints_that_are_damaged(slack: LocalSlack, github: LocalGitHub, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "checkpoints.db").write_bytes(b"not a database" * 1000)
    ended = await end_of(await start(tmp_path, "run", **settings(slack, github)))
    assert ended.code == WRONG
    assert "checkpoints.db" in ended.sentences[0]


async def test_a_bot_that_is_still_connecting_can_be_stopped(
    slack: LocalSlack, github: LocalGitHub, tmp_path: Path
) -> None:
    slack.faults.hang("apps.connections.open")
    app_token = slack.workspace.app_token.get_secret_value()
    process = await start(tmp_path, "run", **settings(slack, github), SLACK_APP_TOKEN=app_token)
    await slack.until(lambda: slack.journal.of("apps.connections.open"), PATIENCE_S)
    process.send_signal(signal.SIGTERM)
    assert (await end_of(process)).code == DONE
