"""A backtest as a message in Slack: posted once, redacted, within what Slack takes; or a sentence why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.evaluation.backtest_message import backtest_message
from bot.evaluation.posting import post, redacting
from bot.sandbox.slack.server import LocalSlack
from bot.settings import BadSetting, Settings
from bot.slack.lint import lint_message
from graphs.errors import Outage
from graphs.evaluation.backtest.history import History
from graphs.evaluation.backtest.result import Backtest, backtest
from tests.evaluation.made import FixedTriager, a_past

CHANNEL = "C01TRIAGE"
TOKEN = "ghp_" + "a1B2" * 9


@pytest.fixture
def past() -> Backtest:
    tickets = tuple(a_past(str(day), day, known=day + 1, owner="ml-lead") for day in range(30))
    return backtest(f"export {TOKEN}", History(past=tickets, bad=()), FixedTriager())


def settings(slack: LocalSlack, folder: Path, token: str = "") -> Settings:
    given = token or slack.workspace.bot_token.get_secret_value()
    return Settings(
        _env_file=None, slack_api_url=slack.base_url, slack_bot_token=SecretStr(given), strata_directory=folder / "data"
    )


async def test_it_is_posted_to_the_channel_that_was_named_without_secrets(tmp_path: Path, past: Backtest) -> None:
    async with LocalSlack() as slack:
        ts = await post(settings(slack, tmp_path), CHANNEL, past)
        [message] = slack.messages(CHANNEL)
    assert message.ts == ts
    assert "Backtest on your own tickets" in message.all_text
    assert "30 tickets of " in message.all_text
    assert TOKEN not in message.all_text + message.text + repr(message.blocks)
    assert lint_message(backtest_message(past, redacting())) == []
    assert not (tmp_path / "data").exists(), "a backtest needs no record and makes no key"


async def test_a_channel_or_token_that_slack_does_not_take_is_a_setting_to_mend(tmp_path: Path, past: Backtest) -> None:
    async with LocalSlack() as slack:
        with pytest.raises(BadSetting, match="--to-slack C0NOWHERE: Slack refused"):
            await post(settings(slack, tmp_path), "C0NOWHERE", past)
        with pytest.raises(BadSetting, match="SLACK_BOT_TOKEN"):
            await post(settings(slack, tmp_path, "xoxb-wrong"), CHANNEL, past)
        there = settings(slack, tmp_path)
    with pytest.raises(Outage):
        await post(there, CHANNEL, past)
