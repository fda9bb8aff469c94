"""What a night left behind, read once: rows of the record, the audit, threads, and every place where text is kept.

Owns the reading. Must not judge: that is `account`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import Row, Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.checkpoints.postgres import SCHEMA
from bot.demo.town import CHANNEL
from bot.record import tables
from bot.record.audit import Audit, Entry
from bot.record.engine import open_engine, reading
from graphs.model import AddLabel, Assign, Comment, Operation, Proposal
from graphs.proposing import digest_of
from tests.crash.night import Case, Night

Rows = Sequence[Row[tuple[object, ...]]]
_OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)
_EVENTS = {"labeled": "label", "assigned": "assignee", "commented": "comment"}
THREADS = ("checkpoints", "writes")
PG_THREADS = ("checkpoints", "checkpoint_writes", "checkpoint_blobs")


@dataclass(frozen=True)
class Proposed:
    digest: str
    recomputed: str
    replaces: str | None


@dataclass(frozen=True)
class Decided:
    proposal: str
    ticket: str
    status: str
    digest: str
    by: str
    """Empty where no person did."""


@dataclass(frozen=True)
class Sent:
    """One row of the outbox."""

    proposal_id: str
    ticket: str
    state: str
    outcome: str
    field: str
    value: str
    """Of a comment nothing: its text is not compared, its marker is GitHub's affair."""


@dataclass(frozen=True)
class Evidence:
    inbox: Rows
    jobs: Rows
    triages: Rows
    effects: Rows
    proposals: dict[str, Proposed]
    decisions: dict[str, Decided]
    outbox: tuple[Sent, ...]
    audit: list[Entry]
    chain: int
    """Number of audit entries, all of which verify."""
    threads: int
    new_labels: frozenset[str]
    """Labels that approved operations call new."""

    scheduled: frozenset[str] = frozenset()
    """Kinds of jobs that come back by themselves."""

    def outbox_of(self, night: Night, case: Case) -> list[Sent]:
        return [one for one in self.outbox if one.ticket == key(night, case)]

    def decisions_of(self, night: Night, case: Case) -> list[Decided]:
        return [one for one in self.decisions.values() if one.ticket == key(night, case)]

    def effects_on(self, night: Night, case: Case) -> list[tuple[str, str]]:
        """What the record says was changed."""
        mine = [one for one in self.effects if one.ticket_key == key(night, case)]
        return sorted((str(one.field), "" if one.field == "comment" else str(one.value)) for one in mine)

    def changes_of(self, night: Night, case: Case) -> list[tuple[str, str]]:
        """What GitHub says was changed."""
        seen = night.town.github.effects(night.town.repository, case.number)
        return sorted((_EVENTS[one.what], "" if one.what == "commented" else one.value) for one in seen)


def key(night: Night, case: Case) -> str:
    return f"github:main:{night.town.repository}#{case.number}"


async def collect(night: Night) -> Evidence:
    engine = open_engine(night.record_url)
    async with reading(engine) as connection:
        made = {one.id: one for one in await _rows(connection, tables.proposals)}
        operations = list(await _rows(connection, tables.outbox))
        proposals = {str(name): _proposed(one) for name, one in made.items()}
        decided = [_decided(one, made[one.proposal_id]) for one in await _rows(connection, tables.decisions)]
        evidence = Evidence(
            inbox=await _rows(connection, tables.inbox),
            jobs=await _rows(connection, tables.jobs),
            triages=await _rows(connection, tables.triages),
            effects=await _rows(connection, tables.effects),
            proposals=proposals,
            decisions={one.proposal: one for one in decided},
            outbox=tuple(_sent(one) for one in operations),
            audit=await Audit(connection).entries(),
            chain=await Audit(connection).verify(),
            threads=await _threads(connection) + _threads_in(night.folder / "checkpoints.db"),
            new_labels=frozenset(_new_labels(operations)),
        )
    await engine.dispose()
    return evidence


async def _rows(connection: AsyncConnection, table: Table) -> Rows:
    return (await connection.execute(select(table))).all()


def _proposed(row: Row[tuple[object, ...]]) -> Proposed:
    one = Proposal.model_validate_json(row.body)
    return Proposed(row.digest, digest_of(one.target, one.seen, one.operations, one.versions), row.replaces)


def _decided(row: Row[tuple[object, ...]], proposal: Row[tuple[object, ...]]) -> Decided:
    by = json.loads(row.body).get("by", "")
    return Decided(row.proposal_id, proposal.ticket_key, row.status, row.digest, by)


def _sent(row: Row[tuple[object, ...]]) -> Sent:
    match _OPERATION.validate_json(row.operation):
        case AddLabel(label=label):
            field, value = "label", label
        case Assign(login=login):
            field, value = "assignee", login
        case Comment():
            field, value = "comment", ""
        case other:
            raise AssertionError(f"nothing is taken back in these nights: {other}")
    return Sent(row.proposal_id, row.ticket_key, row.state, row.outcome, field, value)


def _new_labels(rows: Rows) -> list[str]:
    operations = [_OPERATION.validate_json(row.operation) for row in rows]
    return [one.label for one in operations if isinstance(one, AddLabel) and one.creates]


async def _threads(connection: AsyncConnection) -> int:
    """Rows of threads in the record's PostgreSQL; on SQLite they have a file of their own."""
    if connection.dialect.name == "sqlite":
        return 0
    counts = [await connection.execute(text(f"SELECT count(*) FROM {SCHEMA}.{one}")) for one in PG_THREADS]  # noqa: S608  # fixed names
    return sum(int(one.scalar_one()) for one in counts)


def _threads_in(file: Path) -> int:
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file)) as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in THREADS]  # noqa: S608  # fixed names
    return sum(counts)


async def sinks(night: Night) -> dict[str, str]:
    """Everything the bot keeps, says or sends, as text, by the name of the place."""
    engine = open_engine(night.record_url)
    async with reading(engine) as connection:
        kept = {f"table {name}": repr(await _rows(connection, table)) for name, table in tables.metadata.tables.items()}
    await engine.dispose()
    files = [one for one in night.folder.rglob("*") if one.is_file()]
    kept |= {f"file {one.name}": one.read_bytes().decode(errors="replace") for one in files}
    slack, github = night.town.slack, night.town.github
    kept["Slack's channel"] = repr(slack.messages(CHANNEL))
    kept["calls to Slack"] = repr(slack.journal.calls)
    kept["calls to GitHub"] = repr(github.journal.writes)
    return kept
