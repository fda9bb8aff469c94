"""Forms behind the menu of a card: put it off, pass it on, name its double, ask the reporter, run again, report.

Owns their fields and words. What a person chose comes back typed through `payloads`.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.blocks.elements import input_block
from bot.slack.blocks.message import Json
from bot.slack.blocks.modals import COMMENT_LIMIT, OwnerOption, about, form, note_input, one_line_input, select
from bot.slack.blocks.view import CardView
from bot.slack.blocks.words import percent
from bot.slack.escape import cut, one_line
from bot.slack.ids import Action, Block, Callback
from bot.slack.payloads import AGAIN

TIMES = {
    "1h": "for an hour",
    "4h": "for four hours",
    "tomorrow": "until tomorrow morning",
    "monday": "until Monday morning",
    "7d": "for a week",
}
"""Words of `bot.service.when` and what they are called."""
TROUBLES = {
    AGAIN: "Out of date: run it again",
    "wrong": "It is wrong: report it",
    "invented": "It claims what is not there: report it",
    "unsafe": "It is unsafe to approve: report it",
    "rude": "It is rude: report it",
}
_GENERAL = "- what you did, step by step\n- what you expected, and what happened instead\n- the version you use"
MOST_MISSING = 5


def snooze_modal(view: CardView) -> Json:
    blocks = [
        about(view, "It comes back with the time it has left. Anybody may still decide it."),
        input_block(Block.TIME, "Put it off", select(Action.CHOOSE_TIME, TIMES, "tomorrow")),
    ]
    return form("Snooze", "Snooze", Callback.SNOOZE, view.value, blocks)


def hand_over_modal(view: CardView, owners: Sequence[OwnerOption]) -> Json:
    """Owners beside the one it is proposed for."""
    now = view.proposal.owner.owner if view.proposal.owner else None
    others = {str(one.owner): one.words for one in owners if one.owner != now}
    blocks = [
        about(view, "The card goes to the other team, with a new proposal. Nothing is written yet."),
        input_block(Block.OWNER, "Whose is it?", select(Action.CHOOSE_OWNER, others, None)),
        input_block(Block.NOTE, "A word to them", note_input(), optional=True, hint="Shown in the card's thread."),
    ]
    return form("Not ours", "Pass it on", Callback.HAND_OVER, view.value, blocks)


def duplicate_modal(view: CardView) -> Json:
    known = {cut(one.short, 75): f"{one_line(one.short, 40)} ({percent(one.score)} alike)" for one in view.similar}
    listed = [input_block(Block.OTHER_TICKET, "Duplicate of", select(Action.CHOOSE_TICKET, known, None), optional=True)]
    blocks = [
        about(view, "The proposal is rejected. Nothing is written to the ticket, and nothing is closed."),
        *(listed if known else []),
        input_block(
            *(Block.NOTE, "Another ticket" if known else "Duplicate of", one_line_input()),
            optional=True,
            hint="A link, or owner/repo#12.",
        ),
    ]
    return form("Duplicate", "Reject", Callback.DUPLICATE, view.value, blocks)


def ask_modal(view: CardView, prepared: str) -> Json:
    """`prepared`: the question as it would be posted."""
    text = {
        "type": "plain_text_input",
        "action_id": Action.WRITE_COMMENT,
        "multiline": True,
        "max_length": COMMENT_LIMIT,
        "initial_value": cut(prepared, COMMENT_LIMIT),
    }
    blocks = [
        about(view, "Post writes exactly this as a comment on the ticket: it is your approval of it."),
        input_block(Block.COMMENT, "Question", text),
    ]
    return form("Ask the reporter", "Post", Callback.ASK, view.value, blocks)


def again_modal(view: CardView) -> Json:
    blocks = [
        about(view, "Running again withdraws this card and reads the ticket anew. A report reaches the operator."),
        input_block(Block.TROUBLE, "What is the matter?", select(Action.CHOOSE_TROUBLE, TROUBLES, None)),
        input_block(Block.NOTE, "In your words", note_input(), optional=True, hint="Kept with a report."),
    ]
    return form("Run again, or report", "Send", Callback.AGAIN, view.value, blocks)


def missing(view: CardView) -> str:
    """What the reporter should add: what the model missed, else what nearly every ticket lacks."""
    opinion = view.analysis.opinion
    named = [f"- {one_line(one, 200)}" for one in opinion.missing[:MOST_MISSING]] if opinion else []
    return "\n".join(named) or _GENERAL
