"""Every call of the desk takes a turn, what Slack says about waiting reaches everybody, and answers never wait."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.limits.limits import PATIENCE_S, Limits
from bot.limits.meters import LocalMeter
from bot.limits.rates import RateLimits
from bot.sandbox.slack import LocalSlack
from bot.slack import rates
from bot.slack.blocks.answers import said
from bot.slack.desk import SlackDesk, open_client
from bot.slack.payloads import Home
from bot.slack.replies import Me
from bot.slack.scopes import SCOPES_OF
from graphs.errors import RateLimited
from graphs.model import SlackUserId, TriageId
from tests.limits.recorder import Recorder, Stuck

TEAM, CHANNEL, OTHER = "T0LOCAL", "C01TRIAGE", "G03LEADS"
HELLO = said("Hello.")
CALLS: dict[str, Callable[[SlackDesk], Awaitable[object]]] = {
    "chat.postMessage": lambda desk: desk.post(CHANNEL, HELLO),
    "chat.update": lambda desk: desk.update(CHANNEL, "1.2", HELLO),
    "chat.postEphemeral": lambda desk: desk.whisper(CHANNEL, SlackUserId("U01ONDUTY"), HELLO),
    "users.info": lambda desk: desk.person(SlackUserId("U01ONDUTY")),
    "conversations.history": lambda desk: desk.find(CHANNEL, TriageId("t")),
}


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as running:
        yield running


def a_desk(slack: LocalSlack, limits: RateLimits) -> SlackDesk:
    client = open_client(slack.workspace.bot_token.get_secret_value(), slack.base_url)
    return SlackDesk(client, Me(home=Home(team=TEAM), user=SlackUserId("U0BOT"), bot="B0BOT"), limits)


@pytest.mark.parametrize("method", CALLS)
async def test_fault_42_each_call_takes_a_turn_and_a_429_is_told_to_all(slack: LocalSlack, method: str) -> None:
    limits = Recorder()
    slack.faults.rate_limit(method, retry_after_s=30)
    with pytest.raises(RateLimited):
        await CALLS[method](a_desk(slack, limits))
    (name, cost), (closed, seconds) = limits.taken[0], limits.closed[0]
    assert re.fullmatch(rf"slack:{TEAM}:{method}(:{CHANNEL})?", name)
    assert (cost, closed, seconds) == (1, name, 30.0)


@pytest.mark.parametrize("method", CALLS)
async def test_without_a_turn_nothing_is_sent(slack: LocalSlack, method: str) -> None:
    limits = Recorder()
    limits.full = True
    with pytest.raises(RateLimited):
        await CALLS[method](a_desk(slack, limits))
    assert slack.messages(CHANNEL) == []
    assert limits.closed == [], "our own limit is not Slack's word"


async def test_fault_42_one_channel_held_back_does_not_hold_back_another(slack: LocalSlack) -> None:
    desk = a_desk(slack, Limits(LocalMeter()))
    slack.faults.rate_limit("chat.postMessage", retry_after_s=30)
    for _ in range(3):
        with pytest.raises(RateLimited) as told:
            await desk.post(CHANNEL, HELLO)
        assert told.value.retry_after_s > PATIENCE_S
    await desk.post(OTHER, HELLO)
    assert len(slack.messages(OTHER)) == 1
    assert slack.messages(CHANNEL) == []


async def test_a_dozen_cards_at_once_do_not_wait() -> None:
    limits = Limits(LocalMeter(), patience_s=0.0)
    for _ in range(12):
        await limits.take(rates.posting(TEAM, CHANNEL))
        for _ in range(4):
            await limits.take(rates.calling(TEAM, "chat.update"))


async def test_an_answer_to_a_command_takes_no_turn(slack: LocalSlack) -> None:
    desk = a_desk(slack, Stuck())
    async with asyncio.timeout(5):
        with pytest.raises(Exception, match="response address"):
            await desk.respond("http://127.0.0.1:1/nowhere", HELLO)


def test_no_listener_can_come_to_wait_for_a_turn() -> None:
    """Slack's three seconds: what answers it knows neither the desk nor any limit."""
    folder = Path(rates.__file__).parent
    files = [*folder.glob("listeners/*.py"), folder / "app.py", folder / "front.py", folder / "socket.py"]
    assert len(files) > 5
    for file in files:
        assert not re.search(r"^(from|import) .*\b(desk|limits|rates)\b", file.read_text(), re.MULTILINE), file


def test_every_method_that_takes_its_turn_has_a_rate() -> None:
    """What is posted has a rate for each channel; what answers within three seconds takes no turn."""
    apart = {"auth.test", "chat.postMessage", "conversations.info", "views.open"}
    for method in set(SCOPES_OF) - apart:
        assert rates.calling("T1", method).per_minute >= 50, method
