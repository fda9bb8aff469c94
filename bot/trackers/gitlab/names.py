"""The names GitLab uses, and the paths built from them.

Owns what a project, a number, an account and a label may look like before they become part of an address or of a list.
Must not do I/O.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from bot.trackers.text import has_control
from graphs.errors import TicketGone, TrackerRejected
from graphs.model import TicketRef

_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}"
_PROJECT = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{1,20}}")
_LONGEST_PROJECT = 1_000
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")
_LOGIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}")
_BOT = re.compile(r"(?:project|group)_[0-9]+_bot(?:[0-9]+|_[0-9a-f]+)?|ghost|(?:support|alert)-bot")
_NO_LABELS = frozenset({"none", "any"})
"""GitLab reads these words as "without a label" and "with any label"."""


def is_project(text: str) -> bool:
    """`group/project` with any number of groups above it, all plain."""
    plain = len(text) <= _LONGEST_PROJECT and _PROJECT.fullmatch(text) is not None
    return plain and ".." not in text and not any(part.endswith((".git", ".atom", ".")) for part in text.split("/"))


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def is_login(text: str) -> bool:
    return _LOGIN.fullmatch(text) is not None


def is_bot(login: str) -> bool:
    """By the name: GitLab does not say it beside an issue. Tokens of a project or a group act under such names."""
    return _BOT.fullmatch(login) is not None


def project_path(project: str) -> str:
    if not is_project(project):
        raise TicketGone("never there: the project is not of the form group/project")
    return f"/projects/{quote(project, safe='')}"


def issue_path(ref: TicketRef) -> str:
    if not is_number(ref.number):
        raise TicketGone("never there: the number of a GitLab issue has digits only")
    return f"{project_path(ref.project)}/issues/{ref.number}"


def label_item(label: str) -> str:
    """One item of GitLab's comma-separated lists. A comma in it would be two labels."""
    if not label.strip() or "," in label or has_control(label) or label.strip().casefold() in _NO_LABELS:
        raise TrackerRejected("GitLab has no label of that name")
    return label
