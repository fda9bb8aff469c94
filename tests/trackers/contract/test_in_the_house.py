"""Every tracker with the real executor, record and arrivals: what goes wrong costs no write and no ticket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from bot.executor.execute import Executor, Rules
from bot.executor.marker import Marker
from bot.record.inbox import Outcome
from bot.record.record import Record
from bot.record.tables import jobs
from bot.service.arrivals import Arrivals, Install
from bot.service.reconciling import GRACE_MS, Reconciling
from graphs.errors import RateLimited, TrackerUnavailable
from graphs.model import AddLabel, Assign, Comment, Operation, Proposal, TicketRef, TriageId
from graphs.proposing import proposal_id
from tests.builders import a_proposal
from tests.executor.bench import GATE, KEY, KIND, LAYER, TAXONOMY, approved
from tests.trackers.contract.scene import INSTALL, SCENES, Scene

LEAD = "data-lead"


def all_of(scene: Scene) -> tuple[Operation, ...]:
    return (
        AddLabel(label=LAYER),
        AddLabel(label=KIND),
        Assign(login=scene.account(LEAD)),
        Comment(body="Triage: retrieval and context."),
    )


MARKER = Marker(KEY)


@pytest.fixture(params=SCENES)
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    async with SCENES[request.param]() as one:
        yield one


class Order:
    """An approved proposal for one ticket, and an executor that carries it out as often as it is told."""

    def __init__(self, record: Record, scene: Scene, proposal: Proposal) -> None:
        self.record, self.scene, self.proposal = record, scene, proposal

    async def run(self) -> list[str]:
        """One try, with a fresh executor; what the outbox says afterwards."""
        async with self.record.engine.begin() as connection:
            await connection.execute(update(jobs).values(state="ready", lease_owner=None))
        rules = Rules(
            gate=GATE,
            taxonomy=TAXONOMY,
            logins=lambda _: frozenset({self.scene.account(LEAD), self.scene.account("reporter-1")}),
            paused=lambda: False,
            approval_max_age_s=3600,
        )
        async with self.record.begin() as tx:
            job = await tx.jobs.claim(["execute_proposal"], "tests", 60_000)
        assert job is not None
        try:
            await Executor(self.record, {INSTALL: self.scene.writer}, MARKER, rules).handle(job)
        finally:
            async with self.record.read() as tx:
                rows = await tx.outbox.of(self.proposal.id)
        return [f"{row.state} {row.outcome}".strip() for row in rows]

    async def is_whole(self) -> bool:
        """Everything is there, and once."""
        ticket = await self.scene.writer.read(self.proposal.target)
        comments = await self.scene.writer.comments(self.proposal.target)
        ours = [one for one in comments if MARKER.is_ours(one.body)]
        return (set(ticket.labels), ticket.assignees, len(ours)) == ({LAYER, KIND}, (self.scene.account(LEAD),), 1)


async def ordered(record: Record, scene: Scene, operations: tuple[Operation, ...] = ()) -> Order:
    ref = await scene.filed()
    wanted = operations or all_of(scene)
    made = a_proposal(proposal_id(TriageId("triage-1"), "agent"), "triage-1", target=ref, operations=wanted)
    await approved(record, made)
    return Order(record, scene, made)


async def test_an_approved_proposal_is_written_and_read_back(record: Record, scene: Scene) -> None:
    order = await ordered(record, scene)
    assert await order.run() == ["done applied"] * 4
    assert await order.is_whole()


@pytest.mark.parametrize("way", ["apply_then_break", "break_before"])
async def test_a_lost_reply_is_resolved_by_reading(record: Record, scene: Scene, way: str) -> None:
    """Rows 12, 13 and 51 of docs/faults.md: whichever it was, the change is there once."""
    order = await ordered(record, scene)
    getattr(scene.faults, way)(method=scene.comment_method, path=r"/(comments?|notes|CreateComment|tickets/[0-9]+)$")
    with pytest.raises(TrackerUnavailable):
        await order.run()
    assert await order.run() == ["done applied"] * 4
    assert await order.is_whole()


async def test_a_rate_limit_is_waited_out(record: Record, scene: Scene) -> None:
    """Row 54."""
    order = await ordered(record, scene)
    scene.faults.fail(429, method=scene.write_method, headers={"retry-after": "7"})
    with pytest.raises(RateLimited):
        await order.run()
    await order.run()
    assert await order.is_whole()


async def test_what_a_person_changed_meanwhile_is_left_alone(record: Record, scene: Scene) -> None:
    """Row 28: nothing is written at all."""
    order = await ordered(record, scene)
    await scene.labels(order.proposal.target, "kind: task")
    assert await order.run() == ["failed drift"] * 4
    assert scene.writes(order.proposal.target) == 0


async def test_a_ticket_that_is_gone_ends_it(record: Record, scene: Scene) -> None:
    """Row 52."""
    order = await ordered(record, scene)
    await scene.deletes(order.proposal.target)
    assert await order.run() == ["failed gone"] * 4


async def test_one_member_that_is_refused_does_not_stop_the_others(record: Record, scene: Scene) -> None:
    """Row 53."""
    first, _, _, last = all_of(scene)
    operations = (first, Assign(login=scene.account("reporter-1")), last)
    order = await ordered(record, scene, operations)
    assert await order.run() == ["done applied", "failed rejected", "done applied"]


def install(scene: Scene, ref: TicketRef) -> Install:
    return Install(INSTALL, ref.tracker, scene.door, scene.secrets, (ref.project,))


async def test_deliveries_are_taken_once_and_our_own_are_known(record: Record, scene: Scene) -> None:
    """Rows 29, 57 and 58."""
    order = await ordered(record, scene)
    await order.run()
    arrivals, here = Arrivals(record, MARKER), install(scene, order.proposal.target)
    sent = scene.sent()
    outcomes = [await arrivals.arrived(here, headers, body) for headers, body in sent]
    assert outcomes == [Outcome.ACCEPTED] + [Outcome.ECHO] * 4
    again = [await arrivals.arrived(here, headers, body) for headers, body in sent]
    assert set(again) == {Outcome.DUPLICATE}
    headers, body = scene.resigned(sent[0][0], sent[0][1].replace(b"cut off", b"cut out"))
    assert await arrivals.arrived(here, headers, body) is Outcome.QUARANTINED


async def test_another_project_is_not_acted_on(record: Record, scene: Scene) -> None:
    ref = await scene.filed()
    here = Install(INSTALL, ref.tracker, scene.door, scene.secrets, ("acme/elsewhere",))
    headers, body = scene.sent()[0]
    assert await Arrivals(record, MARKER).arrived(here, headers, body) is Outcome.IGNORED


async def test_a_lost_delivery_is_found_by_looking(
    record: Record, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 62, with the tracker's own list of changes."""
    monkeypatch.setattr("bot.service.reconciling.GRACE_MS", -GRACE_MS)
    known, lost = await scene.filed("known"), await scene.filed("lost")
    async with record.begin() as tx:
        await tx.triages.begin(TriageId("a" * 32), known, "opened")
    looking = Reconciling(record, scene.reader, [install(scene, known)])
    assert [(await looking.look()).triages for _ in range(2)] == [1, 0]
    async with record.begin() as tx:
        job = await tx.jobs.claim(["triage_ticket"], "tests", 60_000)
    assert job is not None
    assert job.ticket == lost.key
