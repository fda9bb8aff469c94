"""Searches the team's own notes; each hit says how old it is and whether it is stale."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from graphs.acts import Action
from graphs.archive.notes import Note, Notes
from graphs.tools.offered import Case, Offered, Told, ToolInput
from graphs.tools.search_past_tickets import WORDS_CHARS
from graphs.tools.toolbox import Arguments

MOST, NOTE_CHARS = 4, 600


class NoteQuestion(Arguments):
    words: str
    private: bool
    """Whether the ticket can be read by few: only then private notes are found."""


class SearchNotes:
    action = Action.SEARCH_NOTES

    def __init__(self, notes: Notes) -> None:
        self.notes = notes

    async def run(self, arguments: NoteQuestion) -> tuple[Note, ...]:
        return tuple(await self.notes.search(arguments.words, private=arguments.private, most=MOST))


class NoteWords(ToolInput):
    words: Annotated[str, Field(min_length=2, max_length=WORDS_CHARS, description="Words the note would use.")]


def offer(tool: SearchNotes) -> Offered[NoteWords, NoteQuestion, tuple[Note, ...]]:
    def told(found: tuple[Note, ...], case: Case) -> Told:
        return Told("\n\n".join(_line(tool.notes, one, case) for one in found) or "none found", _cites(found))

    return Offered(
        tool=tool,
        question=NoteWords,
        purpose="Search the team's own notes (decisions, runbooks). A stale note may be wrong by now.",
        arguments=lambda asked, case: NoteQuestion(ref=case.ticket.ref, words=asked.words, private=case.ticket.private),
        told=told,
    )


def _cites(found: tuple[Note, ...]) -> dict[str, str]:
    return {one.name: f"{one.name} ({one.dated})" for one in found}


def _line(notes: Notes, one: Note, case: Case) -> str:
    stale = ", STALE" if notes.is_stale(one, case.now) else ""
    return f"{one.name} (dated {one.dated}, {one.age_days(case.now)} days old{stale})\n{one.text[:NOTE_CHARS]}"
