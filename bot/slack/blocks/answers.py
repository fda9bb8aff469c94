"""Short answers that only the asking person sees.

Owns their wording: what is so, and what the person can do now. Never an error's own text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from bot.slack.blocks.elements import bold, bullets, line, link, literal, marked, moment, rich, section, when
from bot.slack.blocks.message import Json, Message
from bot.slack.blocks.view import CardState, Pending
from bot.slack.blocks.words import REASON_WORDS
from bot.slack.escape import mention, mrkdwn, one_line, safe_link
from graphs.model import Approved, Edited, Expired, Millis, Rejected, SlackUserId, Value, Withdrawn

MOST_LISTED = 10
MOST_APPROVERS = 5
_SPARKS = "▁▂▃▄▅▆▇█"


class WaitingTicket(Value):
    """A line of `/triage list`."""

    short: str
    url: str
    title: str
    layer_title: str
    due_at: Millis
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


def first_of_two(seconds: Sequence[SlackUserId]) -> Message:
    names = ", ".join(mention(one) for one in seconds[:MOST_APPROVERS])
    return said(f"Thank you. This ticket has a risk, so a second person approves it too: {names}. Until then it waits.")


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


def no_such_ticket(asked: str, verb: str) -> Message:
    """For a command that needs a ticket and got none that is known here."""
    return not_a_ticket(asked) if asked else said(f"Say which ticket: `/triage {verb} owner/repo#12`.")


def nothing_waits(short: str) -> Message:
    return said(f"{mrkdwn(short)} has no card that waits for a decision. `/triage {mrkdwn(short)}` makes one.")


def nothing_known(short: str) -> Message:
    return said(f"I have proposed nothing for {mrkdwn(short)} yet. `/triage {mrkdwn(short)}` asks me to.")


def waiting(tickets: Sequence[WaitingTicket], total: int, asleep: int = 0) -> Message:
    """In the order given; `total` counts those that are not shown too, `asleep` what was put off."""
    later = f"{asleep} put off until later" if asleep else ""
    if not tickets:
        return said(f"Nothing waits for a decision. {later}.".replace(" .", ""))
    heading = f"{total} waiting for a decision"
    items = listed(tickets[:MOST_LISTED])
    hidden = total - min(len(tickets), MOST_LISTED)
    more = [one for one in (f"and {hidden} more" if hidden > 0 else "", later) if one]
    return Message(text=heading, blocks=(rich([line(bold(heading)), items, *(line(literal(one)) for one in more)]),))


def listed(tickets: Sequence[WaitingTicket]) -> Json:
    return bullets(line(*_waiting(one)) for one in tickets)


def _waiting(one: WaitingTicket) -> list[Json]:
    short = one_line(one.short, 80) or "ticket"
    url, card = safe_link(one.url), safe_link(one.card_url or "")
    return [
        link(url, short) if url else literal(short),
        literal(f" · {one_line(one.title, 60)} · {one_line(one.layer_title, 40)} · decide "),
        moment(one.due_at, "{ago}"),
        *([literal(" · "), link(card, "card")] if card else []),
    ]


def next_card(card: Message, *, mine: bool, left: int) -> Message:
    """A card for one person's eyes, with a line above it. It is no card of the channel, so it has no metadata."""
    first = "Next of yours" if mine else "Next for anybody"
    more = f" · {left} more after it" if left else " · the last one"
    return Message(text=f"{first}. {card.text}", blocks=(section(marked(f"*{first}*{more}")), *card.blocks))


class OwnerLine(Value):
    """One who gets tickets, and by what."""

    name: str
    user: SlackUserId | None
    line: str
    is_away: bool

    @classmethod
    def of(cls, name: str, user: str | None, line: str, is_away: bool) -> Self:  # noqa: FBT001  # one row, in order
        return cls(name=name, user=SlackUserId(user) if user else None, line=line, is_away=is_away)


def owners(named: str, found: Sequence[OwnerLine]) -> Message:
    """The first who is not away gets the ticket."""
    if not found:
        return said(f"Nobody owns “{mrkdwn(named, 80)}”: it is no layer, component or path of owners.yaml.")
    rows = []
    for one in found[:MOST_LISTED]:
        who = f" ({mention(one.user)})" if one.user else ""
        away = " · away" if one.is_away else ""
        rows.append(f"• *{mrkdwn(one.name, 60)}*{who}{away} · {mrkdwn(one.line, 120)}")
    return said("\n".join([f"Tickets of “{mrkdwn(named, 80)}” go to the first of these who is not away:", *rows]))


class Health(Value):
    """How triage went in the last seven days."""

    waiting: int
    oldest_since: Millis | None
    decided: int
    """By people."""
    as_proposed: int
    """Of these: approved without a change."""
    expired: int
    median_wait_ms: int | None
    """From the proposal to the decision."""
    per_day: tuple[int, ...]
    """Decisions a day, oldest first."""


def stats(found: Health) -> Message:
    return said("\n".join(stats_lines(found)))


def stats_lines(found: Health) -> tuple[str, ...]:
    """Five numbers, in mrkdwn."""
    oldest = f", the oldest since {when(found.oldest_since, '{ago}')}" if found.oldest_since else ""
    share = f" ({100 * found.as_proposed / found.decided:.0f} %)" if found.decided else ""
    wait = "no decision yet" if found.median_wait_ms is None else duration(found.median_wait_ms)
    return (
        f"*Waiting*  {found.waiting}{oldest}",
        f"*Decided in 7 days*  {found.decided}   {sparks(found.per_day)}",
        f"*Approved as proposed*  {found.as_proposed}{share}",
        f"*Half are decided within*  {wait}",
        f"*Expired without a decision*  {found.expired}",
    )


def duration(ms: int) -> str:
    """In the largest unit that fits: `3 h`."""
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        if ms >= 2 * length or (unit == "min" and ms >= length):
            return f"{ms // length} {unit}"
    return f"{ms // 1000} s"


def sparks(values: Sequence[int]) -> str:
    """A plot in one line of text; nothing where there is nothing to plot."""
    top = max(values, default=0)
    return "".join(_SPARKS[(len(_SPARKS) - 1) * one // top] for one in values) if top else ""
