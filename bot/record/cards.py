"""Which Slack message shows which triage, and what Slack's directory says of people.

`posting` is stored before Slack is called. After a crash or a lost reply the message is looked for by its metadata
before another one is posted.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.insert import insert_into
from bot.record.tables import cards, people
from graphs.model import Actor, SlackUserId, TriageId, Value


class CardState(StrEnum):
    POSTING = "posting"
    """Slack may have it or not."""
    POSTED = "posted"


class Card(Value):
    triage: TriageId
    channel: str
    state: CardState
    ts: str | None
    shown: str
    """Hash of what was last shown, so that an unchanged card is not sent again."""


class Cards:
    """Card and person rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def reserve(self, triage: TriageId, channel: str) -> Card:
        """The triage's card; a new one starts as `posting`."""
        await self._db.execute(
            insert_into(self._db, cards)
            .values(triage_id=triage, channel=channel, state=CardState.POSTING, shown="", changed_at=StoreNow())
            .on_conflict_do_nothing(index_elements=["triage_id"])
        )
        card = await self.get(triage)
        assert card is not None, "it was inserted now or before"
        return card

    async def get(self, triage: TriageId) -> Card | None:
        row = (await self._db.execute(select(cards).where(cards.c.triage_id == triage))).one_or_none()
        if row is None:
            return None
        return Card(triage=row.triage_id, channel=row.channel, state=row.state, ts=row.ts, shown=row.shown)

    async def posted(self, triage: TriageId, ts: str, shown: str) -> None:
        await self._db.execute(
            update(cards)
            .where(cards.c.triage_id == triage)
            .values(state=CardState.POSTED, ts=ts, shown=shown, changed_at=StoreNow())
        )

    async def send_elsewhere(self, triage: TriageId, channel: str) -> None:
        """It is to be posted anew, there."""
        await self._db.execute(
            update(cards)
            .where(cards.c.triage_id == triage)
            .values(channel=channel, state=CardState.POSTING, ts=None, shown="", changed_at=StoreNow())
        )

    async def release(self, triage: TriageId) -> None:
        """Undoes `reserve`: Slack said that it did not take the message, so the next try need not look for it."""
        await self._db.execute(delete(cards).where(cards.c.triage_id == triage, cards.c.ts.is_(None)))

    async def remember(self, actor: Actor) -> None:
        """Stores what Slack's directory said of a person, with the time."""
        values = {"body": actor.model_dump_json(), "checked_at": StoreNow()}
        await self._db.execute(
            insert_into(self._db, people)
            .values(user=actor.user, **values)
            .on_conflict_do_update(index_elements=["user"], set_=values)
        )

    async def person(self, user: SlackUserId, max_age_ms: int) -> Actor | None:
        """What is known of a person, unless it is older than `max_age_ms`."""
        query = select(people.c.body).where(people.c.user == user, people.c.checked_at >= StoreNow() - max_age_ms)
        body: str | None = (await self._db.execute(query)).scalar_one_or_none()
        return None if body is None else Actor.model_validate_json(body)
