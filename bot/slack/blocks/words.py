"""Plain words for what a card shows: kinds, roles, risks, confidence, flags.

Owns wording only. What comes back is safe for plain text; mrkdwn needs `escape.mrkdwn` where a part is not ours.
"""

from __future__ import annotations

from typing import assert_never

from bot.slack.blocks.view import CardView, SimilarFace
from bot.slack.escape import mixed_alphabets
from bot.slack.ids import Action
from graphs.model import (
    AddLabel,
    Approved,
    Assign,
    Edited,
    Expired,
    HygieneReport,
    Kind,
    LayerId,
    Proposal,
    Rejected,
    RejectReason,
    Risk,
    Role,
    Withdrawn,
)

UNSURE_BELOW = 0.5
LIKELY_BELOW = 0.8
WORTH_A_WORD = 0.1
"""From this share on another layer is named beside the proposed one."""

KIND_SIGNS = {Kind.BUG: "🐞", Kind.FEATURE: "✨", Kind.QUESTION: "❓", Kind.TASK: "🔧"}
KIND_WORDS = {Kind.BUG: "bug", Kind.FEATURE: "feature", Kind.QUESTION: "question", Kind.TASK: "task"}
ROLE_WORDS = {
    Role.AI_ENGINEER: "for an AI engineer",
    Role.ML_ENGINEER: "for an ML engineer",
    Role.BOTH: "for an AI and an ML engineer",
    Role.NEITHER: "needs no AI or ML engineer",
}
RISK_WORDS = {
    Risk.REVENUE: "revenue",
    Risk.SAFETY: "safety",
    Risk.REGULATED: "regulated",
    Risk.SENSITIVE_DATA: "sensitive data",
    Risk.CORE_OPERATIONS: "core operations",
    Risk.SECURITY: "security",
}
REASON_WORDS = {
    RejectReason.WRONG_LAYER: "wrong layer",
    RejectReason.WRONG_OWNER: "wrong owner",
    RejectReason.WRONG_KIND: "wrong kind",
    RejectReason.NOT_A_TICKET: "not a ticket",
    RejectReason.DUPLICATE: "a duplicate",
    RejectReason.NOT_NOW: "not now",
    RejectReason.OTHER: "another reason",
}
VERB_WORDS = {
    Action.SNOOZE: "Snooze…",
    Action.HAND_OVER: "Not ours…",
    Action.DUPLICATE: "Duplicate of…",
    Action.ASK: "Ask the reporter…",
    Action.AGAIN: "Run again or report…",
}
NO_OWNER = "no owner fits: nobody owns this layer"


def percent(share: float) -> str:
    """Never 0 or 100: no guess is certain."""
    if share > 0.99:  # noqa: PLR2004  # above what two digits can say
        return "over 99 %"
    return "under 1 %" if share < 0.01 else f"{share * 100:.0f} %"  # noqa: PLR2004  # the same at the other end


def confidence(view: CardView) -> str:
    """How much the guess of the layer is worth, in words first."""
    share = view.analysis.layer_scores.get(view.proposal.layer)
    if share is None:
        return "not among the engine's guesses"
    if not view.analysis.known_ground:
        return "unlike anything seen: treat the guess with care"
    if share < UNSURE_BELOW:
        said = f"unsure: {percent(share)}"
    else:
        said = f"{'likely' if share < LIKELY_BELOW else 'very likely'}, {percent(share)}"
    counted = view.record
    return f"{said}, right {counted.right} of the last {counted.of} like this" if counted and counted.of else said


def became(view: CardView, other: SimilarFace) -> str:
    """What was decided about another ticket, in a few words."""
    match other.decision:
        case None:
            return "waits"
        case Approved() | Edited():
            return view.title_of(other.layer) if other.layer else "approved"
        case Rejected(reason=reason):
            return f"rejected: {REASON_WORDS[reason]}"
        case Expired():
            return "nobody decided"
        case Withdrawn():
            return "taken back"
        case _:
            assert_never(other.decision)


def runner_up(view: CardView) -> LayerId | None:
    """The layer that is likeliest after the proposed one, where the guess is not very likely; else None."""
    if view.analysis.layer_scores.get(view.proposal.layer, 0.0) >= LIKELY_BELOW:
        return None
    others = {layer: share for layer, share in view.analysis.layer_scores.items() if layer != view.proposal.layer}
    best = max(others, key=lambda layer: (others[layer], layer), default=None)
    return best if best is not None and others[best] >= WORTH_A_WORD else None


def flags(view: CardView) -> list[str]:
    """What an approver should know before trusting the rest; most serious first."""
    found = hygiene_flags(view.hygiene)
    if view.analysis.stands_in:
        found.append("no model answered: local guess")
    if view.analysis.risks:
        found.append("risk: " + ", ".join(RISK_WORDS[risk] for risk in view.analysis.risks))
    if view.formal:
        found.append("needs two approvers")
    if any(mixed_alphabets(name) for name in names_written(view.proposal)):
        found.insert(0, "look-alike letters in a name")
    return found


def hygiene_flags(report: HygieneReport) -> list[str]:
    facts = {
        "speaks to a bot": bool(report.addressed_to_bot),
        "hidden text removed": bool(report.hidden),
        "private data redacted": bool(report.redacted),
        "long text cut": report.truncated,
    }
    return [words for words, true in facts.items() if true]


def names_written(proposal: Proposal) -> list[str]:
    """Labels and logins that a proposal would write."""
    labels = [one.label for one in proposal.operations if isinstance(one, AddLabel)]
    return labels + [one.login for one in proposal.operations if isinstance(one, Assign)]


def engine(name: str, cost_usd: float) -> str:
    """What answered, and what it cost."""
    return f"{name}, ${cost_usd:.4f}" if cost_usd else f"{name}, free"


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
