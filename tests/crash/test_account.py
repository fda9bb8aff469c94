"""The account of a night finds out whatever was lost, doubled, forged or let slip: each invariant can fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.demo.town import BOT_LOGIN
from bot.sandbox.github.acts.commenting import comment_on
from bot.sandbox.github.world import Actor
from tests.crash import account
from tests.crash.account import check, quiet
from tests.crash.bots import Forker
from tests.crash.evidence import Decided, Evidence, collect, sinks
from tests.crash.night import SLIPPED, Night, open_night

Judge = Callable[[Night, Evidence], None]
Falsify = Callable[[Evidence], Evidence]


def _one_decision(evidence: Evidence, **changes: str) -> Evidence:
    name, decided = next(iter(evidence.decisions.items()))
    changed: Decided = replace(decided, **changes)
    return replace(evidence, decisions={**evidence.decisions, name: changed})


FALSE: dict[str, tuple[Judge, Falsify]] = {
    "a delivery was answered and not stored": (
        account.every_accepted_delivery_came_to_its_end,
        lambda seen: replace(seen, inbox=[one for one in seen.inbox if one.provider == "slack"]),
    ),
    "a delivery has no triage": (
        account.every_accepted_delivery_came_to_its_end,
        lambda seen: replace(seen, triages=[]),
    ),
    "an effect is not in the record": (
        account.no_operation_had_more_than_one_effect,
        lambda seen: replace(seen, effects=seen.effects[1:]),
    ),
    "GitHub has more than was applied": (
        account.no_operation_had_more_than_one_effect,
        lambda seen: replace(seen, outbox=seen.outbox[1:], effects=seen.effects[1:]),
    ),
    "a write without a decision": (
        account.nothing_was_written_without_a_persons_yes,
        lambda seen: replace(seen, decisions={}),
    ),
    "a write that was rejected": (
        account.nothing_was_written_without_a_persons_yes,
        lambda seen: _one_decision(seen, status="rejected"),
    ),
    "a write over another digest": (
        account.nothing_was_written_without_a_persons_yes,
        lambda seen: _one_decision(seen, digest="0" * 64),
    ),
    "a yes of somebody who never pressed": (
        account.nothing_was_written_without_a_persons_yes,
        lambda seen: _one_decision(seen, by="U0NOBODY"),
    ),
    "an acknowledged press without a decision": (
        account.no_acknowledged_decision_was_lost,
        lambda seen: replace(seen, decisions={}),
    ),
    "an approval that was never carried out": (
        account.no_acknowledged_decision_was_lost,
        lambda seen: replace(seen, outbox=tuple(replace(one, state="unknown") for one in seen.outbox)),
    ),
    "a decision that is not in the audit": (
        account.the_audit_chain_covers_every_decision_and_effect,
        lambda seen: replace(seen, audit=[one for one in seen.audit if one.action != "approved"]),
    ),
    "a decision that is in the audit twice": (
        account.the_audit_chain_covers_every_decision_and_effect,
        lambda seen: replace(seen, audit=[*seen.audit, *(one for one in seen.audit if one.action == "approved")]),
    ),
    "an effect that is not in the audit": (
        account.the_audit_chain_covers_every_decision_and_effect,
        lambda seen: replace(seen, audit=[one for one in seen.audit if one.action != "write_applied"]),
    ),
    "a thread that was left": (lambda _, seen: account.no_thread_is_left(seen), lambda seen: replace(seen, threads=1)),
}


async def test_every_invariant_notices_what_it_is_there_for(tmp_path: Path, forker: Forker) -> None:
    async with open_night(tmp_path, forker, "") as night:
        await night.bot.start()
        case = await night.file()
        await night.finish(case)
        await quiet(night)
        assert await night.bot.stop() == 0
        await check(night)
        evidence, kept = await collect(night), await sinks(night)
        for what, (judge, falsify) in FALSE.items():
            judge(night, evidence)
            with pytest.raises(AssertionError):
                _blame(what, judge, night, falsify(evidence))
        for secret in SLIPPED:
            with pytest.raises(AssertionError):
                account.no_secret_is_in_any_sink(night, {**kept, "a log": json.dumps([secret])})
        await _doubled(night)


def _blame(what: str, judge: Judge, night: Night, evidence: Evidence) -> None:
    judge(night, evidence)
    pytest.fail(f"nobody noticed: {what}", pytrace=False)


async def _doubled(night: Night) -> None:
    """The same comment once more, as a bot that sends blindly would post it."""
    github, case = night.town.github, night.cases[0]
    issue = github.issue(night.town.repository, case.number)
    comment_on(github.world, Actor(BOT_LOGIN, via_api=True), issue, issue.comments[0].body)
    with pytest.raises(AssertionError):
        account.no_operation_had_more_than_one_effect(night, await collect(night))
