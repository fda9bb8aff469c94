"""Forms: edit, reject, and a notice where a form cannot be shown; the parts that `verbs` is made of as well.

Owns their fields. The only thing a form carries from here to there and back is the sealed button value; what a
person chose comes back typed through `payloads`.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.blocks.elements import bold, input_block, line, literal, option, plain, rich
from bot.slack.blocks.message import Json
from bot.slack.blocks.view import CardView
from bot.slack.blocks.words import KIND_WORDS, NO_OWNER, REASON_WORDS
from bot.slack.escape import cut, lines_of, one_line
from bot.slack.ids import NOBODY, Action, Block, Callback
from graphs.model import Comment, OwnerId, Value

NOTE_LIMIT = 300
COMMENT_LIMIT = 3000
OPTIONS = 100
TITLE_LIMIT = 24


class OwnerOption(Value):
    """A line of the owner select."""

    owner: OwnerId
    name: str
    away_until: str = ""
    """An ISO date; empty for whoever is here."""

    @property
    def words(self) -> str:
        away = f" (away until {self.away_until})" if self.away_until else ""
        return f"{one_line(self.name, 50)}{away}"


def edit_modal(view: CardView, owners: Sequence[OwnerOption]) -> Json:
    """Change the proposal. Submitting it approves the changed one, and the form says so."""
    proposal = view.proposal
    layers = {layer: one_line(title, 75) for layer, title in view.layer_titles.items()}
    layers.setdefault(proposal.layer, one_line(proposal.layer, 75))
    people = {NOBODY: "nobody"} | {str(one.owner): one.words or str(one.owner) for one in owners}
    if proposal.owner:
        people.setdefault(str(proposal.owner.owner), one_line(proposal.owner.name, 75) or str(proposal.owner.owner))
    chosen = str(proposal.owner.owner) if proposal.owner else NOBODY
    kinds = {str(kind): words for kind, words in KIND_WORDS.items()}
    blocks = [
        about(view, "Approve edit writes the changed proposal at once: it is your approval of it."),
        input_block(
            Block.LAYER, "Layer", select(Action.CHOOSE_LAYER, {str(k): v for k, v in layers.items()}, proposal.layer)
        ),
        input_block(Block.KIND, "Kind", select(Action.CHOOSE_KIND, kinds, proposal.kind)),
        input_block(Block.OWNER, "Owner", select(Action.CHOOSE_OWNER, people, chosen), hint=_owner_hint(view)),
        input_block(Block.COMMENT, "Comment on the ticket", _comment_input(view), optional=True),
        input_block(Block.NOTE, "Why the change?", note_input(), optional=True, hint="Kept with the decision."),
    ]
    return form("Edit the proposal", "Approve edit", Callback.EDIT, view.value, blocks)


def reject_modal(view: CardView) -> Json:
    """Why not. The category is needed, for it is what the bot learns from; words are welcome."""
    reasons = {str(reason): words for reason, words in REASON_WORDS.items()}
    layers = {str(layer): one_line(title, 75) for layer, title in view.layer_titles.items()}
    layers.pop(view.proposal.layer, None)
    right = [
        input_block(
            *(Block.LAYER, "Which layer is it?", select(Action.CHOOSE_LAYER, layers, None)),
            optional=True,
            hint="With “wrong layer”. The next ticket like this one profits from it.",
        )
    ]
    blocks = [
        about(view, "Nothing will be written to the ticket."),
        input_block(Block.REASON, "What is wrong?", select(Action.CHOOSE_REASON, reasons, None)),
        *(right if layers else []),
        input_block(Block.NOTE, "In your words", note_input(), optional=True, hint="Shown on the card."),
    ]
    return form("Reject the proposal", "Reject", Callback.REJECT, view.value, blocks)


def note_input() -> Json:
    return {"type": "plain_text_input", "action_id": Action.WRITE_NOTE, "multiline": True, "max_length": NOTE_LIMIT}


def one_line_input() -> Json:
    return {**note_input(), "multiline": False}


def notice_modal(title: str, text: str) -> Json:
    """A sentence instead of a form: already decided, not allowed, not found."""
    said = lines_of(text, lines=12, width=200) or ["There is nothing to show."]
    blocks = [rich([line(literal("\n".join(said)))])]
    return {"type": "modal", "title": plain(cut(title, TITLE_LIMIT)), "close": plain("Close"), "blocks": blocks}


def form(title: str, submit: str, callback: Callback, value: str, blocks: list[Json]) -> Json:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": value,
        "title": plain(title),
        "submit": plain(submit),
        "close": plain("Cancel"),
        "blocks": blocks,
    }


def about(view: CardView, then: str) -> Json:
    name = f"{one_line(view.proposal.target.short, 100)} · {one_line(view.ticket.title, 100)}"
    return rich([line(bold(name), literal(f"\n{then}"))])


def select(action: Action, choices: dict[str, str], chosen: str | None) -> Json:
    options = [option(words or value, value) for value, words in choices.items()]
    offered: Json = {"options": options}
    if len(options) > OPTIONS:
        chunks = [options[at : at + OPTIONS] for at in range(0, len(options), OPTIONS)]
        groups = [{"label": plain(f"Page {at}"), "options": chunk} for at, chunk in enumerate(chunks, 1)]
        offered = {"option_groups": groups}
    start: Json = {"initial_option": option(choices[chosen] or chosen, chosen)} if chosen in choices else {}
    return {"type": "static_select", "action_id": action, "placeholder": plain("Choose"), **offered, **start}


def _owner_hint(view: CardView) -> str:
    has_it = ", ".join(one_line(one, 40) for one in view.proposal.seen.assignees[:3])
    if has_it:
        return f"{has_it} has it already. Strata never changes an assignment that a person made."
    return "" if view.proposal.owner else f"Proposed: {NO_OWNER}."


def _comment_input(view: CardView) -> Json:
    bodies = [one.body for one in view.proposal.operations if isinstance(one, Comment)]
    start: Json = {"initial_value": bodies[0][:COMMENT_LIMIT]} if bodies and bodies[0] else {}
    return {
        "type": "plain_text_input",
        "action_id": Action.WRITE_COMMENT,
        "multiline": True,
        "max_length": COMMENT_LIMIT,
        **start,
    }
