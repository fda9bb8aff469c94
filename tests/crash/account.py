"""The account of a night: what the record, the checkpoints, Slack and GitHub say must fit together exactly.

Owns the invariants I1 to I6, one function each. Reads only, and only after the bot has stopped, but for `quiet` and
`arrived`.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import Table, select

from bot.demo.town import CHANNEL
from bot.record.engine import open_engine, reading
from bot.record.tables import inbox, jobs
from tests.crash.bots import LOOK_S
from tests.crash.evidence import Evidence, Rows, collect, sinks
from tests.crash.night import PATIENCE_S, BotEnded, Case, Night, Story
from tests.crash.stories import WITHOUT_CARD, end_of

HOUR_MS = 3_600_000
GIVEN_UP = frozenset({Story.UNCARDED})
"""The stories in which a job is rightly given up."""


async def quiet(night: Night) -> None:
    """Waits until the bot has nothing left to do within the hour. Raises `BotEnded`."""
    await night.town.github.settle()
    engine = open_engine(night.record_url)
    soon = jobs.c.run_at < jobs.c.created_at + HOUR_MS
    left = select(jobs.c.kind, jobs.c.state, jobs.c.error).where(jobs.c.state.in_(("ready", "leased")), soon)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with reading(engine) as connection:
                    open_jobs = (await connection.execute(left)).all()
                if not open_jobs:
                    return
                if not night.bot.running:
                    raise BotEnded
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise AssertionError(f"work is left: {open_jobs}\n{night.bot.tail()}") from None
    finally:
        await engine.dispose()


async def arrived(night: Night) -> frozenset[str]:
    """Ids of the deliveries that are stored."""
    engine = open_engine(night.record_url)
    async with reading(engine) as connection:
        found = frozenset((await connection.execute(select(inbox.c.delivery_id))).scalars())
    await engine.dispose()
    return found


async def rows(url: str, table: Table) -> Rows:
    engine = open_engine(url)
    async with reading(engine) as connection:
        found = (await connection.execute(select(table))).all()
    await engine.dispose()
    return found


async def check(night: Night) -> None:
    """Every invariant, over all tickets of the night. The bot must have stopped."""
    assert not night.bot.running
    evidence = await collect(night)
    every_accepted_delivery_came_to_its_end(night, evidence)
    no_operation_had_more_than_one_effect(night, evidence)
    nothing_was_written_without_a_persons_yes(night, evidence)
    no_acknowledged_decision_was_lost(night, evidence)
    the_audit_chain_covers_every_decision_and_effect(night, evidence)
    no_secret_is_in_any_sink(night, await sinks(night))
    each_card_was_posted_once_and_tells_the_truth(night, evidence)
    no_thread_is_left(evidence)


def every_accepted_delivery_came_to_its_end(night: Night, evidence: Evidence) -> None:
    """I1: what got a 2xx is stored once, and its work is done, or was given up and that is in the audit."""
    stored = [one.delivery_id for one in evidence.inbox]
    assert len(stored) == len(set(stored))
    promised = {one.guid for one in night.town.github.deliveries() if one.ok}
    assert promised <= set(stored), "answered with 2xx, and not stored"
    later = {one.kind: one.state for one in evidence.jobs if one.state not in ("done", "dead")}
    assert set(later) <= {"expire_proposal", "remind_of_card", "wake_card"} | evidence.scheduled, later
    dead = [one.kind for one in evidence.jobs if one.state == "dead"]
    told = [one for one in evidence.audit if one.action == "job_given_up"]
    assert len(dead) == len(told) == sum(one.story in GIVEN_UP for one in night.cases), dead
    triaged = {one.ticket_key: one.state for one in evidence.triages}
    for one in evidence.inbox:
        if one.outcome == "accepted" and one.name == "issues.opened":
            assert triaged.get(one.ticket_key) in ("closed", "failed"), f"nothing became of {one.ticket_key}"


def no_operation_had_more_than_one_effect(night: Night, evidence: Evidence) -> None:
    """I2: each (proposal, operation) changed its ticket once at most, and the record knows of each change."""
    github = night.town.github
    assert github.duplicate_writes() == ()
    assert github.journal.repeated() == ()
    assert github.journal.replaced_lists() == ()
    per_ticket = github.writes_per_issue()
    for case in night.cases:
        applied = [one for one in evidence.outbox_of(night, case) if one.outcome == "applied"]
        shown = sorted((one.field, one.value) for one in applied)
        assert evidence.effects_on(night, case) == shown
        assert evidence.changes_of(night, case) == shown
        assert per_ticket.get((night.town.repository, case.number), 0) == len(applied)


def nothing_was_written_without_a_persons_yes(night: Night, evidence: Evidence) -> None:
    """I3: behind each write there is a decision by somebody who pressed, over exactly this proposal's digest."""
    pressed = {case.by for case in night.cases if case.clicked}
    for row in evidence.outbox:
        proposal, decision = evidence.proposals[row.proposal_id], evidence.decisions.get(row.proposal_id)
        assert decision is not None
        assert decision.status == "approved"
        assert decision.by in pressed, f"{decision.by} never pressed"
        assert decision.digest == proposal.digest == proposal.recomputed
    allowed = {case.number for case in night.cases if evidence.outbox_of(night, case)}
    touched = {number for _, number in night.town.github.writes_per_issue()}
    assert touched <= allowed, "a ticket was written to that nobody approved anything for"
    made = {one.body["name"] for one in night.town.github.journal.applied() if one.number is None and one.changed}  # type: ignore[index]  # JSON
    assert made <= evidence.new_labels, "a label was made that no approved operation calls new"


