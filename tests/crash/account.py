"""The account of a night: what the record, the checkpoints, Slack and GitHub say must fit together exactly.

Reads only, and only after the bot has stopped.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import Row, Table, func, select

from bot.demo.town import CHANNEL
from bot.record.engine import open_engine, reading
from bot.record.outbox import Outbox, OutboxRow
from bot.record.record import Record
from bot.record.tables import decisions, effects, inbox, jobs, outbox, proposals, triages
from bot.work.delivery import InProcess
from graphs.model import AddLabel, Assign, Comment, Operation, ProposalId
from tests.crash.bots import LOOK_S
from tests.crash.night import PATIENCE_S, BotEnded, Case, Night

LATER = "expire_proposal"
"""The one kind of job that rightly waits for days."""


async def rows(url: str, table: Table) -> Sequence[Row[tuple[object, ...]]]:
    engine = open_engine(url)
    async with reading(engine) as connection:
        found = (await connection.execute(select(table))).all()
    await engine.dispose()
    return found


async def quiet(night: Night) -> None:
    """Waits until the bot has nothing left to do. Raises `BotEnded`."""
    await night.town.github.settle()
    engine = open_engine(night.record_url)
    open_jobs = (
        select(func.count()).select_from(jobs).where(jobs.c.state.in_(("ready", "leased")), jobs.c.kind != LATER)
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with reading(engine) as connection:
                    if not (await connection.execute(open_jobs)).scalar_one():
                        return
                if not night.bot.running:
                    raise BotEnded
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        left = [(one.kind, one.state, one.error) for one in await rows(night.record_url, jobs) if one.state != "done"]
        raise AssertionError(f"work is left: {left}\n{night.bot.tail()}") from None
    finally:
        await engine.dispose()


async def check(night: Night) -> None:
    """Every invariant, over all tickets of the night. The bot must have stopped."""
    assert not night.bot.running
    await _record_is_whole(night)
    _checkpoints_are_gone(night.folder / "checkpoints.db")
    for case in night.cases:
        await _once_each(night, case)
    github = night.town.github
    assert github.duplicate_writes() == ()
    assert github.journal.repeated() == ()
    assert github.journal.replaced_lists() == ()
    posted = night.town.slack.journal.count("chat.postMessage", ok=True)
    assert posted == len(night.cases) == len(night.town.slack.messages(CHANNEL))


async def _record_is_whole(night: Night) -> None:
    url = night.record_url
    unfinished = {one.kind: one.state for one in await rows(url, jobs) if one.state != "done"}
    assert set(unfinished) <= {LATER}, unfinished
    assert {one.state for one in await rows(url, outbox)} <= {"done"}
    assert {one.state for one in await rows(url, triages)} <= {"closed"}
    assert len(await rows(url, triages)) == len(night.cases)
    guids = Counter(one.delivery_id for one in await rows(url, inbox))
    assert set(guids.values()) <= {1}
    record = Record(url, InProcess())
    async with record.read() as tx:
        assert await tx.audit.verify() > 0
    await record.close()


def _checkpoints_are_gone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for table in ("checkpoints", "writes"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608  # two names


async def _once_each(night: Night, case: Case) -> None:
    """One card, one decision, one effect for each approved operation, each told once in the audit chain."""
    key = f"github:main:{night.town.repository}#{case.number}"
    assert len(night.cards(case)) == 1
    assert "All of it is set" in night.says(case)
    made = [one for one in await rows(night.record_url, proposals) if one.ticket_key == key]
    assert len(made) == 1
    decided = [one for one in await rows(night.record_url, decisions) if one.proposal_id == made[0].id]
    assert [one.status for one in decided] == ["approved"]
    operations = await _operations(night.record_url, ProposalId(made[0].id))
    seen = Counter((one.what, one.value) for one in night.town.github.effects(night.town.repository, case.number))
    assert {_shown(one): 1 for one in operations} == _without_text(seen)
    assert night.town.github.writes_per_issue()[night.town.repository, case.number] == len(operations)
    kept = [one for one in await rows(night.record_url, effects) if one.ticket_key == key]
    assert len(kept) == len(operations)
    await _audited(night, key, len(operations))


async def _audited(night: Night, key: str, operations: int) -> None:
    record = Record(night.record_url, InProcess())
    async with record.read() as tx:
        actions = Counter(one.action for one in await tx.audit.entries(key))
    await record.close()
    refused = actions.pop("decision_refused", 0)
    assert actions == {"proposed": 1, "approved": 1, "write_applied": operations}
    assert refused <= 1  # a second press of somebody who never got an answer to the first


async def _operations(url: str, proposal: ProposalId) -> list[Operation]:
    engine = open_engine(url)
    async with reading(engine) as connection:
        found: list[OutboxRow] = await Outbox(connection).of(proposal)
    await engine.dispose()
    assert {one.outcome for one in found} == {"applied"}
    return [one.operation for one in found]


def _shown(operation: Operation) -> tuple[str, str]:
    match operation:
        case AddLabel(label=label):
            return "labeled", label
        case Assign(login=login):
            return "assigned", login
        case Comment():
            return "commented", ""


def _without_text(seen: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Comments are compared by their number: what the marker says is `duplicate_writes`' affair."""
    counted: Counter[tuple[str, str]] = Counter()
    for (what, value), times in seen.items():
        counted[what, "" if what == "commented" else value] += times
    return dict(counted)
