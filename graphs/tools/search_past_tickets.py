"""Searches tickets about which people have decided: what was said of similar ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from graphs.acts import Action
from graphs.archive.past import Library, Settled
from graphs.model import CleanTicket, Millis
from graphs.tools.offered import Offered, Told, ToolInput
from graphs.tools.toolbox import Arguments

MOST = 5
TITLE_CHARS, WORDS_CHARS = 120, 300


class PastQuestion(Arguments):
    words: str
    ticket: CleanTicket
    now: Millis


class SearchPastTickets:
    action = Action.SEARCH_PAST_TICKETS

    def __init__(self, library: Library) -> None:
        self._library = library

    async def run(self, arguments: PastQuestion) -> tuple[Settled, ...]:
        found = await self._library.search(arguments.words, arguments.ticket, arguments.now, MOST)
        return tuple(one for one, _ in found)


class Words(ToolInput):
    words: Annotated[str, Field(min_length=2, max_length=WORDS_CHARS, description="Words the past ticket would use.")]


def offer(tool: SearchPastTickets) -> Offered[Words, PastQuestion, tuple[Settled, ...]]:
    return Offered(
        tool=tool,
        question=Words,
        purpose="Search tickets that people have triaged already. Gives names with layer, kind and owner.",
        arguments=lambda asked, case: PastQuestion(
            ref=case.ticket.ref, words=asked.words, ticket=case.ticket, now=case.now
        ),
        told=lambda found, _: Told("\n".join(map(line, found)) or "none found", {one.name: cite(one) for one in found}),
    )


def line(one: Settled) -> str:
    return f"{one.name}: {one.title[:TITLE_CHARS]} | layer {one.layer}, {one.kind}, owner {one.owner or 'nobody'}"


def cite(one: Settled) -> str:
    """How a person reads it."""
    return f"{one.name} ({one.layer}, {datetime.fromtimestamp(one.decided_at / 1000, UTC).date()})"
