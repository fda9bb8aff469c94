"""Slack refuses, stumbles, answers late or not at all: one card for each ticket, and it tells the truth."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from bot.sandbox.slack.faults import Faults
from tests.e2e.rest import at_rest
from tests.e2e.stage import CHANNEL, ON_DUTY, Stage

POST, UPDATE = "chat.postMessage", "chat.update"
LONGER_THAN_ALL_ATTEMPTS = 6


def _posted_and_not_to_be_found(faults: Faults) -> None:
    faults.cut(POST, takes_effect=True)
    faults.fail("conversations.history", times=3, status=500)


ON_POST: dict[str, Callable[[Faults], None]] = {
    "503, not posted": lambda faults: faults.fail(POST, status=503),
    "503, posted all the same": lambda faults: faults.fail(POST, status=503, takes_effect=True),
    "internal_error, posted all the same": lambda faults: faults.fail(POST, takes_effect=True),
    "connection cut, not posted": lambda faults: faults.cut(POST, takes_effect=False),
    "connection cut, posted": lambda faults: faults.cut(POST, takes_effect=True),
    "no answer, posted": lambda faults: faults.hang(POST, takes_effect=True),
    "posted, and then the search fails too": _posted_and_not_to_be_found,
    "down for longer than all attempts": lambda faults: faults.fail(POST, status=503, times=LONGER_THAN_ALL_ATTEMPTS),
}


async def test_fault_43_a_card_is_posted_once_whatever_becomes_of_the_answer(shaky: Stage) -> None:
    for name, happens in ON_POST.items():
        happens(shaky.slack.faults)
        number = await shaky.file(name)
        await shaky.card_for(number)
        assert await at_rest(shaky) == {}, name
        assert len(shaky.cards()) == shaky.slack.journal.count(POST, ok=True) == number, name


async def test_fault_42_asked_to_wait_it_waits_and_posts_once(shaky: Stage) -> None:
    shaky.slack.faults.rate_limit(POST, times=2, retry_after_s=1)
    _, card = await shaky.file_and_wait()
    assert await at_rest(shaky) == {}
    asked = [one.at for one in shaky.slack.journal.of(POST)]
    assert len(asked) == 3
    assert all(later - earlier >= 1 for earlier, later in pairwise(asked))
    assert shaky.cards() == [card]


async def test_a_card_that_could_not_be_updated_is_updated_later(shaky: Stage) -> None:
    number, card = await shaky.file_and_wait()
    faults = shaky.slack.faults
    faults.fail(UPDATE, times=LONGER_THAN_ALL_ATTEMPTS, status=500)
    faults.cut(UPDATE, takes_effect=True)
    faults.rate_limit(UPDATE, retry_after_s=1)
    await shaky.approve(card)
    await shaky.card_says(card, "Approved", "All of it is set")
    assert await at_rest(shaky) == {}
    assert len(shaky.effects(number)) == 4


async def test_a_press_is_judged_although_slacks_directory_is_down(shaky: Stage) -> None:
    number, card = await shaky.file_and_wait()
    shaky.slack.faults.fail("users.info", times=LONGER_THAN_ALL_ATTEMPTS, status=503)
    await shaky.approve(card)
    await shaky.card_says(card, "Approved", "All of it is set")
    assert await at_rest(shaky) == {}
    assert len(shaky.effects(number)) == 4


async def test_fault_46_the_same_press_delivered_five_times_decides_once(shaky: Stage) -> None:
    number, card = await shaky.file_and_wait()
    shaky.slack.faults.duplicate_interaction(copies=5)
    await shaky.approve(card)
    await shaky.card_says(card, "All of it is set")
    assert await at_rest(shaky) == {}
    assert len(shaky.effects(number)) == 4
    assert shaky.slack.ephemerals(ON_DUTY) == []


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived", "token_revoked"])
async def test_fault_44_a_card_waits_until_somebody_has_mended_slack(shaky: Stage, error: str) -> None:
    shaky.slack.faults.fail(POST, error=error, times=LONGER_THAN_ALL_ATTEMPTS)
    number, card = await shaky.file_and_wait()
    await shaky.approve(card)
    await shaky.card_says(card, "All of it is set")
    assert await at_rest(shaky) == {}
    assert len(shaky.effects(number)) == 4


async def test_a_card_that_slack_never_takes_leaves_the_ticket_free_for_another_try(shaky: Stage) -> None:
    shaky.slack.faults.fail(POST, error="invalid_blocks", times=5)
    number = await shaky.file()
    assert set(await at_rest(shaky)) == {"post_card"}
    await shaky.slack.slash(ON_DUTY, CHANNEL, "/triage", f"{shaky.repo}#{number}")
    card = await shaky.card_for(number)
    await shaky.approve(card)
    await shaky.card_says(card, "All of it is set")
    assert len(shaky.effects(number)) == 4
