"""What every command is given: who asked what, and the rooms of the house it may enter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.record.record import Record, Transaction
from bot.service.cards import Cards
from bot.service.deciding import Deciding
from bot.service.judging import Rules
from bot.service.snoozing import Snoozing
from bot.service.undoing import Undoing
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.payloads import Command
from bot.tasks import Claimed
from graphs.acts import Action, AskContext, UndoContext, human
from graphs.calendar import Calendar
from graphs.model import Actor, InstallId, Proposal, TicketRef, TrackerName, TriageState
from graphs.owners import Owners
from graphs.ports import Taxonomy

_ANY_TICKET = TicketRef(tracker=TrackerName.GITHUB, install=InstallId("-"), project="-", number="0")
"""Of no tracker in particular: what the gate is asked about when a command names no ticket."""

Locate = Callable[[str], TicketRef | None]
"""Understands a ticket's link or key; None for one that no tracker here has."""


@dataclass(frozen=True)
class Room:
    """What commands work with."""

    record: Record
    rules: Rules
    taxonomy: Taxonomy
    owners: Owners
    calendar: Calendar
    cards: Cards
    deciding: Deciding
    undoing: Undoing
    snoozing: Snoozing
    locate: Locate
    announce: Callable[[], Awaitable[None]]
    """Tells all processes that the off switch was turned."""


@dataclass(frozen=True)
class Asked:
    """One command, understood as far as its first word."""

    job: Claimed
    command: Command
    actor: Actor
    rest: str
    """What stands behind the first word."""

    @property
    def first(self) -> str:
        return self.rest.partition(" ")[0]

    @property
    def others(self) -> str:
        """What stands behind the second word."""
        return self.rest.partition(" ")[2].strip()


Run = Callable[[Room, Asked], Awaitable[Message | None]]
"""What the person is told; None where something else tells them."""


@dataclass(frozen=True)
class Verb:
    run: Run
    action: Action | None
    """What the gate is asked before it runs; None where it asks by itself, about the ticket that is named."""


Registry = Mapping[str, Verb]


def refusal(room: Room, actor: Actor, action: Action, ref: TicketRef | None = None) -> Message | None:
    """Why this person may not; None where they may."""
    rules, paused = room.rules, room.rules.paused()
    context: AskContext | UndoContext = (
        rules.approvers.undoing(actor, kill_switch=paused)
        if action is Action.TURN_SWITCH
        else rules.approvers.asking(actor, kill_switch=paused)
    )
    permission = rules.gate.check(human(actor.user), action, ref or _ANY_TICKET, context)
    return None if permission.allowed else answers.may_not(permission.why, rules.who_can())


async def waiting_proposal(tx: Transaction, ref: TicketRef) -> Proposal | None:
    """The ticket's proposal that waits for a decision."""
    live = await tx.triages.live(ref.key)
    if live is None or (await tx.triages.get(live)).state is not TriageState.AWAITING:
        return None
    return await tx.proposals.latest(live)
