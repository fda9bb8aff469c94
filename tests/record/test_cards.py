"""One card for one triage, and what Slack's directory said of a person, with its age."""

from __future__ import annotations

from sqlalchemy import select, update

from bot.record.cards import Card, CardState
from bot.record.record import Record
from bot.record.tables import cards, people
from graphs.model import SlackUserId, TriageId
from tests.builders import ON_DUTY, an_actor
from tests.record.seeds import MINUTE, rows, started, tamper, together


async def test_a_card_is_posting_before_it_is_posted(record: Record) -> None:
    triage = await started(record)
    async with record.begin() as transaction:
        assert await transaction.cards.get(triage) is None
        reserved = await transaction.cards.reserve(triage, "C1")
    assert reserved == Card(triage=triage, channel="C1", state=CardState.POSTING, ts=None, shown="")
    async with record.begin() as transaction:
        await transaction.cards.posted(triage, "17.01", "hash")
    async with record.read() as transaction:
        assert await transaction.cards.get(triage) == Card(
            triage=triage, channel="C1", state=CardState.POSTED, ts="17.01", shown="hash"
        )


async def test_a_reserved_card_stays_where_it_is(record: Record) -> None:
    triage = await started(record)
    async with record.begin() as transaction:
        await transaction.cards.reserve(triage, "C1")
        await transaction.cards.posted(triage, "17.01", "hash")
    async with record.begin() as transaction:
        again = await transaction.cards.reserve(triage, "C2")
    assert (again.channel, again.state, again.ts) == ("C1", CardState.POSTED, "17.01")


async def test_of_ten_who_reserve_all_get_the_same_card(record: Record, rival: Record) -> None:
    triage = await started(record)

    async def reserve(through: Record, channel: str) -> Card:
        async with through.begin() as transaction:
            return await transaction.cards.reserve(triage, channel)

    found = await together(reserve(through, f"C{n}") for n, through in enumerate((record, rival) * 5))
    assert len(set(found)) == 1
    assert len(await rows(record, select(cards))) == 1


async def test_marking_one_card_leaves_the_others(record: Record) -> None:
    one = await started(record)
    async with record.begin() as transaction:
        await transaction.cards.reserve(one, "C1")
        await transaction.cards.posted(TriageId("another"), "17.01", "hash")
        card = await transaction.cards.get(one)
    assert card is not None
    assert card.state is CardState.POSTING


async def test_a_person_is_remembered_and_brought_up_to_date(record: Record) -> None:
    async with record.begin() as transaction:
        assert await transaction.cards.person(ON_DUTY, MINUTE) is None
        await transaction.cards.remember(an_actor())
        assert await transaction.cards.person(ON_DUTY, MINUTE) == an_actor()
    async with record.begin() as transaction:
        await transaction.cards.remember(an_actor(is_deactivated=True))
        assert await transaction.cards.person(ON_DUTY, MINUTE) == an_actor(is_deactivated=True)
        assert await transaction.cards.person(SlackUserId("U0OTHER"), MINUTE) is None


async def test_what_is_too_old_is_not_known(record: Record) -> None:
    async with record.begin() as transaction:
        await transaction.cards.remember(an_actor())
    await tamper(record, update(people).values(checked_at=people.c.checked_at - 2 * MINUTE))
    async with record.begin() as transaction:
        assert await transaction.cards.person(ON_DUTY, MINUTE) is None
        assert await transaction.cards.person(ON_DUTY, 3 * MINUTE) == an_actor()
        await transaction.cards.remember(an_actor())
        assert await transaction.cards.person(ON_DUTY, MINUTE) == an_actor()
