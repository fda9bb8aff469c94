"""The places where a person's words and accounts can stand in the record, and how they are taken out of them.

What was decided stays: ids, labels, layers, who decided. An erased proposal keeps its digest, which was computed over
the text that is gone, so it can never be executed. Owns rows; `bot.service.forgetting` says in which order, the audit
erases for itself (`bot.record.audit`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import Final

from pydantic import JsonValue
from sqlalchemy import (
    Column,
    ColumnElement,
    RowMapping,
    ScalarSelect,
    Table,
    and_,
    delete,
    func,
    null,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.eraser import ERASED, Eraser, whole_word
from bot.record.operating import DROPPED
from bot.record.tables import (
    absences,
    cards,
    decisions,
    effects,
    inbox,
    incidents,
    jobs,
    outbox,
    people,
    proposals,
    quarantine,
    steps,
    tickets,
    triages,
)
from graphs.model import TicketKey, TriageId, TriageState, Value
from graphs.state import Step

Key = tuple[object, ...]
_SAFE: Final[dict[Column[str], frozenset[str]]] = {
    steps.c.answer: frozenset(
        {
            *("tracker", "install", "project", "number", "url", "labels", "tracker_labels", "version"),
            *("layer", "kind", "role", "risks", "source", "engine"),
        }
    ),
    proposals.c.body: frozenset(
        {
            *("id", "triage", "tracker", "install", "project", "number", "labels", "version", "op", "label", "login"),
            *("digest", "layer", "kind", "edited_by", "replaces", "asks"),
        }
    ),
    decisions.c.body: frozenset({"status", "by", "reason", "why", "proposal", "layer"}),
    outbox.c.operation: frozenset({"op", "label", "login"}),
}
"""The columns with JSON, each with the fields whose strings are never the reporter's words."""
_PROSE: Final = frozenset({outbox.c.detail, triages.c.why, jobs.c.error, inbox.c.why, incidents.c.note})
NAMED: Final = (*_SAFE, *_PROSE, effects.c.value)
"""Columns in which an account can stand."""
_OVER: Final = jobs.c.finished_at.is_not(None)
_DROPPED: Final = jobs.c.error.like(f"{DROPPED}:%")
_BUSY = (TriageState.QUEUED, TriageState.APPLYING)


def _ticket_of(table: Table) -> ColumnElement[str] | ScalarSelect[str]:
    """The ticket that a row is about."""
    if table is steps:
        return select(triages.c.ticket_key).where(triages.c.id == steps.c.triage_id).scalar_subquery()
    if table is decisions:
        return select(proposals.c.ticket_key).where(proposals.c.id == decisions.c.proposal_id).scalar_subquery()
    return table.c.ticket_key


class Changed(Value):
    """What became of rows that name an account."""

    tickets: frozenset[TicketKey]
    """Their rows are changed."""
    busy: frozenset[TicketKey]
    """Somebody works with them just now: they were left as they are."""


