"""From SQLite to PostgreSQL with a question that waits: it is answered on the other side, and nothing is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select, text

from bot import moving
from bot.checkpoints.copying import copy_threads
from bot.checkpoints.opening import open_checkpoints
from bot.checkpoints.sqlite import open_sqlite
from bot.moving import move
from bot.record.opening import open_record
from bot.record.tables import decisions, jobs, steps
from bot.service.notebook import RecordNotebook
from bot.settings import Settings
from bot.tasks import SettleTriage
from bot.work.delivery import InProcess
from graphs.model import ProposalId, TriageId
from graphs.runner import Runner
from graphs.state import State
from tests.builders import a_ref, an_approval
from tests.checkpoints import storing
from tests.graphs.doubles import TRIAGE, a_bench
from tests.record.seeds import tuples

OTHER = TriageId("e" * 32)


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, strata_directory=tmp_path)


@pytest.fixture
def new(old: Settings, pg_database: str) -> Settings:
    return old.model_copy(update={"strata_record_url": pg_database})


def _hush(_what: str, _done: int, _of: int) -> None:
    pass


def dumped(settings: Settings) -> list[list[str]]:
    """Everything in both files."""
    both = []
    for name in ("record.db", "checkpoints.db"):
        with closing(sqlite3.connect(settings.strata_directory / name)) as connection:
            both.append(list(connection.iterdump()))
    return both


async def wait_for_a_person(settings: Settings, triage: TriageId = TRIAGE, number: int = 12) -> None:
    """A triage with everything that is stored of it, up to the question."""
    record = await open_record(settings, InProcess())
    async with record.begin() as tx:
        assert await tx.triages.begin(triage, a_ref(number), "opened")
    async with open_checkpoints(settings) as saver:
        deps = replace(a_bench().deps, notebook=RecordNotebook(record))
        await Runner(saver, deps).start(triage, a_ref(number))
    await record.close()


async def decide_and_settle(settings: Settings, triage: TriageId = TRIAGE) -> None:
    """A person answers, and the job behind it resumes the graph."""
    record = await open_record(settings, InProcess())
    async with record.begin() as tx:
        proposal = await tx.proposals.latest(triage)
        assert proposal is not None
        assert await tx.proposals.decide(proposal, an_approval())
        await tx.jobs.add(SettleTriage(triage=triage, proposal=ProposalId(proposal.id)))
        await tx.audit.append("human:U0MLLEAD", "approved", proposal.id)
    async with open_checkpoints(settings) as saver:
        deps = replace(a_bench().deps, notebook=RecordNotebook(record))
        await Runner(saver, deps).resume(triage, proposal.id, "approved")
        assert triage not in await saver.threads()
    of_it = select(steps.c.answer).where(steps.c.triage_id == triage, steps.c.name == "settle")
    assert await tuples(record, of_it) == [('"approved"',)], "the graph went on from its question"
    assert len(await tuples(record, select(decisions))) == 1
    assert len(await tuples(record, select(jobs).where(jobs.c.kind == "settle_triage"))) == 1
    async with record.read() as tx:
        assert await tx.audit.verify()
    await record.close()


async def test_a_question_that_waits_is_answered_after_the_move(old: Settings, new: Settings) -> None:
    await wait_for_a_person(old)
    before = dumped(old)
    moved = await move(new, old.strata_directory / "record.db", _hush)
    assert moved.threads is not None
    assert (moved.threads.copied, moved.threads.given_up) == (1, ())
    await decide_and_settle(new)
    assert dumped(old) == before, "the source is as it was"


async def test_a_move_that_was_interrupted_after_its_threads_is_made_again(
    old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wait_for_a_person(old)
    with monkeypatch.context() as interrupted:

        async def power_cut(*given: object) -> object:
            await copy_threads(*given)  # type: ignore[arg-type]  # handed on
            raise ZeroDivisionError

        interrupted.setattr(moving, "copy_threads", power_cut)
        with pytest.raises(ZeroDivisionError):
            await move(new, old.strata_directory / "record.db", _hush)
    await decide_and_settle(old)  # the bot runs on for a while
    await wait_for_a_person(old, OTHER, 13)
    await move(new, old.strata_directory / "record.db", _hush)
    async with open_checkpoints(new) as saver:
        assert await saver.threads() == [OTHER], "what the first attempt left is gone"


async def test_a_thread_that_cannot_be_read_is_named_and_its_decision_stands(old: Settings, new: Settings) -> None:
    await wait_for_a_person(old)
    storing.run(old, "UPDATE checkpoints SET checkpoint = ?", "", b"\xc1")
    moved = await move(new, old.strata_directory / "record.db", _hush)
    assert moved.threads is not None
    assert (moved.threads.copied, moved.threads.given_up) == (0, (TRIAGE,))
    record = await open_record(new, InProcess())
    async with record.begin() as tx:
        proposal = await tx.proposals.latest(TRIAGE)
        assert proposal is not None
        assert await tx.proposals.decide(proposal, an_approval())
    await record.close()


async def test_a_record_without_checkpoints_is_moved_all_the_same(old: Settings, new: Settings) -> None:
    await wait_for_a_person(old)
    old.checkpoints_path.unlink()
    moved = await move(new, old.strata_directory / "record.db", _hush)
    assert moved.threads is None
    assert moved.rows["proposals"] == 1


async def test_a_thread_is_the_same_step_by_step(old: Settings, new: Settings) -> None:
    """Several steps, with what was written between them."""
    async with open_sqlite(old.checkpoints_path) as source, open_checkpoints(new) as target:
        bench = a_bench()
        runner = Runner(source, bench.deps)
        plain = {"triage": TRIAGE, "ref": a_ref().model_dump_json()}
        await runner._graph.ainvoke(  # as a version with another durability would have left it
            cast("State", plain),
            {"configurable": {"thread_id": TRIAGE}},
            context=bench.deps,
            durability="sync",
            version="v2",
        )
        told: list[tuple[int, int]] = []
        threads = await copy_threads(source, target, lambda *one: told.append(one))
        assert threads.copied == 1
        assert told == [(1, 1)]
        here: dict[str, dict[str, str]] = {"configurable": {"thread_id": TRIAGE}}
        steps_of = [[one async for one in saver.alist(here)] for saver in (source, target)]  # type: ignore[arg-type]
        assert len(steps_of[0]) > 3
        assert [one.checkpoint for one in steps_of[1]] == [one.checkpoint for one in steps_of[0]]
        await Runner(target, bench.deps).resume(TRIAGE, bench.notebook.proposals[0].id, "rejected")
        assert bench.notebook.answers["settle"] == '"rejected"'


async def test_the_schema_of_the_checkpoints_is_no_part_of_the_record(new: Settings) -> None:
    await moving.bring_up(new)
    record = await open_record(new, InProcess())
    names = await tuples(record, text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
    assert not {name for (name,) in names if str(name).startswith("checkpoint")}
    await record.close()
