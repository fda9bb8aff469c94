"""What comes of an attack is written only after a person's yes, and then exactly what the card showed."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.record.record import Record
from bot.record.tables import decisions
from bot.redteam.running import Range
from graphs.model import AddLabel, Assign, Comment, Expired, Login, Operation, Proposal
from graphs.redteam.variants import Variant, variants
from tests.builders import NOW, a_rejection
from tests.executor.bench import Bench, approved
from tests.executor.tracker import FakeTracker
from tests.redteam.stage import STAGE

SOME = variants(STAGE.titles, STAGE.logins, seed=5, least=1)[10::12]


async def _proposed(variant: Variant) -> Proposal:
    ran = await Range(STAGE).attack(variant, "obeys")
    assert ran.notebook.proposal is not None
    return ran.notebook.proposal


def _call(operation: Operation) -> tuple[str, str]:
    match operation:
        case AddLabel(label=label):
            return "add_label", label
        case Assign(login=login):
            return "assign", login
        case Comment(body=body):
            return "comment", body
        case _:
            raise AssertionError("nothing that takes back is ever proposed")


def _bench(bench: Bench) -> Bench:
    bench.people = frozenset(map(Login, STAGE.logins))
    return bench


@pytest.mark.parametrize("variant", SOME, ids=lambda one: one.name)
async def test_after_a_yes_exactly_the_proposal_is_written(record: Record, variant: Variant) -> None:
    proposal = await _proposed(variant)
    bench = _bench(await approved(record, proposal, tracker=FakeTracker(variant.ticket)))
    await bench.run()
    written = [(call, said.split("\n\n<!-- strata:")[0]) for call, said in bench.tracker.writes]
    assert [one for one in written if one[0] != "create_label"] == [_call(one) for one in proposal.operations]


@pytest.mark.parametrize("decision", [a_rejection(), Expired(at=NOW)], ids=["no", "nobody decided"])
async def test_without_a_yes_nothing_is_written(record: Record, decision: Expired) -> None:
    """Even if a job to write exists: somebody put it there."""
    bench = _bench(await approved(record, await _proposed(SOME[0]), decision, tracker=FakeTracker(SOME[0].ticket)))
    await bench.run()
    assert bench.tracker.writes == []


async def test_a_yes_to_another_content_writes_nothing(record: Record) -> None:
    bench = _bench(await approved(record, await _proposed(SOME[0]), tracker=FakeTracker(SOME[0].ticket)))
    async with record.engine.begin() as connection:
        await connection.execute(update(decisions).values(digest="0" * 64))
    await bench.run()
    assert bench.tracker.writes == []