class Erasure:
    """A person's traces, within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def tickets_of(self, install: str, account: str, blinded: str) -> set[TicketKey]:
        """Tickets that this account filed: by their text, or where that is gone by the hash of who filed them."""
        author = f'"author":{json.dumps(account.lower(), ensure_ascii=False)}'
        by_text = (
            select(triages.c.ticket_key)
            .join(steps, steps.c.triage_id == triages.c.id)
            .where(steps.c.name == Step.SCREEN, func.lower(steps.c.answer).contains(author, autoescape=True))
        )
        by_hash = select(tickets.c.key).where(tickets.c.reporter == blinded)
        found = {*(await self._db.execute(by_text)).scalars(), *(await self._db.execute(by_hash)).scalars()}
        return {TicketKey(one) for one in found if one.split(":")[1:2] == [install]}

    async def is_known(self, ticket: TicketKey) -> bool:
        return (await self._db.execute(select(tickets.c.key).where(tickets.c.key == ticket))).one_or_none() is not None

    async def open_jobs(self, ticket: TicketKey, kind: str) -> dict[int, str]:
        """A ticket's jobs of one kind that are not over, with their states."""
        mine = and_(jobs.c.ticket_key == ticket, jobs.c.kind == kind, jobs.c.finished_at.is_(None))
        return {row.id: row.state for row in await self._db.execute(select(jobs.c.id, jobs.c.state).where(mine))}

    async def shown(self, ticket: TicketKey) -> list[TriageId]:
        """Triages of the ticket that have a card; it counts as out of date from now on."""
        mine = select(triages.c.id).where(triages.c.ticket_key == ticket)
        changed = update(cards).where(cards.c.triage_id.in_(mine)).values(shown="").returning(cards.c.triage_id)
        return [TriageId(one) for one in (await self._db.execute(changed)).scalars()]

    async def ids_of(self, ticket: TicketKey) -> set[str]:
        """By these Slack's payloads about the ticket are recognised."""
        query = select(proposals.c.id, proposals.c.triage_id).where(proposals.c.ticket_key == ticket)
        return {one for row in await self._db.execute(query) for one in row}

    async def ticket(self, ticket: TicketKey, eraser: Eraser) -> None:
        """Takes a ticket's texts out of every table but the audit."""
        for column, safe in _SAFE.items():
            table = _table(column)
            rows = await self._db.execute(select(table).where(_ticket_of(table) == ticket))
            for row in rows.mappings():
                await self._store(column, row, eraser.own(row[column.name], safe))
        mine: tuple[tuple[Table, ColumnElement[bool] | None, dict[str, object]], ...] = (
            (outbox, None, {"detail": "", "request_hash": ""}),
            (effects, effects.c.field == "comment", {"value": ERASED}),
            (triages, None, {"why": ""}),
            (incidents, None, {"note": ""}),
            (inbox, None, {"body": b""}),
            (jobs, and_(_OVER, ~_DROPPED), {"body": "{}", "error": ""}),
            (jobs, and_(_OVER, _DROPPED), {"body": "{}", "error": f"{DROPPED}: {ERASED}"}),
        )
        for table, also, values in mine:
            where = table.c.ticket_key == ticket
            await self._db.execute(update(table).where(where if also is None else and_(where, also)).values(values))
        await self._db.execute(update(tickets).where(tickets.c.key == ticket).values(reporter=null()))
        await self._unanswer(ticket)

    async def _unanswer(self, ticket: TicketKey) -> None:
        """A sweep's job that still waits loses the answer it carries, which quotes the ticket: it is asked for anew."""
        mine = and_(jobs.c.ticket_key == ticket, jobs.c.kind == "sweep_ticket", ~_OVER)
        for row in await self._db.execute(select(jobs.c.id, jobs.c.body).where(mine)):
            bare = json.dumps({**json.loads(row.body), "prepared": None})
            await self._db.execute(update(jobs).where(jobs.c.id == row.id).values(body=bare))

    async def naming(self, column: Column[str], account: str) -> Sequence[Key]:
        """Primary keys of rows in which the account may stand."""
        keys = select(*_table(column).primary_key.columns)
        found = await self._db.execute(keys.where(func.lower(column).contains(account.lower(), autoescape=True)))
        return [tuple(row) for row in found]

    async def unname(self, column: Column[str], keys: Collection[Key], eraser: Eraser) -> Changed:
        """Takes the account out of these rows, except where somebody works with them."""
        table, changed, busy = _table(column), set(), set()
        query = select(table, _ticket_of(table).label("about")).where(tuple_(*table.primary_key.columns).in_(keys))
        for row in (await self._db.execute(query)).mappings():
            text, about = _without(column, eraser)(row[column.name]), row["about"]
            if text == row[column.name]:
                continue
            if await self._is_busy(column, about):
                busy.add(TicketKey(about))
                continue
            await self._store(column, row, text)
            changed |= {TicketKey(about)} if about else set()
        return Changed(tickets=frozenset(changed), busy=frozenset(busy))

    async def _is_busy(self, column: Column[str], ticket: str | None) -> bool:
        """Whether the graph or the executor relies on what stands there; or a person, whose approval names a digest."""
        live = select(triages.c.state).join(tickets, tickets.c.live_triage == triages.c.id)
        state = (await self._db.execute(live.where(tickets.c.key == ticket))).scalar_one_or_none()
        return state in _BUSY or (state == TriageState.AWAITING and column is proposals.c.body)

    async def deliveries(self, table: Table, ids: Collection[int], words: Collection[str]) -> list[int]:
        """Those of these stored deliveries in whose bodies one of the words stands, as a whole word in any case."""
        wanted = [whole_word(word) for word in words]
        rows = await self._db.execute(select(table.c.id, table.c.body).where(table.c.id.in_(ids)))
        return [row.id for row in rows if any(one.search(bytes(row.body).decode(errors="replace")) for one in wanted)]

    async def put_aside(self, ids: Collection[int]) -> int:
        """Blanks what came under the same id as one of these deliveries, with another body."""
        same = [inbox.c[name] == quarantine.c[name] for name in ("provider", "install", "delivery_id")]
        also = select(inbox.c.id).where(inbox.c.id.in_(ids), *same).exists()
        there = update(quarantine).where(also, func.length(quarantine.c.body) > 0).values(body=b"")
        return (await self._db.execute(there)).rowcount

    async def jobs_about(self, account: str) -> list[int]:
        """Blanks what finished jobs carried of an account; returns the jobs with it that may still be worked on."""
        there = func.lower(jobs.c.body).contains(account.lower(), autoescape=True)
        left = []
        for row in await self._db.execute(select(jobs).where(there).order_by(jobs.c.id)):
            if row.state != "done" and not row.error.startswith(DROPPED):
                left += [row.id] if _holds(json.loads(row.body), account.casefold()) else []
            elif whole_word(account).search(row.body):
                await self._db.execute(update(jobs).where(jobs.c.id == row.id).values(body="{}"))
        return left

    async def person(self, user: str) -> int:
        """Forgets what Slack's directory said of a person, and when they said to be away."""
        await self._db.execute(delete(absences).where(func.lower(absences.c.user) == user.lower()))
        return (await self._db.execute(delete(people).where(func.lower(people.c.user) == user.lower()))).rowcount

    async def _store(self, column: Column[str], row: RowMapping, text: str) -> None:
        table = _table(column)
        same = [one == row[one.name] for one in table.primary_key.columns]
        # As if it were read anew: whoever keeps numbers of a text in memory follows the times (`bot.record.seen`).
        also = {"at": StoreNow()} if table is steps else {}
        await self._db.execute(update(table).where(*same).values({column.name: text, **also}))


def _table(column: Column[str]) -> Table:
    assert isinstance(column.table, Table), "columns of tables"
    return column.table


def _holds(value: JsonValue, account: str) -> bool:
    """Whether one of the values is the account. A repository of the same name is none."""
    match value:
        case str():
            return value.casefold() == account
        case list():
            return any(_holds(one, account) for one in value)
        case dict():
            return any(_holds(one, account) for one in value.values())
        case _:
            return False


def _without(column: Column[str], eraser: Eraser) -> Callable[[str], str]:
    if column in _PROSE:
        return eraser.prose
    return eraser.account if column is effects.c.value else eraser.others
