"""A question to the reporter is one write like any other, beside a proposal that goes its own way."""

from __future__ import annotations

from bot.record.record import Record
from bot.record.tables import proposals
from bot.service.asking import question_of
from bot.service.undoing import begin
from bot.tasks import ExecuteProposal
from graphs.model import Approved, Millis, Proposal, RemoveComment, SlackUserId, TriageState
from tests.builders import NOW, ON_DUTY
from tests.executor.bench import Bench, approved, sent

WORDS = "Which version do you use?"


async def asked(bench: Bench) -> Proposal:
    """Approved, and next in line: the proposal's own job is put behind it."""
    main = await bench.claim()
    async with bench.record.begin(main) as tx:
        await tx.jobs.give_back(main, 3_600_000, "behind the question", penalty=False)
        now = await tx.now()
        question = question_of(bench.proposal, WORDS, ON_DUTY, now)
        assert await tx.proposals.add(question)
        assert await tx.proposals.decide(question, Approved(by=ON_DUTY, at=now))
        await tx.outbox.add(question)
        await tx.jobs.add(ExecuteProposal(proposal=question.id), ticket=question.target.key)
    return question


async def test_it_is_posted_once_and_the_triage_beside_it_is_left_alone(record: Record) -> None:
    bench = await approved(record)
    question = await asked(bench)
    await bench.run()
    assert sent(bench) == ["comment"]
    assert (await bench.triage())[0] is TriageState.APPLYING, "only the proposal's own writing ends it"
    async with record.read() as tx:
        assert [row.outcome for row in await tx.outbox.of(question.id)] == ["applied"]
        assert await tx.proposals.latest(bench.proposal.triage) == bench.proposal


async def test_another_text_than_the_approved_one_is_not_posted(record: Record) -> None:
    bench = await approved(record)
    question = await asked(bench)
    assert question.digest != question_of(bench.proposal, "Another one?", ON_DUTY, Millis(NOW)).digest
    forged = question.model_copy(update={"operations": question_of(bench.proposal, "x", ON_DUTY, NOW).operations})
    async with record.engine.begin() as connection:
        row = proposals.update().where(proposals.c.id == question.id).values(body=forged.model_dump_json())
        await connection.execute(row)
    await bench.run()
    assert sent(bench) == []


async def test_it_can_be_taken_back(record: Record) -> None:
    bench = await approved(record)
    question = await asked(bench)
    await bench.run()
    async with record.begin() as tx:
        newest = await tx.proposals.newest_written(question.target.key)
        assert newest == question
        undo = await begin(tx, newest, SlackUserId(ON_DUTY), f"human:{ON_DUTY}")
    assert undo
    assert [type(one) for one in undo.operations] == [RemoveComment]
    await bench.run()
    assert sent(bench) == ["comment", "remove_comment"]
