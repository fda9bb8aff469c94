"""A sweep never floods the channel: so many cards wait at once, and one message says how far it is."""

from __future__ import annotations

import pytest

from bot.service.bundling import KIND, LOOK_AGAIN_S, SWEPT, Bundle, SweepMessage, counted, tell_soon, words
from bot.service.notebook import RecordNotebook
from bot.service.prepared import KeptAnswers
from bot.service.triaging import Triaging, triage_id
from bot.tasks import Claimed, SweepTicket, Task, TellSweep
from bot.work.worker import TryAgain
from graphs.model import Millis, Prepared, TicketRef, TriageState
from tests.agent.doubles import a_dossier
from tests.builders import a_ref, an_analysis
from tests.service.desk import FakeDesk
from tests.service.house import CHANNEL, House
from tests.service.test_triaging import FakeRunner


class Place:
    def __init__(self, house: House, most: int) -> None:
        self.house = house
        self.now = 0.0
        self.runner = FakeRunner(house.record)
        self.bundle = Bundle(most, lambda: self.now)

    async def job(self, task: Task, ref: TicketRef | None = None) -> Claimed:
        async with self.house.record.begin() as tx:
            await tx.jobs.add(task, ticket=ref.key if ref else None)
        found = await self.house.claim(task.kind)
        assert found is not None
        return found

    async def triage(self, number: int, *, prepared: Prepared | None = None, closed_too: bool = False) -> Claimed:
        async def reply(*_: object) -> None: ...

        ref = a_ref(number)
        job = await self.job(SweepTicket(ref=ref, why=SWEPT, prepared=prepared, closed_too=closed_too), ref)
        triaging = Triaging(self.house.record, self.runner, reply, lambda: False, bundle=self.bundle)  # type: ignore[arg-type]  # a double
        await triaging.triage(job)
        return job

    async def decide(self, job: Claimed) -> None:
        assert isinstance(job.task, SweepTicket)
        async with self.house.record.begin(job) as tx:
            triage = triage_id(job.task.ref.key, job)
            await tx.triages.move(triage, TriageState.QUEUED, TriageState.CLOSED, "rejected")
            await tx.jobs.finish(job)


async def test_only_so_many_cards_wait_at_once(house: House) -> None:
    """The next ones stay in line, cost no attempt, and this process leaves them alone for a while."""
    place = Place(house, 2)
    first, _ = await place.triage(1), await place.triage(2)
    assert place.bundle.held() == frozenset()
    with pytest.raises(TryAgain) as caught:
        await place.triage(3)
    assert (caught.value.penalty, caught.value.after_s) == (False, LOOK_AGAIN_S)
    assert place.bundle.held() == {KIND}
    assert len(place.runner.started) == 2
    await place.decide(first)
    place.now = LOOK_AGAIN_S + 1
    assert place.bundle.held() == frozenset()
    await place.triage(4)
    assert len(place.runner.started) == 3


async def test_an_answer_of_a_batch_counts_for_its_very_question(house: House) -> None:
    place, analysis = Place(house, 9), an_analysis()
    job = await place.triage(1, prepared=Prepared(id="this question", analysis=analysis), closed_too=True)
    answers = KeptAnswers(RecordNotebook(house.record))
    dossier = a_dossier().model_copy(update={"triage": triage_id(a_ref(1).key, job)})
    assert await answers.of(dossier, "this question") == analysis
    assert await answers.of(dossier, "another one, after an edit") is None
    assert await answers.of(a_dossier(), "this question") is None


async def test_one_message_is_posted_and_then_updated_in_place(house: House) -> None:
    place, desk = Place(house, 9), house.desk
    message = SweepMessage(house.record, desk, CHANNEL)
    async with house.record.begin() as tx:
        await tell_soon(tx)
        await tell_soon(tx)
        await tx.jobs.add(SweepTicket(ref=a_ref(8), why=SWEPT), ticket=a_ref(8).key)
    assert len(await house.waiting("tell_sweep")) == 1, "one for each sweep"
    job = await house.claim("sweep_ticket")
    assert job is not None

    await message.tell(await place.job(TellSweep(began=Millis(7))))
    following = TellSweep(began=Millis(7), whole=1, left=1)
    assert following in await house.waiting("tell_sweep"), "it keeps itself going"
    await message.tell(await place.job(following))
    [(channel, posted)] = desk.posted
    assert channel == CHANNEL
    assert "0 of 1 tickets done, 0 wait for you" in posted.text
    assert posted.metadata is not None
    assert "sweep-7" in str(posted.metadata)
    assert desk.updated == [], "the same is not said twice"
    async with house.record.begin(job) as tx:
        await tx.jobs.finish(job)
    await message.tell(await place.job(following))
    [(_, ts, last)] = desk.updated
    assert (ts, last.text) == ("1.0", "The sweep of the backlog is done: 1 tickets.")
    left = [one for one in await house.waiting("tell_sweep") if isinstance(one, TellSweep)]
    assert left.count(following) == 2, "there is no other one after the end"


async def test_after_a_crash_the_message_is_found_again(house: House) -> None:
    class Remembers(FakeDesk):
        async def find(self, channel: str, triage: object, thread: str | None = None) -> str | None:
            return "9.9" if triage == "sweep-7" else None

    desk = Remembers()
    await SweepMessage(house.record, desk, CHANNEL).tell(await Place(house, 1).job(TellSweep(began=Millis(7))))
    assert (desk.posted, [ts for _, ts, _ in desk.updated]) == ([], ["9.9"])


def test_what_comes_in_later_belongs_to_the_whole() -> None:
    first = counted(TellSweep(began=Millis(1)), 30)
    later = counted(first, 25)
    more = counted(later, 65)
    assert [(one.whole, one.left) for one in (first, later, more)] == [(30, 30), (30, 25), (70, 65)]
    said = "Sweep of the backlog: 5 of 70 tickets done, 20 wait for you in this channel."
    assert words(more, 20) == f"{said} 45 more come as these are decided."
    assert words(later, 25).endswith("wait for you in this channel.")
