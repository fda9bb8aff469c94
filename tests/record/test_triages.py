"""A ticket has at most one live triage, moves are legal or do not happen, and a step keeps its first answer."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select, update

from bot.record.record import Record
from bot.record.states import TRIAGE_MOVES, IllegalMove, LostRace
from bot.record.tables import tickets, triages
from graphs.model import TriageId, TriageState
from tests.builders import a_ref
from tests.record.seeds import rows, started, tamper, together

PAIRS = list(product(TriageState, TriageState))
LEGAL = {
    (TriageState.QUEUED, TriageState.AWAITING),
    (TriageState.QUEUED, TriageState.CLOSED),
    (TriageState.QUEUED, TriageState.FAILED),
    (TriageState.AWAITING, TriageState.APPLYING),
    (TriageState.AWAITING, TriageState.CLOSED),
    (TriageState.AWAITING, TriageState.FAILED),
    (TriageState.APPLYING, TriageState.CLOSED),
    (TriageState.APPLYING, TriageState.FAILED),
}


async def test_a_triage_starts_queued_and_is_the_tickets_live_one(record: Record) -> None:
    triage = await started(record)
    async with record.read() as transaction:
        found = await transaction.triages.get(triage)
        assert await transaction.triages.live(a_ref().key) == triage
    assert (found.state, found.ref, found.ticket, found.why) == (TriageState.QUEUED, a_ref(), a_ref().key, "opened")


async def test_a_ticket_never_seen_has_no_live_triage(record: Record) -> None:
    async with record.read() as transaction:
        assert await transaction.triages.live(a_ref(404).key) is None
        with pytest.raises(LookupError):
            await transaction.triages.get(TriageId("nobody"))


async def test_of_twenty_starters_one_wins(record: Record, rival: Record) -> None:
    async def start(through: Record, name: str) -> bool:
        async with through.begin() as transaction:
            return await transaction.triages.begin(TriageId(name), a_ref(), "opened")

    won = await together(start(through, f"t{n}") for n, through in enumerate((record, rival) * 10))
    assert won.count(True) == 1
    winner = f"t{won.index(True)}"
    assert [row.id for row in await rows(record, select(triages.c.id))] == [winner]
    async with record.read() as transaction:
        assert await transaction.triages.live(a_ref().key) == winner


@pytest.mark.parametrize("end", [TriageState.CLOSED, TriageState.FAILED])
async def test_ending_a_triage_frees_its_ticket_and_only_that(record: Record, end: TriageState) -> None:
    triage, other = await started(record, "one", a_ref(1)), await started(record, "two", a_ref(2))
    async with record.begin() as transaction:
        await transaction.triages.move(triage, TriageState.QUEUED, end)
    async with record.begin() as transaction:
        assert await transaction.triages.live(a_ref(1).key) is None
        assert await transaction.triages.live(a_ref(2).key) == other
        assert await transaction.triages.begin(TriageId("three"), a_ref(1), "reopened")
        assert await transaction.triages.live(a_ref(1).key) == "three"
        assert not await transaction.triages.begin(TriageId("four"), a_ref(2), "edited")


async def test_moving_on_keeps_the_ticket_taken(record: Record) -> None:
    triage = await started(record)
    async with record.begin() as transaction:
        await transaction.triages.move(triage, TriageState.QUEUED, TriageState.AWAITING)
        await transaction.triages.move(triage, TriageState.AWAITING, TriageState.APPLYING, "approved")
        assert await transaction.triages.live(a_ref().key) == triage
        assert (await transaction.triages.get(triage)).why == "approved"


def test_the_table_of_moves_is_the_one_meant() -> None:
    assert {(old, new) for old, news in TRIAGE_MOVES.items() for new in news} == LEGAL


async def test_every_pair_of_states_moves_or_is_refused(record: Record) -> None:
    triage = await started(record)
    for old, new in PAIRS:
        await tamper(record, update(triages).values(state=old))
        if (old, new) in LEGAL:
            async with record.begin() as transaction:
                await transaction.triages.move(triage, old, new)
        else:
            with pytest.raises(IllegalMove):
                async with record.begin() as transaction:
                    await transaction.triages.move(triage, old, new)
        [row] = await rows(record, select(triages.c.state))
        assert row.state == (new if (old, new) in LEGAL else old), f"{old} -> {new}"


async def test_a_move_from_a_state_that_is_past_is_a_lost_race(record: Record) -> None:
    triage = await started(record)
    async with record.begin() as transaction:
        await transaction.triages.move(triage, TriageState.QUEUED, TriageState.AWAITING)
    with pytest.raises(LostRace):
        async with record.begin() as transaction:
            await transaction.triages.move(triage, TriageState.QUEUED, TriageState.CLOSED)
    async with record.read() as transaction:
        assert (await transaction.triages.get(triage)).state is TriageState.AWAITING
        assert await transaction.triages.live(a_ref().key) == triage


async def test_of_sixteen_movers_one_wins(record: Record, rival: Record) -> None:
    triage = await started(record)

    async def move(through: Record, new: TriageState) -> bool:
        try:
            async with through.begin() as transaction:
                await transaction.triages.move(triage, TriageState.QUEUED, new)
        except LostRace:
            return False
        return True

    news = (TriageState.AWAITING, TriageState.CLOSED) * 8
    won = await together(move(through, new) for through, new in zip((record, rival) * 8, news, strict=True))
    assert won.count(True) == 1
    async with record.read() as transaction:
        assert (await transaction.triages.get(triage)).state is news[won.index(True)]


async def test_waiting_lists_the_oldest_first(record: Record) -> None:
    for number in (3, 1, 2, 4):
        triage = await started(record, f"t{number}", a_ref(number))
        await tamper(record, update(triages).where(triages.c.id == triage).values(created_at=number))
        if number != 4:
            async with record.begin() as transaction:
                await transaction.triages.move(triage, TriageState.QUEUED, TriageState.AWAITING)
    async with record.read() as transaction:
        assert [one.id for one in await transaction.triages.waiting(10)] == ["t1", "t2", "t3"]
        assert [one.id for one in await transaction.triages.waiting(2)] == ["t1", "t2"]


async def test_the_first_answer_of_a_step_stays(record: Record) -> None:
    triage = await started(record)
    async with record.begin() as transaction:
        assert await transaction.triages.recall(triage, "analyse") is None
        assert await transaction.triages.keep(triage, "analyse", '"first"') == '"first"'
    async with record.begin() as transaction:
        assert await transaction.triages.keep(triage, "analyse", '"second"') == '"first"'
        assert await transaction.triages.keep(triage, "check", '"other step"') == '"other step"'
    async with record.read() as transaction:
        assert await transaction.triages.recall(triage, "analyse") == '"first"'


async def test_concurrent_answers_agree_on_one(record: Record, rival: Record) -> None:
    triage = await started(record)

    async def answer(through: Record, text: str) -> str:
        async with through.begin() as transaction:
            return await transaction.triages.keep(triage, "analyse", text)

    kept = await together(answer(through, str(n)) for n, through in enumerate((record, rival) * 6))
    assert len(set(kept)) == 1
    async with record.read() as transaction:
        assert await transaction.triages.recall(triage, "analyse") == kept[0]


async def test_a_ticket_row_is_made_once(record: Record) -> None:
    triage = await started(record)
    async with record.begin() as transaction:
        await transaction.triages.move(triage, TriageState.QUEUED, TriageState.CLOSED)
    await started(record, "again")
    [row] = await rows(record, select(tickets))
    assert (row.key, row.live_triage) == (a_ref().key, "again")


async def test_a_reason_may_hold_any_text(record: Record) -> None:
    triage = await started(record)
    async with record.begin() as transaction:
        await transaction.triages.move(triage, TriageState.QUEUED, TriageState.FAILED, "\x00 \udc00")
        assert (await transaction.triages.get(triage)).why == "\ufffd \ufffd"
