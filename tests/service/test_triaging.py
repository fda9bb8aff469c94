"""A triage that cannot be done ends visibly, one that has to wait waits, and none is lost in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bot.record.record import Record
from bot.service.notebook import RecordNotebook
from bot.service.triaging import Triaging, buried, triage_id
from bot.tasks import (
    Asker,
    Claimed,
    ExpireProposal,
    SettleTriage,
    TellChannel,
    TriageTicket,
    WithdrawTicket,
)
from bot.work.worker import TryAgain
from graphs.errors import (
    Denied,
    EngineUnavailable,
    RateLimited,
    StrataError,
    TicketGone,
    TrackerRefused,
    TrackerRejected,
    TrackerUnavailable,
)
from graphs.model import Expired, ProposalId, TicketRef, TriageId, TriageState, Withdrawn
from tests.builders import ON_DUTY, TEAM, a_ref
from tests.service.house import House

ASKER = Asker(user=ON_DUTY, team=TEAM, channel="C01TRIAGE", response_url="")


@dataclass
class FakeRunner:
    """The graph, reduced to what it does to the record."""

    record: Record
    raises: StrataError | None = None
    closes: str = ""
    started: list[TriageId] = field(default_factory=list)
    resumed: list[tuple[TriageId, ProposalId, str]] = field(default_factory=list)
    forgotten: list[TriageId] = field(default_factory=list)

    async def start(
        self, triage: TriageId, ref: TicketRef, ended: Callable[[], None], *, closed_too: bool = False
    ) -> None:
        self.started.append(triage)
        if self.raises:
            raise self.raises
        if self.closes:
            await RecordNotebook(self.record).close(triage, self.closes)

    async def resume(self, triage: TriageId, proposal: ProposalId, status: str, ended: Callable[[], None]) -> None:
        self.resumed.append((triage, proposal, status))

    async def forget(self, triage: TriageId) -> None:
        self.forgotten.append(triage)


@dataclass
class Place:
    house: House
    runner: FakeRunner
    told: list[str] = field(default_factory=list)
    paused: bool = False

    @property
    def triaging(self) -> Triaging:
        async def reply(_asker: Asker, text: str) -> None:
            self.told.append(text)

        return Triaging(self.house.record, self.runner, reply, lambda: self.paused)  # type: ignore[arg-type]  # a double

    async def job(self, asker: Asker | None = None) -> Claimed:
        task = TriageTicket(ref=a_ref(), why="opened", asker=asker)
        async with self.house.record.begin() as tx:
            await tx.jobs.add(task, ticket=a_ref().key)
        found = await self.house.claim("triage_ticket")
        assert found is not None
        return found

    async def state(self, job: Claimed) -> TriageState:
        async with self.house.record.read() as tx:
            return (await tx.triages.get(triage_id(a_ref().key, job))).state

    async def says(self) -> list[str]:
        return [one.text for one in await self.house.waiting("tell_channel") if isinstance(one, TellChannel)]


@pytest.fixture
def place(house: House) -> Place:
    return Place(house, FakeRunner(house.record))


async def test_the_graph_is_started_once_for_a_job_however_often_it_is_tried(place: Place) -> None:
    job = await place.job()
    await place.triaging.triage(job)
    await place.triaging.triage(job)
    assert set(place.runner.started) == {triage_id(a_ref().key, job)}


async def test_fault_27_a_ticket_that_is_being_triaged_is_not_triaged_twice(place: Place) -> None:
    await place.house.propose()
    await place.triaging.triage(await place.job(ASKER))
    assert place.runner.started == []
    assert place.told == ["acme/assistant#12 is waiting for a decision already."]


async def test_nothing_to_do_is_told_to_who_asked(place: Place) -> None:
    place.runner.closes = "the ticket is closed"
    await place.triaging.triage(await place.job(ASKER))
    assert place.told == ["acme/assistant#12: nothing to do, the ticket is closed."]


@pytest.mark.parametrize("error", [TrackerRefused("403"), TrackerRejected("odd"), Denied("no rule")])
async def test_a_ticket_that_cannot_be_triaged_is_never_dropped_in_silence(place: Place, error: StrataError) -> None:
    place.runner.raises = error
    job = await place.job()
    await place.triaging.triage(job)
    assert await place.state(job) is TriageState.FAILED
    assert await place.says() == [f"I could not triage acme/assistant#12. It needs a person. ({error})"]


async def test_who_asked_is_told_and_nobody_else(place: Place) -> None:
    place.runner.raises = TrackerRefused("403")
    await place.triaging.triage(await place.job(ASKER))
    assert place.told == ["I could not triage acme/assistant#12: 403"]
    assert await place.says() == []


async def test_a_ticket_that_is_gone_bothers_nobody(place: Place) -> None:
    place.runner.raises = TicketGone("404")
    job = await place.job()
    await place.triaging.triage(job)
    assert await place.state(job) is TriageState.FAILED
    assert await place.says() == []


@pytest.mark.parametrize("error", [EngineUnavailable("x"), TrackerUnavailable("x"), RateLimited("x", 1.0)])
async def test_what_may_work_later_is_left_to_the_worker(place: Place, error: StrataError) -> None:
    place.runner.raises = error
    job = await place.job()
    with pytest.raises(type(error)):
        await place.triaging.triage(job)
    assert await place.state(job) is TriageState.QUEUED


async def test_a_paused_bot_starts_nothing(place: Place) -> None:
    place.paused = True
    with pytest.raises(TryAgain) as caught:
        await place.triaging.triage(await place.job())
    assert not caught.value.penalty
    assert place.runner.started == []


async def test_a_pause_in_the_middle_makes_a_triage_wait_and_not_fail(place: Place) -> None:
    job = await place.job()

    class Pausing(FakeRunner):
        async def start(
            self, triage: TriageId, ref: TicketRef, ended: Callable[[], None], *, closed_too: bool = False
        ) -> None:
            place.paused = True
            raise Denied("read_ticket is not allowed: triage is paused")

    place.runner = Pausing(place.house.record)
    with pytest.raises(TryAgain) as caught:
        await place.triaging.triage(job)
    assert not caught.value.penalty
    assert await place.state(job) is TriageState.QUEUED
    assert await place.says() == []


async def test_fault_63_a_job_that_is_given_up_ends_its_triage_and_is_told(place: Place) -> None:
    place.runner.raises = EngineUnavailable("x")
    job = await place.job()
    with pytest.raises(EngineUnavailable):
        await place.triaging.triage(job)
    async with place.house.record.begin(job) as tx:
        await buried(tx, job, "it was tried five times")
    assert await place.state(job) is TriageState.FAILED
    assert await place.says() == ["I could not triage acme/assistant#12. It needs a person. (it was tried five times)"]
    async with place.house.record.read() as tx:
        assert await tx.triages.live(a_ref().key) is None


async def test_a_triage_is_settled_with_the_stored_decision(place: Place) -> None:
    proposal = await place.house.propose()
    async with place.house.record.begin() as tx:
        await tx.proposals.decide(proposal, Expired(at=await tx.now()))
        await tx.jobs.add(SettleTriage(triage=proposal.triage, proposal=proposal.id))
    job = await place.house.claim("settle_triage")
    assert job is not None
    await place.triaging.settle(job)
    assert place.runner.resumed == [(proposal.triage, proposal.id, "expired")]


async def test_a_ticket_that_was_closed_takes_its_proposal_back(place: Place) -> None:
    proposal = await place.house.propose()
    async with place.house.record.begin() as tx:
        await tx.jobs.add(WithdrawTicket(ref=a_ref(), why="closed"))
    job = await place.house.claim("withdraw_ticket")
    assert job is not None
    await place.triaging.withdraw(job)
    async with place.house.record.read() as tx:
        made = await tx.proposals.decision(proposal.id)
        live = await tx.triages.live(a_ref().key)
    assert isinstance(made, Withdrawn)
    assert (made.why, live) == ("closed", None)
    kinds = [one.kind for one in await place.house.waiting()]
    assert {"refresh_card", "settle_triage"} <= set(kinds)


async def test_fault_65_nobody_decided_in_time_and_that_is_a_no(place: Place) -> None:
    proposal = await place.house.propose()
    async with place.house.record.begin() as tx:
        await tx.jobs.add(ExpireProposal(proposal=proposal.id))
    for _ in range(2):
        job = await place.house.claim("expire_proposal")
        if job is not None:
            await place.triaging.expire(job)
    async with place.house.record.read() as tx:
        made = await tx.proposals.decision(proposal.id)
        assert (await tx.triages.get(proposal.triage)).state is TriageState.CLOSED
    assert isinstance(made, Expired)
