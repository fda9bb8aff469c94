"""`strata jobs`: what an operator sees is what the record says, and what he does is done, audited and told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.cli.exits import DONE, REFUSED, UNREACHABLE, WRONG
from bot.record import migrate
from bot.record.record import Record, Transaction
from bot.service.notebook import RecordNotebook
from bot.service.triaging import Triaging, buried, triage_id
from bot.tasks import Asker, Claimed, ExecuteProposal, RefreshCard, TellChannel, TriageTicket
from bot.work.delivery import InProcess
from bot.work.worker import Pace, Worker
from graphs.model import ProposalId, TicketRef, TriageId, TriageState
from tests.builders import a_ref
from tests.cli.strata import CANARY, COMPLETE, Strata

T = TypeVar("T")
TRIAGE = TriageTicket(ref=a_ref(), why="opened")


class Store:
    """The record of the settings, between two commands."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._url = f"sqlite+aiosqlite:///{folder / 'record.db'}"
        self.do(lambda record: migrate.upgrade(record.engine))

    def do(self, act: Callable[[Record], Awaitable[T]]) -> T:
        async def run() -> T:
            record = Record(self._url, InProcess())
            try:
                return await act(record)
            finally:
                await record.close()

        return asyncio.run(run())

    def write(self, act: Callable[[Transaction], Awaitable[T]]) -> T:
        async def within(record: Record) -> T:
            async with record.begin() as tx:
                return await act(tx)

        return self.do(within)

    def add(self, *tasks: TriageTicket | RefreshCard | ExecuteProposal | TellChannel) -> None:
        async def added(tx: Transaction) -> None:
            for task in tasks:
                await tx.jobs.add(task, ticket=a_ref().key)

        self.write(added)

    def give_up(self, kind: str, why: str = "no more") -> int:
        async def given_up(tx: Transaction) -> int:
            job = await tx.jobs.claim([kind], "tests", 60_000)
            assert job is not None
            await tx.jobs.bury(job, why)
            return job.id

        return self.write(given_up)

    def audited(self) -> list[tuple[str, str]]:
        async def read(record: Record) -> list[tuple[str, str]]:
            async with record.read() as tx:
                await tx.audit.verify()
                return [(one.actor, one.action) for one in await tx.audit.entries()]

        return self.do(read)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


# --- list ---------------------------------------------------------------------------------------------------------


def test_the_list_for_programs_is_one_object(strata: Strata, store: Store) -> None:
    store.add(TRIAGE, RefreshCard(triage=TriageId("t")))
    dead = store.give_up("refresh_card", "the channel is gone")
    ended = strata("jobs", "list", "--json", "--state", "dead")
    shown = json.loads(ended.out)
    assert ended.code == DONE
    assert shown["counts"] == {"ready": 1, "leased": 0, "dead": 1, "done": 0}
    [job] = shown["jobs"]
    assert (job["id"], job["kind"], job["error"]) == (dead, "refresh_card", "the channel is gone")
    assert job["ticket"] == a_ref().key


def test_the_list_for_people_has_a_line_for_each_job(strata: Strata, store: Store) -> None:
    store.add(TRIAGE, RefreshCard(triage=TriageId("t")))
    store.give_up("refresh_card", "half \x1b[2J\x07 done")
    ended = strata("jobs", "list")
    first, second, counts = ended.out.splitlines()
    assert "refresh_card" in first
    assert "\x1b" not in ended.out
    assert "triage_ticket" in second
    assert counts == "1 ready, 0 leased, 1 dead, 0 done"
    assert len(strata("jobs", "list", "--kind", "triage_ticket").out.splitlines()) == 2
    assert len(strata("jobs", "list", "--limit", "1").out.splitlines()) == 2


def test_a_new_record_has_no_jobs(strata: Strata) -> None:
    ended = strata("jobs", "list")
    assert (ended.code, ended.out) == (DONE, "0 ready, 0 leased, 0 dead, 0 done\n")


# --- retry --------------------------------------------------------------------------------------------------------


class Graph:
    """The triage graph, reduced to what it does to the record."""

    def __init__(self, record: Record, *, works: bool) -> None:
        self._record = record
        self._works = works

    async def start(self, triage: TriageId, _ref: TicketRef, *_more: object, **_named: object) -> None:
        if not self._works:
            raise ZeroDivisionError
        await RecordNotebook(self._record).close(triage, "the ticket needs nothing")


def _work(store: Store, *, works: bool) -> list[Claimed]:
    """Does what triages there are, without waiting between two tries; the jobs as they were claimed."""

    async def work(record: Record) -> list[Claimed]:
        async def reply(_asker: Asker, _text: str) -> None:
            raise AssertionError("nobody asked")

        graph = Graph(record, works=works)
        triaging = Triaging(record, graph, reply, lambda: False)  # type: ignore[arg-type]  # a double
        worker = Worker(record, InProcess(), {"triage_ticket": triaging.triage}, buried, Pace(backoff_s=0))
        done: list[Claimed] = []
        while True:
            async with record.begin() as tx:
                job = await tx.jobs.claim(["triage_ticket"], "tests", 60_000)
            if job is None:
                return done
            await worker.work(job)
            done.append(job)

    return store.do(work)


