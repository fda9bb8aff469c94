"""Looks up who should get a ticket: policy first, then the tickets people decided. Never from the ticket's text."""

from __future__ import annotations

from graphs.acts import Action
from graphs.model import CleanTicket, Evidence, LayerId, Millis, OwnerChoice, Value
from graphs.owners import Owners
from graphs.ranking.memory import Memory, OwnedTickets
from graphs.ranking.shortlist import Question, Shortlist, shortlist
from graphs.tools.toolbox import Arguments

MOST_SENTENCES = 4


class OwnerQuestion(Arguments):
    layer: LayerId
    ticket: CleanTicket
    now: Millis
    """What absences, working hours and recency are judged by."""


class OwnerAnswer(Value):
    choice: OwnerChoice | None
    evidence: tuple[Evidence, ...]
    """Why this one, and why not the ones before; or why nobody."""


class LookUpOwners:
    action = Action.LOOK_UP_OWNERS

    def __init__(self, owners: Owners, source: OwnedTickets | None = None) -> None:
        self._owners = owners
        self._memory = Memory(source, owners.known_as)

    async def run(self, arguments: OwnerQuestion) -> OwnerAnswer:
        history = await self._memory.history(arguments.ref.install, arguments.now)
        question = Question(ticket=arguments.ticket, layer=arguments.layer, now=arguments.now)
        found = shortlist(self._owners, question, history)
        return OwnerAnswer(choice=found.choice, evidence=_told(found))


def _told(found: Shortlist) -> tuple[Evidence, ...]:
    """The chosen one's sentences, then what stands against the others."""
    if found.choice is None:
        return (Evidence(source="owner_rule", text=found.gap),)
    mine = next(one for one in found.standings if one.owner == found.choice.owner)
    rule, *past = mine.why
    told = [Evidence(source="owner_rule", text=rule)]
    told += [Evidence(source="precedent", text=f"{mine.owner}: {one}") for one in past[: MOST_SENTENCES - 1]]
    others = (one for one in found.standings if one.owner != found.choice.owner and one.why_not)
    told += [Evidence(source="owner_rule", text=f"Not {one.owner}: {one.why_not[0]}") for one in others]
    return tuple(told[: 2 * MOST_SENTENCES])
