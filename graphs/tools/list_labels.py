"""Lists the labels that exist in the ticket's project."""

from __future__ import annotations

from graphs.acts import Action
from graphs.ports import Taxonomy, TicketReader
from graphs.tools.offered import Offered, Told, ToolInput
from graphs.tools.toolbox import Arguments


class ListLabels:
    action = Action.LIST_LABELS

    def __init__(self, reader: TicketReader) -> None:
        self._reader = reader

    async def run(self, arguments: Arguments) -> frozenset[str]:
        return await self._reader.labels(arguments.ref)


class NoQuestion(ToolInput):
    """Nothing to say: it is always the ticket's own project."""


def offer(tool: ListLabels, taxonomy: Taxonomy) -> Offered[NoQuestion, Arguments, frozenset[str]]:
    """Only labels of the policies are told: what else a project calls its labels is a stranger's text."""

    def told(found: frozenset[str]) -> Told:
        there = {one.casefold() for one in found}
        lines = [f"{one}{'' if one.casefold() in there else ' (would be new)'}" for one in sorted(taxonomy.labels)]
        return Told("\n".join(lines))

    return Offered(
        tool=tool,
        question=NoQuestion,
        purpose="The labels that a proposal may carry, and whether the project has them.",
        arguments=lambda _, case: Arguments(ref=case.ticket.ref),
        told=lambda found, _: told(found),
    )
