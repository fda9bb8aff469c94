"""What a model adds under Why: what speaks against its answer, what would change its mind, what to ask, drafts.

Owns its wording. Every line is a model's own text and is shown as such: literal, bounded, never as markup.
"""

from __future__ import annotations

from bot.slack.blocks.view import CardView
from bot.slack.escape import one_line
from graphs.model import Opinion

CHARS = 300


def sections(view: CardView) -> list[tuple[str, list[str]]]:
    """Headings with their lines; empty ones are left out by the caller."""
    analysis = view.analysis
    found: list[tuple[str, list[str]]] = []
    if analysis.stands_in:
        found.append(("Why no model answered", [one_line(analysis.stands_in, CHARS)]))
    if analysis.opinion is not None:
        found += _said(analysis.opinion)
    if view.review_questions:
        found.append(("Questions for whoever reviews it", [one_line(one, CHARS) for one in view.review_questions]))
    return found


def _said(opinion: Opinion) -> list[tuple[str, list[str]]]:
    against = [one_line(one.text, CHARS) for one in opinion.against] or ["it found nothing"]
    change = [one_line(opinion.would_change, CHARS)] if opinion.would_change else []
    draft = [one_line(f"{opinion.capability[0]} → {opinion.capability[1]}", CHARS)] if opinion.capability else []
    return [
        ("The model says: against its own answer", against),
        ("The model says: what would change its mind", change),
        ("The model says: ask the reporter", [one_line(one, CHARS) for one in opinion.missing]),
        ("The model says: it may repeat", [one_line(one, CHARS) for one in opinion.duplicates]),
        ("The model says: draft row, capability → experience", draft),
        ("How sure it is", [_sure(opinion)]),
        ("How it was made", [_made(opinion), *([_dropped(opinion)] if opinion.dropped else [])]),
    ]


def _made(opinion: Opinion) -> str:
    versions = ", ".join(f"{name} {one_line(version, 80)}" for name, version in opinion.versions.items())
    return (
        f"{opinion.steps} questions, {opinion.calls} look-ups, {opinion.tokens:,} tokens "
        f"({opinion.cached_share:.0%} of what it read from the cache); {versions}"
    )


def _sure(opinion: Opinion) -> str:
    """Where the percentage comes from: a model says a word, not a number."""
    word, decided = one_line(opinion.versions.get("certainty", "nothing"), 20), opinion.certainty_learned_from
    if decided:
        return f"it says “{word}”; what that is worth here was learnt from {decided} decided tickets"
    return f"it says “{word}”; the percentage is a fixed table's for this word, and nobody has calibrated it"


def _dropped(opinion: Opinion) -> str:
    return f"{opinion.dropped} claims were thrown away: no such words in the ticket, or never looked up"
