"""Starting, waiting, resuming and ending a thread, with crashes in between. The checkpointer is the real one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

import ormsgpack
import pytest
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from bot.checkpoints.strict import Unreadable
from graphs.model import ProposalId, TicketState, TriageId
from graphs.proposing import digest_holds
from graphs.runner import Runner, _config
from tests.builders import a_ref, a_ticket
from tests.graphs.doubles import TRIAGE, Bench, Power, a_bench

CANARY = "canary-4d1f-tickets-text"
STEPS = ("screen", "gather", "analyse", "check", "settle")


async def rows(saver: AsyncSqliteSaver, triage: str = TRIAGE) -> int:
    """Checkpoints and pending writes of a thread."""
    found = 0
    for table in ("checkpoints", "writes"):
        query = f"SELECT count(*) FROM {table} WHERE thread_id = ?"  # noqa: S608  # fixed names
        async with saver.conn.execute(query, (triage,)) as cursor:
            row = await cursor.fetchone()
            assert row is not None
            found += row[0]
    return found


async def waits(runner: Runner, triage: TriageId = TRIAGE) -> str | None:
    return await runner._question(_config(triage))


def proposed(bench: Bench) -> ProposalId:
    (proposal,) = bench.notebook.proposals
    return proposal.id


async def test_a_thread_waits_for_a_verdict_and_ends_with_it(saver: AsyncSqliteSaver) -> None:
    bench = a_bench()
    runner = Runner(saver, bench.deps)
    await runner.start(TRIAGE, a_ref())
    assert await waits(runner)
    assert "settle" not in bench.notebook.answers
    await runner.resume(TRIAGE, proposed(bench), "approved")
    assert bench.notebook.answers["settle"] == '"approved"'
    assert bench.notebook.closed == []
    assert await rows(saver) == 0


async def test_a_closed_ticket_is_triaged_where_closed_ones_were_asked_for(saver: AsyncSqliteSaver) -> None:
    bench = a_bench(a_ticket(state=TicketState.CLOSED))
    runner = Runner(saver, bench.deps)
    await runner.start(TRIAGE, a_ref())
    assert bench.notebook.proposals == []
    bench = a_bench(a_ticket(state=TicketState.CLOSED))
    await runner.having(bench.deps).start(TRIAGE, a_ref(), closed_too=True)
    [proposal] = bench.notebook.proposals
    assert proposal.seen.closed
    assert digest_holds(proposal)
    assert not digest_holds(proposal.model_copy(update={"seen": proposal.seen.model_copy(update={"closed": False})}))


async def test_a_second_start_leaves_a_waiting_thread_waiting(saver: AsyncSqliteSaver) -> None:
    bench = a_bench()
    runner = Runner(saver, bench.deps)
    await runner.start(TRIAGE, a_ref())
    question, passed = await waits(runner), dict(bench.trips.passed)
    await runner.start(TRIAGE, a_ref())
    assert await waits(runner) == question
    assert bench.trips.passed == passed


async def test_a_thread_without_a_question_is_deleted_at_once(saver: AsyncSqliteSaver) -> None:
    bench = a_bench(a_ticket(labels=("layer: retrieval and context", "kind: bug"), assignees=("on-duty",)))
    runner = Runner(saver, bench.deps)
    await runner.start(TRIAGE, a_ref())
    assert bench.notebook.closed
    assert await rows(saver) == 0


PLACES = (
    *("read", "labels", "analyse", "after propose"),
    *(f"{when} keep {step}" for step in STEPS[:4] for when in ("before", "after")),
)


@pytest.mark.parametrize("place", PLACES)
async def test_a_start_that_crashed_half_way_is_made_good_by_the_next(saver: AsyncSqliteSaver, place: str) -> None:
    bench = a_bench()
    bench.trips.armed = {place}
    runner = Runner(saver, bench.deps)
    with pytest.raises(Power, match=place):
        await runner.start(TRIAGE, a_ref())
    await Runner(saver, bench.deps).start(TRIAGE, a_ref())
    assert len(bench.notebook.proposals) == 1
    stored = {step: bench.trips.passed[f"after keep {step}"] for step in STEPS[:4]}
    assert stored == dict.fromkeys(STEPS[:4], 1), "a step that had answered answered again"
    await runner.resume(TRIAGE, proposed(bench), "rejected")
    assert bench.notebook.answers["settle"] == '"rejected"'
    assert await rows(saver) == 0


async def test_a_start_after_a_power_cut_finds_nothing_and_makes_it_good(saver: AsyncSqliteSaver) -> None:
    """Killed before the question was stored: the thread is unknown, the record knows every answer."""
    bench = a_bench()
    runner = Runner(saver, bench.deps)
    await runner.start(TRIAGE, a_ref())
    await saver.adelete_thread(TRIAGE)
    await runner.start(TRIAGE, a_ref())
    assert await waits(runner)
    assert bench.trips.passed["analyse"] == 1
    assert len(bench.notebook.proposals) == 1


@pytest.mark.parametrize("place", ["before keep settle", "after keep settle"])
async def test_a_resume_that_crashed_is_made_good_by_the_next(saver: AsyncSqliteSaver, place: str) -> None:
    bench = a_bench()
    runner = Runner(saver, bench.deps)
    await runner.start(TRIAGE, a_ref())
    bench.trips.armed = {place}
    with pytest.raises(Power):
        await runner.resume(TRIAGE, proposed(bench), "approved")
    await runner.resume(TRIAGE, proposed(bench), "approved")
    assert await rows(saver) == 0
    assert len(bench.notebook.proposals) == 1


async def test_a_resume_of_an_unknown_thread_runs_nothing(saver: AsyncSqliteSaver) -> None:
    bench = a_bench()
    await Runner(saver, bench.deps).resume(TRIAGE, ProposalId("p"), "approved")
    assert not bench.trips.passed
    assert bench.notebook.answers == {}
    assert await rows(saver) == 0


async def test_a_second_resume_does_nothing(saver: AsyncSqliteSaver) -> None:
    bench = a_bench()
    runner = Runner(saver, bench.deps)
    await runner.start(TRIAGE, a_ref())
    await runner.resume(TRIAGE, proposed(bench), "approved")
    passed = dict(bench.trips.passed)
    await runner.resume(TRIAGE, proposed(bench), "rejected")
    assert bench.notebook.answers["settle"] == '"approved"'
    assert bench.trips.passed == passed


async def test_a_resume_answers_its_own_thread_and_no_other(saver: AsyncSqliteSaver) -> None:
    other = TriageId("e" * 32)
    first, second = a_bench(), a_bench()
    one, two = Runner(saver, first.deps), Runner(saver, second.deps)
    await one.start(TRIAGE, a_ref())
    await two.start(other, a_ref())
    assert await waits(one) != await waits(two, other)
    await two.resume(other, proposed(second), "rejected")
    assert await waits(one)
    assert "settle" not in first.notebook.answers
    assert (await rows(saver), await rows(saver, other)) != (0, 0)
    assert await rows(saver, other) == 0


async def test_the_answer_is_addressed_to_the_question(
    saver: AsyncSqliteSaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer without the question's id would go to whatever question stands there by then."""
    bench = a_bench()
    runner = Runner(saver, bench.deps)
    await runner.start(TRIAGE, a_ref())
    real = await waits(runner)
    assert real is not None

    async def stale(_config: object) -> str:
        return "0" * len(real)

    with monkeypatch.context() as patch:
        patch.setattr(runner, "_question", stale)
        await runner.resume(TRIAGE, proposed(bench), "approved")
    assert "settle" not in bench.notebook.answers


