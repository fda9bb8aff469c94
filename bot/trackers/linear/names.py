"""The names Linear uses: a team's key, an issue's number, both as one identifier (`ENG-12`), accounts and labels.

Owns what they may look like before they are asked for or stored. Must not do I/O.
"""

from __future__ import annotations

import re
from uuid import UUID

from bot.trackers.text import has_control
from graphs.errors import TicketGone, TrackerRejected
from graphs.model import TicketRef

_TEAM = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")
_IDENTIFIER = re.compile(rf"({_TEAM.pattern})-({_NUMBER.pattern})")
_LOGIN = re.compile(r"[^\s/@]{1,80}")
_LONGEST_LABEL = 80


def is_team(text: str) -> bool:
    return _TEAM.fullmatch(text) is not None


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def is_login(text: str) -> bool:
    """A display name, which is unique in a workspace."""
    return _LOGIN.fullmatch(text) is not None and not has_control(text)


def is_id(text: str) -> bool:
    """A UUID as Linear writes one."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def parts(identifier: str) -> tuple[str, str] | None:
    """`ENG-12` as team and number, the team in capitals as Linear writes it."""
    found = _IDENTIFIER.fullmatch(identifier)
    return None if found is None else (found[1].upper(), found[2])


def team_key(project: str) -> str:
    if not is_team(project):
        raise TicketGone("never there: a team of Linear is named by its key, such as ENG")
    return project.upper()


def identifier(ref: TicketRef) -> str:
    if not is_number(ref.number):
        raise TicketGone("never there: the number of a Linear issue has digits only")
    return f"{team_key(ref.project)}-{ref.number}"


def label_name(label: str) -> str:
    if not label.strip() or has_control(label) or len(label) > _LONGEST_LABEL:
        raise TrackerRejected("Linear has no label of that name")
    return label
