"""Lessons on both stores: read in the order of their commits, by an index however many there are, kept by an update."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import Connection, insert, select, text, update

from bot.record import migrate
from bot.record.engine import open_engine
from bot.record.lessons import FROM_THE_START, verdict_on
from bot.record.record import Record
from bot.record.tables import lessons, proposals, steps, tickets, triages
from bot.service.certainties import RENEW_S, RecordDecided
from bot.work.delivery import InProcess
from graphs.agent.answer import Sure
from graphs.agent.certainty import Judged
from graphs.answers import Screened
from graphs.model import Decision, Edited, LayerId, Proposal, ProposalId, RejectReason
from graphs.state import Step
from tests.builders import (
    MODEL,
    NOW,
    ON_DUTY,
    RETRIEVAL,
    a_clean_ticket,
    a_proposal,
    a_ref,
    a_rejection,
    an_analysis,
    an_approval,
)
from tests.record.seeds import proposed, tuples
from tests.record.test_plans import _seen

PLACE = a_ref().place


async def learnt(record: Record, number: int, decision: Decision | None = None) -> Proposal:
    proposal = await proposed(record, number)
    made = decision or an_approval()
    screened = Screened(ticket=a_clean_ticket(), closed=False, opened_at=NOW)
    async with record.begin() as tx:
        await tx.triages.keep(proposal.triage, Step.SCREEN, screened.model_dump_json())
        await tx.proposals.decide(proposal, made)
        seq = await tx.audit.append("human:U1", made.status, proposal.target.key)
        await tx.lessons.add(proposal, verdict_on(proposal, made, None), ON_DUTY, 0.8, seq)
    return proposal


def test_what_a_decision_says_of_the_layer() -> None:
    proposal = a_proposal()
    other = proposal.model_copy(update={"layer": MODEL})
    edited = Edited(by=ON_DUTY, at=NOW, proposal=ProposalId("p2"))
    named = a_rejection().model_copy(update={"layer": MODEL})
    told = [
        verdict_on(proposal, an_approval(), None),
        verdict_on(proposal, edited, other),
        verdict_on(proposal, edited, proposal),
        verdict_on(proposal, edited, None),
        verdict_on(proposal, named, None),
        verdict_on(proposal, a_rejection(), None),
        verdict_on(proposal, a_rejection(reason=RejectReason.NOT_NOW).model_copy(update={"layer": MODEL}), None),
    ]
    assert [(one.layer, one.was_right) for one in told] == [
        (RETRIEVAL, True),
        (MODEL, False),
        (RETRIEVAL, True),
        (None, None),
        (MODEL, False),
        (None, False),
        (None, None),
    ]


async def test_changes_come_newest_first_and_only_those_behind_a_number(record: Record) -> None:
    for number in (1, 2, 3):
        await learnt(record, number)
    async with record.read() as tx:
        head = await tx.lessons.head(PLACE)
        found = await tx.lessons.changed(PLACE, FROM_THE_START, head, 10)
        assert [one.lesson.ticket.rpartition("#")[2] for one in found] == ["3", "2", "1"]
        assert found[0].screened is not None
        assert [one.lesson.seq for one in await tx.lessons.changed(PLACE, head - 1, head, 10)] == [head]
        assert await tx.lessons.head("github:main:acme/other") == FROM_THE_START
    async with record.begin() as tx:
        seq = await tx.audit.append("operator", "lessons_forgotten", a_ref(1).key)
        assert await tx.lessons.forget(a_ref(1).key, seq) == 1
    async with record.read() as tx:
        [one] = await tx.lessons.changed(PLACE, head, await tx.lessons.head(PLACE), 10)
        assert (one.lesson.ticket, one.lesson.forgotten) == (a_ref(1).key, True)
        assert await tx.lessons.about(a_ref(1).key) == 0


async def test_one_decision_is_one_lesson_however_often_it_is_told(record: Record) -> None:
    proposal = await learnt(record, 1, a_rejection())
    async with record.begin() as tx:
        await tx.lessons.add(proposal, verdict_on(proposal, an_approval(), None), ON_DUTY, 0.8, 99)
    assert await tuples(record, select(lessons.c.layer, lessons.c.was_right)) == [(None, False)]


async def test_the_count_and_the_head_are_found_by_their_indexes(record: Record) -> None:
    """However many decisions there are in other places, of other engines and layers."""
    ref, proposal = a_ref(1), await learnt(record, 1)
    row = {
        "ticket_key": "github:main:acme/other#1",
        "said": RETRIEVAL,
        "share": 80,
        "layer": RETRIEVAL,
        "was_right": True,
        "by": ON_DUTY,
        "forgotten": False,
    }
    many = [
        {**row, "proposal_id": f"p{n}", "place": f"github:main:acme/p{n % 40}", "engine": f"e{n % 7}", "seq": n}
        for n in range(4_000)
    ]
    async with record.engine.begin() as connection:
        body = {"ticket_key": ref.key, "digest": "", "body": "{}", "created_at": 0, "expires_at": 0, "replaces": None}
        stored = [{**body, "id": one["proposal_id"], "triage_id": proposal.triage} for one in many]
        await connection.execute(insert(proposals), stored)
        await connection.execute(insert(lessons), many)
        await connection.execute(text("ANALYZE lessons"))
    with _seen(record) as statements:
        async with record.read() as tx:
            assert await tx.lessons.head(PLACE) > 0
            assert await tx.lessons.like(proposal.model_copy(update={"id": ProposalId("another")}), 200)
            assert await tx.lessons.about(ref.key)
    explain = "EXPLAIN QUERY PLAN " if record.engine.dialect.name == "sqlite" else "EXPLAIN "
    asked = [one for one in statements if "FROM lessons" in one[0]]
    indexes = ("ix_lessons_place_seq", "ix_lessons_place_engine_said_seq", "ix_lessons_")
    for (query, parameters), index in zip(asked, indexes, strict=True):
        async with record.engine.connect() as connection:
            plan = "\n".join(str(tuple(one)) for one in await connection.exec_driver_sql(explain + query, parameters))
        assert index in plan, plan
        assert "SCAN lessons" not in plan
        assert "Seq Scan" not in plan
        assert "Sort" not in plan
        assert "TEMP B-TREE" not in plan


def _as_of_version_3(connection: Connection) -> None:
    command.upgrade(migrate.configuration(connection), "0003")
    for number, status in enumerate(("approved", "edited", "rejected", "expired"), 1):
        ref, name = a_ref(number), f"t{number}"
        connection.execute(
            insert(tickets).values(key=ref.key, ref=ref.model_dump_json(), first_seen_at=1, last_seen_at=1)
        )
        state = {"state": "closed", "why": "", "created_at": 1, "changed_at": 1}
        connection.execute(insert(triages).values(id=name, ticket_key=ref.key, **state))
        answer = an_analysis().model_dump_json()
        connection.execute(insert(steps).values(triage_id=name, name="analyse", answer=answer, at=1))
        first = a_proposal(f"p{number}", name, target=ref)
        second = first.model_copy(update={"id": ProposalId(f"e{number}"), "replaces": first.id, "layer": MODEL})
        made: dict[str, Decision] = {
            "approved": an_approval(),
            "edited": Edited(by=ON_DUTY, at=NOW, proposal=second.id),
            "rejected": a_rejection(),
        }
        for one in (first, second) if status == "edited" else (first,):
            connection.execute(
                insert(proposals).values(
                    id=one.id,
                    triage_id=name,
                    ticket_key=ref.key,
                    digest="",
                    body=one.model_dump_json(),
                    created_at=1,
                    expires_at=2,
                    replaces=one.replaces,
                )
            )
            decision = an_approval() if one is second else made.get(status)
            body = decision.model_dump_json() if decision else '{"status":"expired","at":1}'
            connection.execute(
                text(
                    "INSERT INTO decisions (proposal_id, status, digest, body, at)"
                    " VALUES (:id, :status, '', :body, :at)"
                ),
                {"id": one.id, "status": "approved" if one is second else status, "body": body, "at": 10 - number},
            )


async def test_an_update_keeps_what_was_taught_before(empty_url: str) -> None:
    engine = open_engine(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(_as_of_version_3)
    await migrate.upgrade(engine)
    await engine.dispose()
    record = Record(empty_url, InProcess())
    query = select(lessons.c.proposal_id, lessons.c.layer, lessons.c.was_right, lessons.c.share).order_by(lessons.c.seq)
    assert await tuples(record, query) == [
        ("p3", None, False, 80),
        ("p2", MODEL, False, 80),
        ("p1", RETRIEVAL, True, 80),
    ]
    async with record.read() as tx:
        assert await tx.lessons.head(PLACE) < 0
        assert len(await tx.lessons.changed(PLACE, FROM_THE_START, 0, 10)) == 3
        [newest, *_] = await tx.lessons.listed(PLACE, 10)
    assert newest.lesson.engine == "local-lexical-1"
    await record.close()


@pytest.mark.parametrize("layer", [None, LayerId("x")])
async def test_a_rejection_keeps_the_layer_that_was_named(record: Record, layer: LayerId | None) -> None:
    proposal = await learnt(record, 1, a_rejection().model_copy(update={"layer": layer}))
    async with record.read() as tx:
        stored = await tx.proposals.decision(proposal.id)
    assert stored is not None
    assert stored.model_dump()["layer"] == layer


async def test_how_often_an_engine_was_right_is_read_with_what_had_shaped_it(record: Record) -> None:
    """Kept for ten minutes; other engines, other places and what was forgotten count for nothing."""
    kept, rejected, forgotten = [
        await learnt(record, 1),
        await learnt(record, 2, a_rejection()),
        await learnt(record, 3),
    ]
    engine = kept.versions["engine"]
    async with record.begin() as tx:
        seq = await tx.audit.append("operator", "forgotten", forgotten.target.key)
        await tx.lessons.forget(forgotten.target.key, seq)
    async with record.read() as tx:
        found = await tx.lessons.made_by(PLACE, engine, 10)
        assert [one.was_right for one in found] == [False, True]
        assert [one.versions for one in found] == [rejected.versions, kept.versions]
        assert await tx.lessons.made_by(PLACE, "another", 10) == []
        assert await tx.lessons.made_by("elsewhere", engine, 10) == []
    now = [0.0]
    decided = RecordDecided(record, lambda: now[0])
    assert await decided.judged(PLACE, engine, "p") == {}, "a proposal of no model"
    await _certain(record, kept, "likely")
    assert await decided.judged(PLACE, engine, "p") == {}
    now[0] = RENEW_S
    assert await decided.judged(PLACE, engine, "p") == {Sure.LIKELY: Judged(right=1, of=1)}


async def _certain(record: Record, proposal: Proposal, word: str) -> None:
    """As if a model had made the proposal and used this word."""
    said = proposal.model_copy(update={"versions": {**proposal.versions, "agent_prompts": "p", "certainty": word}})
    change = update(proposals).where(proposals.c.id == proposal.id).values(body=said.model_dump_json())
    async with record.engine.begin() as connection:
        await connection.execute(change)
