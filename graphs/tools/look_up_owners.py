"""Looks up who should get a ticket: policy first, then the tickets people decided. Never from the ticket's text."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from graphs.acts import Action
from graphs.model import CleanTicket, Evidence, LayerId, Millis, OwnerChoice, Value
from graphs.owners import Owners
from graphs.ports import Absent
from graphs.ranking.memory import Memory, OwnedTickets
from graphs.ranking.shortlist import Question, Shortlist, shortlist
from graphs.tools.offered import BadQuestion, Case, Offered, Told, ToolInput
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

    def __init__(self, owners: Owners, source: OwnedTickets | None = None, absent: Absent | None = None) -> None:
        self._owners = owners
        self._absent = absent
        self._memory = Memory(source, owners.known_as)

    async def run(self, arguments: OwnerQuestion) -> OwnerAnswer:
        history = await self._memory.history(arguments.ref.install, arguments.now)
        away = await self._absent.now_away(arguments.now) if self._absent else {}
        question = Question(ticket=arguments.ticket, layer=arguments.layer, now=arguments.now, away=dict(away))
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


class WhichLayer(ToolInput):
    layer: Annotated[str, Field(min_length=1, max_length=40, description="Id of a layer.")]


def offer(tool: LookUpOwners) -> Offered[WhichLayer, OwnerQuestion, OwnerAnswer]:
    return Offered(
        tool=tool,
        question=WhichLayer,
        purpose="Who would own this ticket if it belonged to a layer, and why: policy first, then past tickets.",
        arguments=_arguments,
        told=_words,
    )


def _arguments(asked: WhichLayer, case: Case) -> OwnerQuestion:
    layer = LayerId(asked.layer)
    if layer not in case.layers:
        raise BadQuestion(f"a layer is one of {', '.join(case.layers)}")
    return OwnerQuestion(ref=case.ticket.ref, layer=layer, ticket=case.ticket, now=case.now)


def _words(found: OwnerAnswer, case: Case) -> Told:
    del case
    who = "nobody" if found.choice is None else f"{found.choice.owner} ({found.choice.reason})"
    names = {} if found.choice is None else {str(found.choice.owner): str(found.choice.owner)}
    return Told("\n".join([who, *(one.text for one in found.evidence)]), names)