async def test_many_threads_at_once(saver: AsyncSqliteSaver) -> None:
    benches = {TriageId(f"{number:032x}"): a_bench() for number in range(8)}
    await asyncio.gather(*(Runner(saver, one.deps).start(triage, a_ref()) for triage, one in benches.items()))
    await asyncio.gather(
        *(Runner(saver, one.deps).resume(triage, proposed(one), "approved") for triage, one in benches.items())
    )
    assert [one.notebook.answers["settle"] for one in benches.values()] == ['"approved"'] * 8
    assert sum([await rows(saver, triage) for triage in benches]) == 0


# --- what is stored -----------------------------------------------------------------------------------------------


async def test_the_checkpoints_hold_no_text_of_the_ticket(saver: AsyncSqliteSaver, checkpoints: Path) -> None:
    bench = a_bench(a_ticket(title=f"{CANARY}-title", body=f"{CANARY}-body", author="canary-author"))
    await Runner(saver, bench.deps).start(TRIAGE, a_ref())
    assert CANARY in bench.notebook.answers["screen"]
    written = b"".join(file.read_bytes() for file in checkpoints.parent.iterdir())
    assert TRIAGE.encode() in written, "the search must be able to find something"
    assert b"canary" not in written
    assert proposed(bench).encode() in written


class Landmine:
    """Stands for whatever somebody who can write to the file would have us call."""

    stepped_on: ClassVar[list[object]] = []

    def __init__(self, *args: object, **named: object) -> None:
        self.stepped_on.append((args, named))

    @classmethod
    def parse(cls, text: str) -> Landmine:
        return cls(text)


PAYLOADS: dict[str, tuple[int, list[object]]] = {
    "one argument": (0, ["canary"]),
    "many arguments": (1, [["canary"]]),
    "named arguments": (2, [{"a": "canary"}]),
    "a method": (3, ["canary", "parse"]),
    "an old pydantic model": (4, [{"a": "canary"}]),
    "a pydantic model": (5, [{"a": "canary"}, "model_validate_json"]),
}


def loaded(serializer: SerializerProtocol, payload: str) -> object:
    Landmine.stepped_on.clear()
    code, rest = PAYLOADS[payload]
    packed = ormsgpack.packb(ormsgpack.Ext(code, ormsgpack.packb([Landmine.__module__, "Landmine", *rest])))
    return serializer.loads_typed(("msgpack", packed))


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_nothing_is_brought_to_life_by_reading_a_checkpoint(saver: AsyncSqliteSaver, payload: str) -> None:
    with pytest.raises(Unreadable, match="Landmine"):
        loaded(saver.serde, payload)
    assert Landmine.stepped_on == []


def test_the_payloads_would_go_off_elsewhere() -> None:
    """Without the strict setting nearly all of them do; otherwise the test above would prove nothing."""
    gone_off = []
    for payload in PAYLOADS:
        loaded(JsonPlusSerializer(allowed_msgpack_modules=True), payload)
        gone_off += [payload] if Landmine.stepped_on else []
    assert set(gone_off) == set(PAYLOADS) - {"a method"}, "methods are limited by the library itself"


async def test_a_pickled_checkpoint_is_refused(saver: AsyncSqliteSaver) -> None:
    with pytest.raises(Unreadable):
        saver.serde.loads_typed(("pickle", b"cos\nsystem\n(S'echo'\ntR."))


async def test_a_start_that_failed_leaves_no_thread_behind(saver: AsyncSqliteSaver) -> None:
    bench = a_bench()
    bench.trips.armed = {"labels"}
    with pytest.raises(Power):
        await Runner(saver, bench.deps).start(TRIAGE, a_ref())
    assert await rows(saver) == 0
