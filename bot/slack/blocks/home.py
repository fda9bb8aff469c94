"""The Home tab: what waits for this person, their layers, since yesterday, the team's week, their own settings.

Owns its order and words. Pure: everything is in the value that it is given.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.blocks.answers import Health, WaitingTicket, listed, stats_lines
from bot.slack.blocks.elements import bold, line, literal, marked, rich, section
from bot.slack.blocks.message import Json
from bot.slack.escape import mention, mrkdwn
from graphs.model import SlackUserId, Value


class HomeFace(Value):
    """Everything that the tab shows."""

    paused_by: str = ""
    """Who has paused triage, as the switch tells; empty while it runs."""
    mine: tuple[WaitingTicket, ...]
    mine_total: int
    layer: tuple[WaitingTicket, ...]
    """Of this person's layers, beside what is theirs."""
    layer_total: int
    asleep: int
    since_yesterday: dict[str, int]
    """Decisions of a day by their status."""
    health: Health
    on_duty: SlackUserId | None = None
    away: tuple[str, str] | None = None
    """First and last day of this person's absence."""


_STATUSES = {
    "approved": "approved",
    "edited": "edited and approved",
    "rejected": "rejected",
    "expired": "expired without a decision",
}


def home(face: HomeFace) -> Json:
    blocks = [
        section(marked(_mode(face))),
        _queue("Yours, the next deadline first", face.mine, face.mine_total, "Nothing waits for you."),
        _queue("In your layers", face.layer, face.layer_total, "Nothing else waits in your layers."),
        section(marked(f"*Since yesterday*  {_yesterday(face)}")),
        section(marked("\n".join(("*The team's week*", *stats_lines(face.health))))),
        section(marked(_settings(face))),
    ]
    return {"type": "home", "blocks": blocks}


def closed_home(text: str) -> Json:
    """For whoever may not look."""
    return {"type": "home", "blocks": [section(marked(text))]}


def _mode(face: HomeFace) -> str:
    duty = f" · on duty: {mention(face.on_duty)}" if face.on_duty else ""
    if face.paused_by:
        by = mrkdwn(face.paused_by, 60)
        return f"⏸ *Paused* ({by}): nothing is proposed or written. `/triage resume` goes on{duty}."
    return f"*Running.* Nothing is written before a person approves it{duty}."


def _queue(title: str, tickets: Sequence[WaitingTicket], total: int, nothing: str) -> Json:
    if not tickets:
        return rich([line(bold(title)), line(literal(nothing))])
    hidden = total - len(tickets)
    more = [line(literal(f"and {hidden} more: /triage list"))] if hidden > 0 else []
    return rich([line(bold(f"{title} ({total})")), listed(tickets), *more])


def _yesterday(face: HomeFace) -> str:
    said = [f"{count} {_STATUSES[name]}" for name, count in face.since_yesterday.items() if count and name in _STATUSES]
    later = [f"{face.asleep} put off until later"] if face.asleep else []
    return " · ".join([*said, *later]) or "no decisions"


def _settings(face: HomeFace) -> str:
    if face.away is None:
        return "*You*  here. `/triage away until friday` stops new tickets and reminders."
    first, last = face.away
    return f"*You*  away {f'on {first}' if first == last else f'from {first} to {last}'}. `/triage back` ends it."
