"""What a card says once a decision is made: who, when, and what is really set.

Owns the wording of every state except `pending`. The parts it joins are ours or went through `escape`.
"""

from __future__ import annotations

from typing import assert_never

from bot.slack.blocks.elements import bold, line, literal, marked, rich, section, when
from bot.slack.blocks.message import Json
from bot.slack.blocks.operations import elements_of, named, operations_block, showable
from bot.slack.blocks.view import (
    Applied,
    Applying,
    CardState,
    CardView,
    Failed,
    Outcome,
    Pending,
    Result,
    Stale,
    TakenBack,
    TakingBack,
)
from bot.slack.blocks.words import REASON_WORDS
from bot.slack.escape import mention, mrkdwn, one_line
from bot.slack.ids import Block
from graphs.model import TAKES_BACK, Edited, Expired, Rejected, SlackUserId, Withdrawn

NOTHING = "Nothing was written."
MOST_CHANGES = 3
_SIGNS = {Outcome.DONE: "✓", Outcome.ALREADY: "✓", Outcome.KEPT: "✗", Outcome.FAILED: "✗", Outcome.UNKNOWN: "?"}
_ENDINGS = {
    Outcome.DONE: "set",
    Outcome.ALREADY: "was set already",
    Outcome.KEPT: "left out",
    Outcome.FAILED: "not set",
    Outcome.UNKNOWN: "not confirmed yet",
}
_ENDINGS_OF_UNDO = {
    Outcome.DONE: "taken back",
    Outcome.ALREADY: "gone",
    Outcome.KEPT: "left as it is",
    Outcome.FAILED: "not taken back",
    Outcome.UNKNOWN: "not confirmed yet",
}
_REASONS = {
    Outcome.KEPT: "a person had set something else",
    Outcome.FAILED: "the tracker gave no reason",
    Outcome.UNKNOWN: "the tracker is asked again",
}


def decision_blocks(view: CardView) -> list[Json]:
    """The sentence about the decision and the list of what became of each operation."""
    blocks = [section(marked(sentence(view)), Block.DECISION)]
    match view.state:
        case Applied(results=results):
            return [*blocks, _results_block(results, "Set now")]
        case TakenBack(results=results):
            return [*blocks, _results_block(results, "Taken back")]
        case TakingBack():
            return blocks
        case Applying():
            return [*blocks, operations_block(view.proposal.operations, "Writing")]
        case Edited() | Pending():
            return blocks
        case _:
            shown = showable(view.proposal.operations)
            return [*blocks, operations_block(view.proposal.operations, "Was proposed")] if shown else blocks


def sentence(view: CardView) -> str:  # noqa: C901, PLR0911  # one return per state
    """One or two sentences in mrkdwn."""
    state = view.state
    match state:
        case Pending():
            return "Waiting for a person to decide."
        case Applying():
            return f"✅ {_approved(view, state.by)} · {when(state.at)}. Writing to the tracker…"
        case Applied():
            return f"{_sign(state.results)} {_approved(view, state.by)} · {when(state.at)}. {_sum(state.results)}"
        case TakingBack():
            return f"↩️ {mention(state.by)} takes this back · {when(state.at)}. Undoing in the tracker…"
        case TakenBack():
            return f"↩️ *Taken back* by {mention(state.by)} · {when(state.at)}. {_left(state.results)}"
        case Rejected():
            note = f": “{mrkdwn(state.note, 300)}”" if state.note.strip() else ""
            why = REASON_WORDS[state.reason]
            return f"🚫 *Rejected* by {mention(state.by)} · {when(state.at)} · {why}{note}. {NOTHING}"
        case Edited():
            return f"✏️ *Edited* by {mention(state.by)} · {when(state.at)}. Another proposal took this one's place."
        case Expired():
            return f"⌛ *Expired* · {when(state.at)}. Nobody decided in time, and that is a no. {NOTHING}"
        case Withdrawn():
            return f"↩️ *Withdrawn* · {when(state.at)} · {mrkdwn(state.why)}. {NOTHING}"
        case Stale():
            return (
                f"⚠️ {_approved(view, state.by)} · {when(state.at)}, but the ticket had changed: "
                f"{_changes(state.changes)}. {NOTHING} `/triage` with its link makes a fresh proposal."
            )
        case Failed():
            why = mrkdwn(state.reason)
            return f"❌ {_approved(view, state.by)} · {when(state.at)}, but nothing could be written: {why}"
        case _:
            assert_never(state)


def decider(state: CardState) -> SlackUserId | None:
    """Who decided; None while nobody has, and where no person did."""
    match state:
        case Applying() | Applied() | TakingBack() | TakenBack() | Rejected() | Edited() | Stale() | Failed():
            return state.by
        case Pending() | Expired() | Withdrawn():
            return None
        case _:
            assert_never(state)


def _approved(view: CardView, by: SlackUserId) -> str:
    edited = "*Edited and approved*" if view.proposal.edited_by == by else "*Approved*"
    return f"{edited} by {mention(by)}"


def _sign(results: tuple[Result, ...]) -> str:
    return "✅" if all(one.outcome in {Outcome.DONE, Outcome.ALREADY} for one in results) else "⚠️"


def _sum(results: tuple[Result, ...]) -> str:
    good = sum(one.outcome in {Outcome.DONE, Outcome.ALREADY} for one in results)
    if good == len(results):
        return "All of it is set."
    return NOTHING if not good else f"{good} of {len(results)} are set."


def _left(results: tuple[Result, ...]) -> str:
    gone = sum(one.outcome in {Outcome.DONE, Outcome.ALREADY} for one in results)
    if gone == len(results):
        return "Nothing of it is left; what people have set stays."
    return f"{gone} of {len(results)} are gone."


def _changes(changes: tuple[str, ...]) -> str:
    shown = [mrkdwn(change, 120) for change in changes[:MOST_CHANGES]]
    more = [f"{len(changes) - MOST_CHANGES} more"] if len(changes) > MOST_CHANGES else []
    return "; ".join([*shown, *more]) or "see the ticket"


def _results_block(results: tuple[Result, ...], title: str) -> Json:
    """What is set, or gone, stands on one line; everything else has a line of its own with its reason."""
    done = [part for one in results if one.outcome is Outcome.DONE for part in (*elements_of(one.operation), _GAP)]
    rows = [line(bold(f"{title}:  "), *done)] if done else []
    rows += [_result_line(one) for one in results if one.outcome is not Outcome.DONE]
    return rich(rows or [line(bold(f"{title}:  "), literal("everything was set already"))], Block.OPERATIONS)


def _result_line(result: Result) -> Json:
    """The sign of the outcome stands where the card had the sign of the operation."""
    reason = one_line(result.note, 150) or _REASONS.get(result.outcome, "")
    endings = _ENDINGS_OF_UNDO if isinstance(result.operation, TAKES_BACK) else _ENDINGS
    ending = f" {endings[result.outcome]}" + (f": {reason}" if reason else "")
    what, *name = named(result.operation)
    return line(literal(f"{_SIGNS[result.outcome]} "), what, *name, literal(ending))


_GAP = literal("   ")
