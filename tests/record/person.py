"""Everything that the record comes to know of one person, made by the real graph on a real record.

Canaries stand in every place where a person's words have been seen to get to.
"""

from __future__ import annotations

import json

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from sqlalchemy import text, update

from bot.executor.operations import field_of
from bot.record.inbox import Delivery, Outcome
from bot.record.record import Record
from bot.record.tables import jobs
from bot.service.notebook import RecordNotebook
from bot.tasks import ExecuteProposal, TriageTicket
from graphs.model import (
    Actor,
    Approved,
    Comment,
    Edited,
    Evidence,
    OutboxState,
    Proposal,
    Rejected,
    RejectReason,
    SlackUserId,
    Ticket,
    TriageId,
    TriageState,
)
from graphs.proposing import digest_of
from graphs.runner import Runner
from graphs.state import Step
from tests.builders import NOW, ON_DUTY, a_ref, a_ticket, an_analysis
from tests.graphs.doubles import TAXONOMY, FakeModel, FakeReader, Trips, WatchedGate, deps_of
from tests.record.seeds import tamper

LOGIN, TITLE, QUOTE, EDITED, NOTE = "Kim-Canary", "title canary", "quote canary", "edited canary", "note canary"
CANARIES = (LOGIN, TITLE, QUOTE, EDITED, NOTE)


def of_kim(number: int) -> Ticket:
    body = f"{QUOTE} since the last run, says {LOGIN}"
    return a_ticket(a_ref(number), title=TITLE, body=body, author=LOGIN, assignees=(LOGIN,))


async def propose(record: Record, saver: BaseCheckpointSaver[str] | None, ticket: Ticket) -> Proposal:
    """What the real graph makes of a ticket; its card is posted."""
    trips, triage = Trips(), TriageId(f"triage-{ticket.ref.number}")
    said = ticket.body.split(" since")[0]
    analysis = an_analysis(evidence=(Evidence(source="quote", text=said),))
    deps = deps_of(
        FakeReader(ticket, TAXONOMY.labels, trips),
        FakeModel(analysis, trips),
        RecordNotebook(record),  # type: ignore[arg-type]  # the notebook
        WatchedGate(),
        lambda: False,
    )
    async with record.begin() as tx:
        await tx.jobs.add(TriageTicket(ref=ticket.ref, why="opened"), ticket=ticket.ref.key)
        assert await tx.triages.begin(triage, ticket.ref, "opened")
    await Runner(saver or InMemorySaver(), deps).start(triage, ticket.ref)
    async with record.begin() as tx:
        await tx.cards.reserve(triage, "C1")
        await tx.cards.posted(triage, f"1.{ticket.ref.number}", "shown")
        proposal = await tx.proposals.latest(triage)
    assert proposal is not None
    return proposal


async def approve(record: Record, first: Proposal, *, writing: bool = False) -> Proposal:
    """A person changed the comment and approved; the executor wrote it."""
    operations = tuple(
        one.model_copy(update={"body": EDITED}) if isinstance(one, Comment) else one for one in first.operations
    )
    digest = digest_of(first.target, first.seen, operations, first.versions)
    new = {"id": f"{first.id[:-1]}e", "operations": operations, "digest": digest, "replaces": first.id}
    edited, key = first.model_copy(update=new), first.target.key
    by = SlackUserId(ON_DUTY)
    async with record.begin() as tx:
        await tx.proposals.add(edited)
        await tx.proposals.decide(first, Edited(by=by, at=NOW, proposal=edited.id))
        await tx.proposals.decide(edited, Approved(by=by, at=NOW))
        await tx.triages.move(first.triage, TriageState.AWAITING, TriageState.APPLYING)
        await tx.outbox.add(edited)
        await tx.jobs.add(ExecuteProposal(proposal=edited.id), ticket=key)
        for row in await tx.outbox.of(edited.id):
            await tx.outbox.move(row, OutboxState.DONE, 1, "applied", f"{LOGIN} was assigned")
            await tx.outbox.record_effect(row, key, *field_of(row.operation))
        if not writing:
            await tx.triages.move(first.triage, TriageState.APPLYING, TriageState.CLOSED, f"{LOGIN} was assigned")
        await tx.audit.append("human:U1", "approved", key, proposal=edited.id, why=f"as {LOGIN} said: {QUOTE}")
    return edited