def _state(store: Store, triage: TriageId) -> TriageState:
    async def read(tx: Transaction) -> TriageState:
        return (await tx.triages.get(triage)).state

    return store.write(read)


def test_a_failed_triage_that_is_tried_again_is_a_new_triage(strata: Strata, store: Store) -> None:
    """From the dead letter to its good end: the id of the first triage is used up."""
    store.add(TRIAGE)
    tries = _work(store, works=False)
    assert [job.attempts for job in tries] == [1, 2, 3, 4, 5]
    failed = triage_id(a_ref().key, tries[-1])
    assert _state(store, failed) is TriageState.FAILED

    ended = strata("jobs", "retry", str(tries[0].id), **COMPLETE)
    assert (ended.code, ended.out) == (DONE, f"Job {tries[0].id} (triage_ticket) is tried again.\n")

    [again] = _work(store, works=True)
    assert (again.id, again.attempts) == (tries[0].id, 1)
    anew = triage_id(a_ref().key, again)
    assert anew != failed
    assert (_state(store, failed), _state(store, anew)) == (TriageState.FAILED, TriageState.CLOSED)
    assert ("operator", "job_retried") in store.audited()


def test_all_dead_letters_but_the_dropped_ones(strata: Strata, store: Store) -> None:
    store.add(TRIAGE, RefreshCard(triage=TriageId("t")), TRIAGE, TRIAGE)
    dead = [store.give_up(kind) for kind in ("triage_ticket", "triage_ticket", "triage_ticket", "refresh_card")]
    assert strata("jobs", "drop", str(dead[0]), "--why", "seen", **COMPLETE).code == DONE
    ended = strata("jobs", "retry", "--all-dead", "--kind", "triage_ticket", **COMPLETE)
    assert (ended.code, len(ended.out.splitlines())) == (DONE, 2)
    shown = json.loads(strata("jobs", "list", "--json", "--state", "dead").out)["jobs"]
    assert {job["id"] for job in shown} == {dead[0], dead[3]}
    assert strata("jobs", "retry", "--all-dead", **COMPLETE).out.startswith(f"Job {dead[3]} ")
    assert strata("jobs", "retry", "--all-dead", **COMPLETE).out == "There are no dead letters to try again.\n"


def test_what_cannot_be_tried_again_is_told_and_the_rest_is_done(strata: Strata, store: Store) -> None:
    store.add(TRIAGE, TRIAGE, ExecuteProposal(proposal=ProposalId("p")))
    dead, written = store.give_up("triage_ticket"), store.give_up("execute_proposal")
    ready = dead + 1
    ended = strata("jobs", "retry", "999", str(ready), str(written), str(dead), **COMPLETE)
    assert ended.code == REFUSED
    assert ended.out == f"Job {dead} (triage_ticket) is tried again.\n"
    absent, waiting, over = ended.sentences
    assert "there is no job 999" in absent
    assert f"job {ready} is ready" in waiting
    assert f"`strata triage {a_ref().short}` instead" in over


# --- drop ---------------------------------------------------------------------------------------------------------


def test_a_dropped_job_ends_visibly(strata: Strata, store: Store) -> None:
    store.add(TRIAGE)
    ended = strata("jobs", "drop", "1", "--why", "a test ticket", **COMPLETE)
    assert (ended.code, ended.out) == (DONE, "Job 1 (triage_ticket) is dropped.\n")
    shown = json.loads(strata("jobs", "list", "--json").out)["jobs"]
    assert [(job["kind"], job["state"], job["error"]) for job in shown] == [
        ("tell_channel", "ready", ""),
        ("triage_ticket", "dead", "dropped: a test ticket"),
    ]
    assert store.audited() == [("system", "job_given_up"), ("operator", "job_dropped")]


def test_a_job_at_work_is_not_dropped(strata: Strata, store: Store) -> None:
    store.add(TRIAGE)
    store.write(lambda tx: tx.jobs.claim(["triage_ticket"], "worker", 60_000))
    ended = strata("jobs", "drop", "1", "--why", "x", **COMPLETE)
    assert (ended.code, ended.out) == (REFUSED, "")
    assert "is being worked on" in ended.sentences[0]
    assert store.audited() == []


# --- wrong calls --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--state", "lost"],
        ["list", "--kind", "lost"],
        ["list", "--limit", "0"],
        ["retry"],
        ["retry", "1", "--all-dead"],
        ["retry", "1", "--kind", "triage_ticket"],
        ["retry", "one"],
        ["retry", "--all-dead", "--kind", "lost"],
        ["drop", "1"],
        ["drop", "--why", "x"],
        ["drop", "1", "--why", " "],
    ],
)
def test_a_wrong_call(strata: Strata, arguments: list[str]) -> None:
    assert strata("jobs", *arguments, **COMPLETE).code == WRONG


def test_a_record_that_cannot_be_reached(strata: Strata) -> None:
    url = f"postgresql+psycopg://strata:{CANARY}@127.0.0.1:9/strata?connect_timeout=2"
    for arguments in (["list"], ["retry", "1"], ["drop", "1", "--why", "x"]):
        ended = strata("jobs", *arguments, **COMPLETE | {"STRATA_RECORD_URL": url})
        assert (ended.code, ended.out) == (UNREACHABLE, "")
