"""Short answers that only the asking person sees.

Owns their wording: what is so, and what the person can do now. Never an error's own text.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from bot.slack.blocks.elements import bold, bullets, line, link, literal, marked, moment, rich, section, when
from bot.slack.blocks.message import Json, Message
from bot.slack.blocks.view import CardState, Pending
from bot.slack.blocks.words import REASON_WORDS
from bot.slack.escape import mention, mrkdwn, one_line, safe_link
from graphs.model import Approved, Edited, Expired, Millis, Rejected, SlackUserId, Value, Withdrawn

WORDS = ("list", "undo", "help")
"""First words after the command; everything else should be a ticket."""
MOST_LISTED = 10
MOST_APPROVERS = 5
HELP = (
    "*Strata* reads new tickets, proposes labels and an owner, and writes only what a person approves.",
    "`/triage &lt;link&gt;` or `/triage owner/repo#12` — propose something for this ticket",
    "`/triage list` — what waits for a decision",
    "`/triage undo owner/repo#12` — take back what I wrote to this ticket; what people have set stays",
    "*Approve* writes what the card lists · *Edit…* changes it first · *Reject…* writes nothing",
    "*Why* shows scores, evidence, and what was taken out of the text. No decision in time means no.",
)


class WaitingTicket(Value):
    """A line of `/triage list`."""

    short: str
    url: str
    title: str
    layer_title: str
    waiting_since: Millis
    card_url: str | None = None
    """Link to the card in Slack, where one is known."""


def said(text: str) -> Message:
    """`text` is mrkdwn of ours; parts that are not went through `escape.mrkdwn`."""
    return Message(text=text, blocks=(section(marked(text)),))


def already_decided(decision: CardState | Approved) -> Message:
    match decision:
        case Rejected():
            what = f"Rejected ({REASON_WORDS[decision.reason]}) by {mention(decision.by)}"
        case Edited():
            what = f"Edited by {mention(decision.by)}"
        case Expired():
            what = "Expired: nobody decided in time"
        case Withdrawn():
            what = f"Withdrawn, {mrkdwn(decision.why)}"
        case Pending():
            return said("Nobody has decided this yet. Please press again.")
        case _:
            what = f"Approved by {mention(decision.by)}"
    return said(f"Already decided. {what} · {when(decision.at)}. Your click changed nothing.")


def may_not(why: str, who_can: Sequence[SlackUserId]) -> Message:
    """`why` completes "because …"."""
    names = ", ".join(mention(one) for one in who_can[:MOST_APPROVERS])
    more = f" and {len(who_can) - MOST_APPROVERS} more" if len(who_can) > MOST_APPROVERS else ""
    can = f"These people can: {names}{more}." if names else "Nobody is listed as an approver yet: tell the operator."
    return said(f"You may not decide this, because {mrkdwn(why)}. {can}")


def stale(short: str) -> Message:
    return said(f"This card is out of date: there is a newer proposal for {mrkdwn(short)}. Nothing was written.")


def unknown_card() -> Message:
    return said("I do not know this card. Nothing was written. `/triage` with the ticket's link makes a fresh one.")


def queued(short: str) -> Message:
    return said(f"Reading {mrkdwn(short)}. The card comes in a moment.")


def already_waiting(short: str, card_url: str | None) -> Message:
    at = safe_link(card_url or "")
    return said(f"{mrkdwn(short)} has a card that waits for a decision" + (f": <{at}|open it>." if at else "."))


def not_a_ticket(asked: str) -> Message:
    """A link or key that belongs to no tracker this bot knows."""
    return said(
        f"“{mrkdwn(asked, 80)}” is no ticket I can read. I take a link to an issue, or `owner/repo#12`, "
        "of the projects I was set up for."
    )


def try_again() -> Message:
    """Something of ours broke: the person is told what it means for them and no more."""
    return said("That did not work, and it is my fault. Nothing was written. Please try again in a minute.")


def undo_what() -> Message:
    return said("Say which ticket: `/triage undo owner/repo#12`. I take back what I wrote there last, and only that.")


def unknown_word(word: str) -> Message:
    close = get_close_matches(word.lower(), WORDS, n=1)
    hint = f"Did you mean `/triage {close[0]}`?" if close else "`/triage help` says what I can do."
    return said(f"I do not know “{mrkdwn(word, 40)}”. {hint}")


def usage() -> Message:
    return said("\n".join(HELP))


def waiting(tickets: Sequence[WaitingTicket], total: int) -> Message:
    """Oldest first as given; `total` counts those that are not shown too."""
    if not tickets:
        return said("Nothing waits for a decision.")
    heading = f"{total} waiting for a decision"
    items = bullets(line(*_waiting(one)) for one in tickets[:MOST_LISTED])
    hidden = total - min(len(tickets), MOST_LISTED)
    more = [line(literal(f"and {hidden} more"))] if hidden > 0 else []
    return Message(text=heading, blocks=(rich([line(bold(heading)), items, *more]),))


def _waiting(one: WaitingTicket) -> list[Json]:
    short = one_line(one.short, 80) or "ticket"
    url, card = safe_link(one.url), safe_link(one.card_url or "")
    return [
        link(url, short) if url else literal(short),
        literal(f" · {one_line(one.title, 60)} · {one_line(one.layer_title, 40)} · waits since "),
        moment(one.waiting_since, "{ago}"),
        *([literal(" · "), link(card, "card")] if card else []),
    ]
