"""What people and the world around the bot do with one ticket, from its filing to its end, as often as the bot dies.

Owns the stories of the crash tests. Each is played again after every death and goes on where it was: what Slack showed
a person as done is not done a second time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import update

from bot.demo.town import CHANNEL
from bot.record.engine import open_engine
from bot.record.tables import jobs
from bot.sandbox.github.faults import Fault
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.stories import stories
from tests.crash.bots import LOOK_S
from tests.crash.night import BotEnded, Case, Night, Story

GUEST = "U06GUEST"
DECIDERS = ("U01ONDUTY", "U02MLLEAD", "U03DATALEAD", "U04PRODLEAD", "U05OPSLEAD")
FOR_EVER = 10_000
NEW_LABELS = tuple(f"kind: {one}" for one in ("bug", "feature", "question", "task"))
TITLES = tuple(one.title for one in stories())

END: Mapping[Story, str] = {
    Story.REJECTED: "Rejected",
    Story.WITHDRAWN: "Withdrawn",
    Story.EXPIRED: "Expired",
    Story.UNASSIGNABLE: "of 4 are set",
}
"""What the card says in the end; of every other story: that all of it is set."""
WITHOUT_CARD = frozenset({Story.CLOSED, Story.UNREADABLE, Story.LISTED})


def end_of(story: Story) -> str:
    return END.get(story, "All of it is set")


async def begin(night: Night, story: Story, dice: random.Random) -> Case:
    """Files a ticket whose story will be this one, and prepares the world for it."""
    number = night.next_number
    _prepare(night, story, number, dice)
    free = [one for one in DECIDERS if one not in {case.by for case in night.cases}] or list(DECIDERS)
    case = await night.file(dice.choice(TITLES), story, by=dice.choice(free))
    if story is Story.CLOSED:
        await night.town.github.close(night.town.repository, number, "reporter-1")
    return case


def _prepare(night: Night, story: Story, number: int, dice: random.Random) -> None:
    github, slack = night.town.github, night.town.slack
    faults, read, write = github.faults, rf"/issues/{number}$", rf"/issues/{number}/(labels|assignees|comments)$"
    match story:
        case Story.COMMANDED | Story.LISTED:
            github.webhook_faults.drop(1, event="issues.opened")
        case Story.CLOSED:
            github.webhook_faults.drop(2, event="issues")
        case Story.UNREADABLE:
            faults.fail(403, times=FOR_EVER, method="GET", path=read)
        case Story.UNASSIGNABLE:
            faults.fail(422, times=FOR_EVER, method="POST", path=rf"/issues/{number}/assignees$")
        case Story.UNSURE:
            lose: list[Callable[..., Fault]] = [faults.apply_then_break, faults.break_before, faults.garbage]
            dice.choice(lose)(times=dice.randint(1, 3), method="POST", path=write)
        case Story.SLOW | Story.PAUSED:
            faults.delay(after_s=0.7, method="GET", path=read)
        case Story.UNCARDED:
            slack.faults.fail("chat.postMessage", error="invalid_blocks", times=FOR_EVER)
        case Story.NEW_LABEL:
            for label in NEW_LABELS:  # the repository no longer has them, and nobody told the bot
                github.world._labels[night.town.repository].pop(label, None)
        case _:
            jitter = dice.uniform(0, 0.05)
            faults.delay(before_s=jitter, times=3, method="GET", path=read)


async def play(night: Night, case: Case) -> None:
    """Goes on with the story, to its end. Raises `BotEnded`."""
    try:
        await _PLAYS.get(case.story, _approved)(night, case)
    except AssertionError as error:
        error.add_note(f"ticket {case.number}: {case}")
        raise


async def _approved(night: Night, case: Case) -> None:
    await night.card(case)
    while not case.acked:
        await night.approve(case)
        if not night.bot.running:
            raise BotEnded
        if "approve" not in (await night.card(case)).action_ids:
            break
        await asyncio.sleep(LOOK_S)
    await night.shows(case, end_of(case.story))


async def _by_form(night: Night, case: Case, action: str, values: dict[str, dict[str, str]]) -> None:
    if not case.acked:
        async with night.hands[case.by]:
            if form := await _form(night, case, action):
                outcome = await night.town.slack.submit(case.by, form, values)
                case.clicked = True
                case.acked = outcome.acked
    await night.shows(case, end_of(case.story))


async def _form(night: Night, case: Case, action: str) -> str | None:
    """Presses until the form opens: somebody new is asked to press again. Raises `BotEnded`.

    None where the card is decided: what was sent before the bot died may come through at any moment.
    """
    slack = night.town.slack
    while action in (await night.card(case)).action_ids:
        for old in slack.open_views(case.by):
            slack.world.views.close(old, whole_stack=True)
        outcome = await night.press(case, case.by, action)
        if outcome is None:
            continue
        if not outcome.acked:
            await night.until(lambda: False)
        await night.until(lambda: slack.open_views(case.by) or action not in night.cards(case)[-1].action_ids)
        views = slack.open_views(case.by)
        if views and views[-1].body.get("callback_id") == f"{action}_form":
            return views[-1].id
    return None


async def _edited(night: Night, case: Case) -> None:
    await _by_form(night, case, "edit", {"layer": {"choose_layer": "business_workflow"}})


async def _rejected(night: Night, case: Case) -> None:
    await _by_form(night, case, "reject", {"reason": {"choose_reason": "not_now"}})


async def _withdrawn(night: Night, case: Case) -> None:
    await night.card(case)
    if "closed" not in case.steps:
        case.steps.add("closed")
        await night.town.github.close(night.town.repository, case.number, "reporter-1")
    await night.shows(case, end_of(case.story))


async def let_time_pass(night: Night, case: Case) -> None:
    """Days: the only thing that a night cannot wait for is done to the record."""
    engine = open_engine(night.record_url)
    mine = (jobs.c.kind == "expire_proposal", jobs.c.ticket_key.endswith(f"#{case.number}"), jobs.c.state == "ready")
    async with engine.begin() as connection:
        await connection.execute(update(jobs).where(*mine).values(run_at=0))
    await engine.dispose()


async def _expired(night: Night, case: Case) -> None:
    await night.card(case)
    await let_time_pass(night, case)
    await night.shows(case, end_of(case.story))


async def _typed(night: Night, case: Case, text: str) -> None:
    """Types a command until Slack shows that it was taken. Raises `BotEnded`."""
    if "typed" in case.steps:
        return
    outcome = await night.town.slack.slash(case.by, CHANNEL, "/triage", text)
    if not outcome.acked:
        await night.until(lambda: False)
    case.steps.add("typed")


async def _told(night: Night, case: Case, words: str) -> None:
    await night.until(lambda: any(words in one.all_text for one in night.town.slack.ephemerals(case.by)))


async def _commanded(night: Night, case: Case) -> None:
    await _typed(night, case, f"{night.town.repository}#{case.number}")
    await _approved(night, case)


async def _closed(night: Night, case: Case) -> None:
    await _typed(night, case, f"{night.town.repository}#{case.number}")
    await _told(night, case, f"#{case.number}: nothing to do, the ticket is closed")


async def _listed(night: Night, case: Case) -> None:
    await _typed(night, case, "list")
    await _told(night, case, "for a decision")


async def _refused(night: Night, case: Case) -> None:
    card = await night.card(case)
    if "guest" not in case.steps:
        outcome: Outcome = await night.town.slack.click(GUEST, CHANNEL, card.ts, "approve", seen=card)
        if outcome.acked:
            case.steps.add("guest")
    await _approved(night, case)


async def _unreadable(night: Night, case: Case) -> None:
    await night.until(
        lambda: any(f"#{case.number}. It needs a person" in one.all_text for one in night.town.slack.messages(CHANNEL))
    )


async def _uncarded(night: Night, case: Case) -> None:
    """Once the bot has died over it, Slack is mended and somebody asks for the ticket."""
    if "mended" not in case.steps:
        case.steps.add("mended")
        await night.until(lambda: False)
    night.town.slack.faults.clear()
    await _typed(night, case, f"{night.town.repository}#{case.number}")
    await _approved(night, case)


async def _paused(night: Night, case: Case) -> None:
    switch = night.folder / "PAUSED"
    if "paused" not in case.steps:
        case.steps.add("paused")
        faults = [one for one in night.town.github.faults.script if one.path.pattern == rf"/issues/{case.number}$"]
        await faults[-1].struck()
        switch.touch()
        await night.until(lambda: False)
    switch.unlink(missing_ok=True)
    await _approved(night, case)


_PLAYS: Mapping[Story, Callable[[Night, Case], Awaitable[None]]] = {
    Story.EDITED: _edited,
    Story.REJECTED: _rejected,
    Story.WITHDRAWN: _withdrawn,
    Story.EXPIRED: _expired,
    Story.COMMANDED: _commanded,
    Story.CLOSED: _closed,
    Story.LISTED: _listed,
    Story.REFUSED: _refused,
    Story.UNREADABLE: _unreadable,
    Story.UNCARDED: _uncarded,
    Story.PAUSED: _paused,
}

__all__ = ["DECIDERS", "WITHOUT_CARD", "BotEnded", "begin", "end_of", "let_time_pass", "play"]
