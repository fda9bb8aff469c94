"""What the bot really changed in a local tracker, from the tickets' history, and what it changed twice."""

from __future__ import annotations

import re
from collections import Counter

from bot.sandbox.board.model import Happening, Ticket
from bot.sandbox.github.journal import Effect

MARKER = re.compile(r"<!--.*?-->", re.DOTALL)


def effect_of(ticket: Ticket, line: Happening) -> Effect:
    marker = MARKER.search(line.value)
    return Effect(ticket.project, ticket.number, line.actor, line.event, marker.group(0) if marker else line.value)


_UNDONE_BY = {"unlabeled": "labeled", "unassigned": "assigned", "comment_deleted": "commented"}


def made_twice(ticket: Ticket) -> list[Effect]:
    seen: Counter[tuple[str, str]] = Counter()
    twice: list[Effect] = []
    for line in ticket.history:
        effect = effect_of(ticket, line)
        if line.event in _UNDONE_BY:
            seen[_UNDONE_BY[line.event], effect.value] = 0
        if line.via_api and line.event in _UNDONE_BY.values():
            seen[line.event, effect.value] += 1
            if seen[line.event, effect.value] > 1:
                twice.append(effect)
    return twice
