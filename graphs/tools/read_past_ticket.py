"""Reads one past ticket with what people decided about it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from graphs.acts import Action
from graphs.archive.past import Library, Settled
from graphs.model import CleanTicket, Millis
from graphs.tools.offered import BadQuestion, Case, Offered, Told, ToolInput
from graphs.tools.search_past_tickets import cite, line
from graphs.tools.toolbox import Arguments

BODY_CHARS = 1_200
_NAME = re.compile(r"([A-Za-z0-9_.-]{1,100}(?:/[A-Za-z0-9_.-]{1,100}){0,3})#([A-Za-z0-9_-]{1,20})")


class OnePast(Arguments):
    """`ref` is the past ticket's own."""

    ticket: CleanTicket
    now: Millis


class ReadPastTicket:
    action = Action.READ_PAST_TICKET

    def __init__(self, library: Library) -> None:
        self._library = library

    async def is_private(self, arguments: OnePast) -> bool:
        """What is not known counts as private: whether a name exists is no stranger's business."""
        found = await self._library.find(arguments.ref, arguments.now)
        return True if found is None else found.private

    async def run(self, arguments: OnePast) -> Settled | None:
        found = await self._library.find(arguments.ref, arguments.now)
        return found if found is not None and found.visible_to(arguments.ticket) else None


class Name(ToolInput):
    name: Annotated[str, Field(min_length=3, max_length=240, description="As a search gave it: owner/repo#12.")]


def offer(tool: ReadPastTicket) -> Offered[Name, OnePast, Settled | None]:
    return Offered(
        tool=tool,
        question=Name,
        purpose="Read one past ticket by the name that search_past_tickets gave, with its outcome.",
        arguments=_arguments,
        told=_told,
    )


def _arguments(asked: Name, case: Case) -> OnePast:
    named = _NAME.fullmatch(asked.name)
    if named is None:
        raise BadQuestion("a name looks like owner/repo#12")
    ref = case.ticket.ref.model_copy(update={"project": named[1], "number": named[2]})
    return OnePast(ref=ref, ticket=case.ticket, now=case.now)


def _told(found: Settled | None, case: Case) -> Told:
    del case
    if found is None:
        return Told("no past ticket of that name")
    return Told(f"{line(found)}\n{cite(found)}\n{found.body[:BODY_CHARS]}", {found.name: cite(found)})
