"""Checks what a model claims: quotes against the ticket, letter for letter, names against what its tools have shown.

Owns what is kept. What fails is dropped and counted, never mended: a quote that is nearly there is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from graphs.agent.answer import Claim, Verdict
from graphs.model import CleanTicket, Evidence

LEAST_QUOTE, MOST_QUOTE, CLAIM_CHARS = 8, 300, 240
_SOURCES: Mapping[str, Literal["precedent", "owner_rule", "note"]] = {
    "past_ticket": "precedent",
    "owner": "owner_rule",
    "note": "note",
}
_MARKS = "\"'“”‘’«»` \n\t"  # noqa: RUF001  # what people and models put around a quote


@dataclass(frozen=True, slots=True)
class Checked:
    evidence: tuple[Evidence, ...]
    against: tuple[Evidence, ...]
    duplicates: tuple[str, ...]
    dropped: int


def check(
    verdict: Verdict, ticket: CleanTicket, cites: Mapping[str, str], cleaned: Callable[[str, int], str]
) -> Checked:
    """`cites`: names that may be cited, and how a person reads each. `cleaned` takes out what must not be shown."""
    pro = _kept(verdict.evidence, ticket, cites, cleaned)
    con = _kept(verdict.against, ticket, cites, cleaned)
    tickets = [one for one in verdict.duplicates if "#" in one and one in cites]
    said = len(verdict.evidence) + len(verdict.against) + len(verdict.duplicates)
    return Checked(pro, con, tuple(tickets), said - len(pro) - len(con) - len(tickets))


def _kept(
    claims: Iterable[Claim], ticket: CleanTicket, cites: Mapping[str, str], cleaned: Callable[[str, int], str]
) -> tuple[Evidence, ...]:
    kept = []
    for one in claims:
        match one.source:
            case "quote":
                if quote := quoted(one.text, ticket):
                    kept.append(Evidence(source="quote", text=quote))
            case "past_ticket" | "owner" | "note":
                if one.ref in cites:
                    said = cleaned(" ".join(one.text.split()), CLAIM_CHARS)
                    source = _SOURCES[one.source]
                    kept.append(Evidence(source=source, text=f"{cites[one.ref]}: {said}", ref=one.ref))
    return tuple(dict.fromkeys(kept))


def quoted(text: str, ticket: CleanTicket) -> str:
    """The words as the ticket has them; empty where it does not, or where they are too few to say anything."""
    words = text.strip(_MARKS)
    fits = LEAST_QUOTE <= len(words) <= MOST_QUOTE
    return words if fits and (words in ticket.title or words in ticket.body) else ""