def no_acknowledged_decision_was_lost(night: Night, evidence: Evidence) -> None:
    """I4: where Slack showed a person no error, there is a decision of that person, carried out and told."""
    for case in night.cases:
        if not case.acked:
            continue
        mine = [one for one in evidence.decisions_of(night, case) if one.by == case.by]
        assert mine, f"the decision on #{case.number} was lost"
        assert {one.state for one in evidence.outbox_of(night, case)} <= {"done", "failed"}
        assert end_of(case.story) in night.says(case)


def the_audit_chain_covers_every_decision_and_effect(night: Night, evidence: Evidence) -> None:
    """I5: the chain verifies, and tells each proposal, decision and effect exactly once."""
    assert evidence.chain > 0
    told = [(one.action, one.facts.get("proposal", ""), one.facts.get("digest", "")) for one in evidence.audit]
    edits = {proposal for action, proposal, _ in told if action == "edited"}
    for name, proposal in evidence.proposals.items():
        by_agent = told.count(("proposed", name, proposal.digest))
        assert by_agent == (proposal.replaces is None), "each proposal of the agent is told once"
        decision = evidence.decisions.get(name)
        assert decision is not None, "nothing waits for a decision at the end of a night"
        if decision.status == "edited":
            assert name in edits
        elif proposal.replaces:
            assert told.count(("edited", proposal.replaces, proposal.digest)) == 1
        else:
            assert told.count((decision.status, name, proposal.digest)) == 1
    assert sum(action == "write_applied" for action, _, _ in told) == len(evidence.effects)
    per_ticket = [one.subject for one in evidence.audit if one.action == "decision_refused"]
    # A second press of somebody who never got an answer to the first, and one of somebody who may not.
    assert all(per_ticket.count(one) <= 2 for one in per_ticket)


def no_secret_is_in_any_sink(night: Night, kept: dict[str, str]) -> None:
    """I6: neither a credential of the bot nor what people let slip is in the record, the log, Slack or GitHub."""
    for name, text in kept.items():
        found = [secret[:6] for secret in night.secrets if secret in text]
        assert not found, f"{found} in {name}"


def each_card_was_posted_once_and_tells_the_truth(night: Night, evidence: Evidence) -> None:
    slack = night.town.slack
    posts = [one for one in slack.journal.of("chat.postMessage") if one.ok]
    assert len(posts) == len(slack.messages(CHANNEL))
    for case in night.cases:
        assert len(night.cards(case)) == (0 if case.story in WITHOUT_CARD else case.cards)
        if case.story not in WITHOUT_CARD:
            assert end_of(case.story) in night.says(case)
    notices = [one.all_text for one in slack.messages(CHANNEL) if "It needs a person" in one.all_text]
    assert len(notices) == len(set(notices)) == _unreadable(night.cases)


def _unreadable(cases: list[Case]) -> int:
    return sum(one.story is Story.UNREADABLE for one in cases)


def no_thread_is_left(evidence: Evidence) -> None:
    """A thread that has ended is deleted, whenever the bot died."""
    assert evidence.threads == 0
