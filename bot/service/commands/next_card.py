"""`/triage next`: the card that should be decided next, mine before the others', with its buttons."""

from __future__ import annotations

from bot.service.commands.asking import Asked, Room
from bot.service.queue import Queue
from bot.slack.blocks import answers
from bot.slack.blocks.card import card
from bot.slack.blocks.message import Message


async def run(room: Room, asked: Asked) -> Message:
    async with room.record.read() as tx:
        queue = await Queue.read(tx, room.calendar, room.owners)
        mine = queue.mine(asked.actor.user)
        for one in (*mine, *queue.waiting):
            view = await room.cards.view(tx, one.triage.id, for_card=True)
            if view is not None:
                left = len(queue.waiting) - 1
                return answers.next_card(card(view), mine=one in mine, left=left)
    return answers.waiting((), total=0, asleep=queue.asleep)
