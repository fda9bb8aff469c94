"""What waits for a decision, the next deadline first, and whose it is. Reads only, a bounded number of rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from operator import attrgetter
from typing import Self

from bot.record.record import Transaction
from bot.record.triages import Triage
from graphs.calendar import Calendar
from graphs.model import LayerId, Millis, Proposal, SlackUserId
from graphs.owners import Owners
from policies.shapes import Office

MOST = 200


@dataclass(frozen=True)
class Waiting:
    """A card that a person should decide."""

    triage: Triage
    proposal: Proposal
    due_at: Millis
    is_late: bool
    """The last reminder's share of its time is over."""


@dataclass(frozen=True)
class Queue:
    waiting: list[Waiting]
    asleep: int
    """Cards that were put off and are not back yet."""
    owners: Owners

    @classmethod
    async def read(cls, tx: Transaction, calendar: Calendar, owners: Owners) -> Self:
        now, found, asleep = await tx.now(), [], 0
        triages = await tx.triages.waiting(MOST)
        pairs = [(one, proposal) for one in triages if (proposal := await tx.proposals.latest(one.id))]
        snoozes = await tx.snoozes.of([proposal.id for _, proposal in pairs])
        for triage, proposal in pairs:
            snooze = snoozes.get(proposal.id)
            if snooze and snooze.until and snooze.until > now:
                asleep += 1
                continue
            due_at = snooze.due_at if snooze else proposal.expires_at
            late = now >= last_reminder(calendar, proposal, due_at)
            found.append(Waiting(triage=triage, proposal=proposal, due_at=due_at, is_late=late))
        return cls(sorted(found, key=attrgetter("due_at")), asleep, owners)

    def mine(self, user: SlackUserId) -> list[Waiting]:
        """What is proposed for this person, or nobody's and in one of their layers."""
        layers = self.owners.layers_of(user)
        return [
            one
            for one in self.waiting
            if (one.proposal.owner.slack_user == user if one.proposal.owner else one.proposal.layer in layers)
        ]

    def of_layers(self, layers: Collection[LayerId]) -> list[Waiting]:
        return [one for one in self.waiting if one.proposal.layer in layers]

    def overdue(self) -> list[Waiting]:
        return [one for one in self.waiting if one.is_late]


def last_reminder(calendar: Calendar, proposal: Proposal, due_at: Millis) -> Millis:
    """When the last reminder of a card comes; its end where there are none."""
    if not calendar.remind_at:
        return due_at
    return calendar.share_of(proposal.created_at, due_at, calendar.remind_at[-1], office_of(calendar, proposal))


def office_of(calendar: Calendar, proposal: Proposal) -> Office | None:
    """Whose working hours a card's time is counted in: its owner's."""
    return calendar.office_of(proposal.owner.slack_user if proposal.owner else None)
