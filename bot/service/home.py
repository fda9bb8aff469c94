"""Draws the Home tab of a person when they open it. Reads only."""

from __future__ import annotations

from collections import Counter

from bot.record.record import Record, Transaction
from bot.service.commands.asking import Room, refusal
from bot.service.commands.listing import line_of
from bot.service.desk import Desk
from bot.service.health import health
from bot.service.people import People
from bot.service.queue import Queue, Waiting
from bot.slack.blocks.answers import WaitingTicket
from bot.slack.blocks.home import HomeFace, closed_home, home
from bot.tasks import Claimed, DrawHome
from bot.work.pause import SWITCH
from graphs.acts import Action
from graphs.model import SlackUserId

MOST_SHOWN = 8
DAY_MS = 86_400_000


class HomeTab:
    def __init__(self, desk: Desk, people: People, room: Room) -> None:
        self._desk = desk
        self._people = people
        self._room = room

    @property
    def _record(self) -> Record:
        return self._room.record

    async def draw(self, job: Claimed) -> None:
        assert isinstance(job.task, DrawHome)
        user = job.task.user
        actor = await self._people.actor(user, stranger=job.task.is_stranger)
        no = refusal(self._room, actor, Action.LOOK)
        if no is not None:
            await self._desk.publish(user, closed_home(no.text))
            return
        async with self._record.read() as tx:
            face = await self._face(tx, user)
        await self._desk.publish(user, home(face))

    async def _face(self, tx: Transaction, user: SlackUserId) -> HomeFace:
        room, now = self._room, await tx.now()
        queue = await Queue.read(tx, room.calendar, room.owners)
        mine = queue.mine(user)
        layer = [one for one in queue.of_layers(room.owners.layers_of(user)) if one not in mine]
        today, switch = room.calendar.today(now, user), await tx.switches.get(SWITCH)
        away = await tx.absences.of(user)
        absent = {who for who, one in (await tx.absences.since(today)).items() if one.covers(today)}
        return HomeFace(
            paused_by=(switch.by if switch and switch.on else "by setting") if room.rules.paused() else "",
            mine=await self._shown(tx, mine),
            mine_total=len(mine),
            layer=await self._shown(tx, layer),
            layer_total=len(layer),
            asleep=queue.asleep,
            since_yesterday=dict(Counter(one.status for one in await tx.proposals.decided_since(now - DAY_MS))),
            health=await health(tx),
            on_duty=room.calendar.on_duty(today, absent),
            away=(away.first.isoformat(), away.last.isoformat()) if away and away.last >= today else None,
        )

    async def _shown(self, tx: Transaction, waiting: list[Waiting]) -> tuple[WaitingTicket, ...]:
        lines = [await line_of(self._room, tx, one) for one in waiting[:MOST_SHOWN]]
        return tuple(one for one in lines if one)
