"""Killed from outside while Slack or GitHub have not answered yet: four tickets, each at another awkward moment."""

from __future__ import annotations

from bot.demo.town import CHANNEL
from tests.crash.account import check, quiet
from tests.crash.bots import KILLED
from tests.crash.night import ON_DUTY, Night

ML_LEAD = "U02MLLEAD"
READ = r"/issues/\d+$"
WRITE = r"/issues/\d+/labels$"


async def test_killed_while_slack_and_github_have_not_answered(night: Night) -> None:
    slack, github = night.town.slack, night.town.github
    await night.bot.start()

    writing = await night.file("Half of it is written")
    applied = github.faults.apply_then_hang(method="POST", path=WRITE)
    await night.approve(writing)
    await applied.struck()

    deciding = await night.file("The press is acknowledged, the decision not yet made")
    card = await night.card(deciding)
    asked = slack.faults.hold("users.info")
    outcome = await slack.click(ML_LEAD, CHANNEL, card.ts, "approve", seen=card)
    assert outcome.acked
    deciding.clicked = deciding.acked = True
    deciding.by = ML_LEAD
    await night.until(lambda: slack.faults.waiting == 1)

    posting = await night.file("Slack has the card, the bot does not know")
    posted = slack.faults.hold("chat.postMessage")
    await night.until(lambda: slack.faults.waiting == 2)

    reading = await night.file("The ticket is being read")
    read = github.faults.hang(method="GET", path=READ)
    await read.struck()

    assert await night.bot.kill() == KILLED
    for held in (asked, posted):
        held.set()  # Slack does what it was asked for, with nobody left to hear of it
    github.let_go()
    await night.bot.start()
    # Nobody presses a second time: what Slack showed as done must be done.
    await night.written(writing)
    await night.written(deciding)
    for case in (posting, reading):
        await night.finish(case)
    await quiet(night)
    assert await night.bot.stop() == 0
    await check(night)
    assert slack.ephemerals(ON_DUTY) == []
