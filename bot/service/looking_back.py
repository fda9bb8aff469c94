"""What the record knows of tickets and guesses like this one, for the card and Why.

Owns the count, what became of similar tickets, and who decided what moved the guess. All of it is read when it is
shown: what was erased or forgotten meanwhile is not shown. Reads only, a bounded number of rows by their indexes.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.record.eraser import ERASED
from bot.record.lessons import Judged
from bot.record.record import Transaction
from bot.slack.blocks.view import PrecedentFace, SimilarFace, TrackRecord
from bot.slack.blocks.words import LIKELY_BELOW, UNSURE_BELOW
from graphs.answers import Screened
from graphs.model import Analysis, Precedent, Proposal, Similar, TriageId, Value
from graphs.state import Step

LAST = 50
"""Guesses that are counted."""
FEWEST = 5
"""Fewer say nothing, and nothing is said."""
ENOUGH = 20
"""From so many of the same confidence on only these are counted."""
LOOKED_AT = 4 * LAST


class LookedBack(Value):
    record: TrackRecord | None
    similar: tuple[SimilarFace, ...]
    precedents: tuple[PrecedentFace, ...]


async def looked_back(
    tx: Transaction, proposal: Proposal, analysis: Analysis, similar: Sequence[Similar], *, private: bool
) -> LookedBack:
    """`private`: whether few may read the ticket that the card is about."""
    share = round(100 * analysis.layer_scores.get(proposal.layer, 0.0))
    # What a person chose is no guess of the engine.
    counted = None if proposal.edited_by else counted_of(await tx.lessons.like(proposal, LOOKED_AT), share)
    faces = [await _similar(tx, one, private=private) for one in similar]
    return LookedBack(
        record=counted,
        similar=tuple(one for one in faces if one is not None),
        precedents=tuple([await _precedent(tx, one) for one in analysis.precedents]),
    )


def counted_of(judged: Sequence[Judged], share: int) -> TrackRecord | None:
    """How often the newest of these were right; of those about as sure where there are enough. None for too few."""
    alike = [one for one in judged if band(one.share) == band(share)]
    chosen = (alike if len(alike) >= ENOUGH else judged)[:LAST]
    if len(chosen) < FEWEST:
        return None
    right = sum(one.was_right for one in chosen)
    return TrackRecord(right=right, of=len(chosen), alike=len(alike) >= ENOUGH)


def band(share: int) -> int:
    """0: unsure, 1: likely, 2: very likely; as the card says it. `share` in percent."""
    return sum(share >= 100 * edge for edge in (UNSURE_BELOW, LIKELY_BELOW))


async def _similar(tx: Transaction, one: Similar, *, private: bool) -> SimilarFace | None:
    """None where it cannot be told any more that whoever sees the card may see this one."""
    triage = await tx.triages.newest(one.ref.key)
    screened = await _screened(tx, triage.id) if triage else None
    if triage is None or screened is None or (screened.ticket.private and not private):
        return None
    proposal = await tx.proposals.latest(triage.id)
    decision = await tx.proposals.decision(proposal.id) if proposal else None
    title = "" if screened.ticket.title == ERASED else screened.ticket.title
    return SimilarFace(
        short=one.ref.short,
        url=one.url,
        title=title,
        score=one.score,
        layer=proposal.layer if proposal else None,
        decision=decision,
    )


async def _screened(tx: Transaction, triage: TriageId) -> Screened | None:
    found = await tx.triages.recall(triage, Step.SCREEN)
    return None if found is None else Screened.model_validate_json(found)


async def _precedent(tx: Transaction, one: Precedent) -> PrecedentFace:
    told = await tx.lessons.of(one.ref.key)
    taught = told is not None and told.lesson.layer == one.layer
    return PrecedentFace(
        short=one.ref.short,
        layer=one.layer,
        likeness=one.likeness,
        by=told.lesson.by if told and taught else None,
        at=told.decided_at if told and taught else None,
    )