async def reject(record: Record, proposal: Proposal) -> None:
    decision = Rejected(by=SlackUserId(ON_DUTY), at=NOW, reason=RejectReason.OTHER, note=NOTE)
    async with record.begin() as tx:
        await tx.proposals.decide(proposal, decision)
        await tx.triages.move(proposal.triage, TriageState.AWAITING, TriageState.CLOSED, "rejected")
        await tx.audit.append("human:U1", "rejected", proposal.target.key, why=NOTE)


def click(number: int, proposal: Proposal) -> Delivery:
    body = {"actions": [{"value": f"{proposal.id}.nonce"}], "message": {"text": f"To decide: {TITLE}"}}
    return Delivery(
        provider="slack", install="T0", delivery_id=f"c{number}", name="verdict", body=json.dumps(body).encode()
    )


async def around(record: Record, proposal: Proposal) -> None:
    """What else is kept when people work on a ticket."""
    key = proposal.target.key
    async with record.begin() as tx:
        await tx.inbox.store(click(1, proposal), Outcome.ACCEPTED, "")
        await tx.inbox.store(click(1, proposal).model_copy(update={"body": TITLE.encode()}), Outcome.ACCEPTED, "")
        typed = Delivery(provider="slack", install="T0", delivery_id="t1", name="command", body=f"@{LOGIN}".encode())
        await tx.inbox.store(typed, Outcome.ACCEPTED, "")
        hook = Delivery(provider="github", install="main", delivery_id="g1", name="issues", body=QUOTE.encode())
        await tx.inbox.store(hook, Outcome.IGNORED, f"{LOGIN} set an assignee", key)
        await tx.cards.remember(Actor(user=SlackUserId(LOGIN), team="T0"))
    await tamper(record, update(jobs).values(state="done", finished_at=NOW, error=f"{LOGIN}: {QUOTE}"))


async def story(record: Record, saver: BaseCheckpointSaver[str]) -> list[Proposal]:
    """Four tickets of one person: written, rejected, waiting, and one that failed."""
    made = [await propose(record, saver, of_kim(number)) for number in (1, 2, 3)]
    edited = await approve(record, made[0])
    await reject(record, made[1])
    await around(record, made[0])
    ref = a_ref(4)
    async with record.begin() as tx:
        await tx.triages.begin(TriageId("triage-4"), ref, "opened")
        await tx.triages.keep(
            TriageId("triage-4"), Step.SCREEN, await tx.triages.recall(made[0].triage, Step.SCREEN) or ""
        )
        await tx.triages.move(TriageId("triage-4"), TriageState.QUEUED, TriageState.FAILED, f"{QUOTE} cannot be read")
        await tx.audit.append("agent:triage", "triage_failed", ref.key, why=f"{QUOTE} cannot be read")
    return [edited, *made[1:]]


async def dump(record: Record) -> dict[str, str]:
    """Every column of every row, as text, by table."""
    async with record.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        else:
            query = (
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
                " WHERE schemaname !~ '^(pg_|information_schema)'"
            )
        names = [row[0] for row in await connection.execute(text(query))]
        found = {}
        for name in names:
            every = await connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608  # names of our own tables
            found[name] = "\n".join(repr([_plain(one) for one in row]) for row in every)
    return found


def _plain(value: object) -> object:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else value


def held(dump: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, one) for name, rows_ in dump.items() for one in CANARIES if one.casefold() in rows_.casefold()]
