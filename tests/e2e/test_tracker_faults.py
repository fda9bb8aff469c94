"""GitHub stumbles, limits, forbids or forgets: each approved operation is made once, or the card says why not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.sandbox.github.faults import Fault, Faults
from bot.sandbox.github.model import UnknownAssignee
from bot.sandbox.slack.message import Message
from tests.e2e.rest import at_rest
from tests.e2e.stage import CHANNEL, Stage

READ = r"/issues/\d+$"
LABEL, ASSIGN, COMMENT = (rf"/issues/\d+/{one}$" for one in ("labels", "assignees", "comments"))
WRITES = (LABEL, ASSIGN, COMMENT)
LONGER_THAN_ALL_ATTEMPTS = 6
BUG, RETRIEVAL = "kind: bug", "layer: retrieval and context"
ALL_FOUR = [("assigned", "data-lead"), ("commented", ""), ("labeled", BUG), ("labeled", RETRIEVAL)]

Happens = Callable[[Faults, str], Fault]
UNSURE: dict[str, Happens] = {
    "500, not done": lambda faults, path: faults.fail(500, method="POST", path=path),
    "503, not done, again and again": lambda faults, path: faults.fail(
        503, method="POST", path=path, times=LONGER_THAN_ALL_ATTEMPTS
    ),
    "connection broken, not done": lambda faults, path: faults.break_before(method="POST", path=path),
    "connection broken, done": lambda faults, path: faults.apply_then_break(method="POST", path=path),
    "no answer, not done": lambda faults, path: faults.hang(method="POST", path=path),
    "no answer, done": lambda faults, path: faults.apply_then_hang(method="POST", path=path),
    "done, the answer cut off": lambda faults, path: faults.garbage(method="POST", path=path),
    "done, the answer without end": lambda faults, path: faults.slow_body(0.3, method="POST", path=path),
    "told to go elsewhere": lambda faults, path: faults.redirect("http://127.0.0.1:9/", method="POST", path=path),
}


def shown(stage: Stage, number: int) -> list[tuple[str, str]]:
    """What was changed, comments without their text."""
    return sorted((what, "" if what == "commented" else value) for what, value in stage.effects(number))


async def decided(stage: Stage, title: str) -> tuple[int, Message]:
    number, card = await stage.file_and_wait(title)
    await stage.approve(card)
    return number, card


async def test_fault_51_writes_with_an_unsure_outcome_are_made_once(shaky: Stage) -> None:
    struck = {}
    for number, (name, happens) in enumerate(UNSURE.items(), start=1):
        paths = [path.replace(r"\d+", str(number)) for path in WRITES]
        struck[name] = [happens(shaky.github.faults, path) for path in paths]
        assert await shaky.file(name) == number
    cards = [await shaky.card_for(number) for number in range(1, len(UNSURE) + 1)]
    for card in cards:
        await shaky.approve(card)
    for number, (name, card) in enumerate(zip(UNSURE, cards, strict=True), start=1):
        await shaky.card_says(card, "All of it is set")
        assert shown(shaky, number) == ALL_FOUR, name
        assert [one.left for one in struck[name]] == [0, 0, 0], name
    assert await at_rest(shaky) == {}
    assert shaky.github.duplicate_writes() == ()
    assert shaky.github.journal.repeated() == ()


async def test_fault_50_a_ticket_that_cannot_be_read_is_read_later(shaky: Stage) -> None:
    shaky.github.faults.fail(502, method="GET", times=LONGER_THAN_ALL_ATTEMPTS)
    shaky.github.faults.hang(method="GET", path=READ)
    number, card = await decided(shaky, "GitHub is down while it is filed")
    await shaky.card_says(card, "All of it is set")
    shaky.github.faults.fail(502, method="GET", times=LONGER_THAN_ALL_ATTEMPTS)
    other, second = await decided(shaky, "GitHub is down for a while again")
    await shaky.card_says(second, "All of it is set")
    assert shown(shaky, number) == shown(shaky, other) == ALL_FOUR
    assert await at_rest(shaky) == {}


async def limited(stage: Stage, name: str, happens: Callable[[Faults], Fault]) -> tuple[float, float]:
    """A ticket whose comment meets a limit: when GitHub refused it, and when it took it."""
    number, card = await stage.file_and_wait(name)
    happens(stage.github.faults)
    await stage.approve(card)
    await stage.card_says(card, "All of it is set")
    assert shown(stage, number) == ALL_FOUR, name
    tried = [one for one in stage.github.writes_on(stage.repo, number) if one.path.endswith("/comments")]
    assert [one.applied for one in tried] == [False, True], name
    return tried[0].at, tried[1].at


async def test_fault_54_rate_limits_are_waited_out(shaky: Stage) -> None:
    for status in (403, 429):
        refused, taken = await limited(
            shaky,
            f"secondary, {status}",
            lambda faults, status=status: faults.secondary_limit(1, status=status, method="POST", path=COMMENT),  # type: ignore[misc]  # binds this status
        )
        assert taken - refused >= 0.99
    reset = int(time.time()) + 3
    _, taken = await limited(shaky, "primary", lambda faults: faults.primary_limit(reset, method="POST", path=COMMENT))
    assert taken >= reset
    assert await at_rest(shaky) == {}


@pytest.mark.parametrize("status", [404, 410])
async def test_fault_52_a_ticket_that_is_gone_ends_visibly(shaky: Stage, status: int) -> None:
    number, card = await shaky.file_and_wait()
    shaky.github.faults.fail(status, path=READ, times=100)
    await shaky.approve(card)
    text = await shaky.card_says(card, "nothing could be written")
    assert str(status) in text
    assert await at_rest(shaky) == {}
    assert shaky.github.writes_on(shaky.repo, number) == ()


async def test_a_deleted_ticket_takes_its_card_back(shaky: Stage) -> None:
    number, card = await shaky.file_and_wait()
    await shaky.github.delete(shaky.repo, number, "on-duty")
    await shaky.card_says(card, "Withdrawn")
    assert await at_rest(shaky) == {}


async def test_fault_52_a_permission_that_was_taken_away_ends_visibly_and_without_a_storm(shaky: Stage) -> None:
    number, card = await shaky.file_and_wait()
    shaky.github.faults.fail(403, method="POST", times=100)
    await shaky.approve(card)
    text = await shaky.card_says(card, "nothing could be written")
    assert "403" in text
    assert await at_rest(shaky) == {}
    assert [one.path.rsplit("/", 1)[1] for one in shaky.github.writes_on(shaky.repo, number)] == [
        "labels",
        "labels",
        "assignees",
    ]


async def test_fault_53_somebody_who_cannot_be_assigned_is_told_and_the_rest_is_set(shaky: Stage) -> None:
    world = shaky.github.world
    world.add_repository(replace(world.repository(shaky.repo), collaborators=frozenset()))
    for policy, words in ((UnknownAssignee.REJECT, "422"), (UnknownAssignee.DROP, "silently ignored")):
        world.unknown_assignee = policy
        number, card = await decided(shaky, f"The owner has left, {policy}")
        text = await shaky.card_says(card, "3 of 4 are set", words)
        assert "data-lead" in text
        assert shown(shaky, number) == [one for one in ALL_FOUR if one[0] != "assigned"]
    assert await at_rest(shaky) == {}


async def test_a_label_that_github_drops_in_silence_is_told(shaky: Stage) -> None:
    number, card = await shaky.file_and_wait()
    shaky.github.faults.fail(200, method="POST", path=LABEL, body=[])
    await shaky.approve(card)
    text = await shaky.card_says(card, "3 of 4 are set", "silently ignored the label")
    assert "not set" in text
    assert len(shown(shaky, number)) == 3


def forget_label(stage: Stage, label: str) -> None:
    """The repository no longer has it, and nobody told the bot."""
    del stage.github.world._labels[stage.repo][label]


async def test_a_new_label_is_made_when_the_card_said_so(shaky: Stage) -> None:
    forget_label(shaky, BUG)
    number, card = await shaky.file_and_wait()
    assert "new label" in card.all_text
    assert BUG not in shaky.github.labels(shaky.repo)
    shaky.github.faults.apply_then_break(method="POST", path=r"/assistant/labels$")
    await shaky.approve(card)
    await shaky.card_says(card, "All of it is set")
    assert BUG in shaky.github.labels(shaky.repo)
    assert shown(shaky, number) == ALL_FOUR
    assert shaky.github.duplicate_writes() == ()


async def test_a_label_that_the_card_did_not_call_new_is_never_made(shaky: Stage) -> None:
    number, card = await shaky.file_and_wait()
    forget_label(shaky, BUG)
    await shaky.approve(card)
    await shaky.card_says(card, "3 of 4 are set", BUG)
    assert BUG not in shaky.github.labels(shaky.repo)
    assert shown(shaky, number) == [one for one in ALL_FOUR if one[1] != BUG]
    assert "approve" not in shaky.slack.message(CHANNEL, card.ts).action_ids
    assert await at_rest(shaky) == {}
