"""The names GitHub uses, and the paths built from them.

Owns what a project, a number, a login and a label may look like before they become part of an address. Whatever
could change the meaning of a path (empty, dots, slashes, control characters) is refused here and nowhere else.
Must not do I/O.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from bot.trackers.text import has_control
from graphs.errors import TicketGone, TrackerRejected
from graphs.model import TicketRef

_PROJECT = re.compile(r"[A-Za-z0-9_-]{1,100}/[A-Za-z0-9._-]{1,100}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_LOGIN = re.compile(r"[A-Za-z0-9_-]{1,100}(\[bot\])?")
_DOTS = frozenset({".", ".."})
"""Read as "here" and "one up" by every proxy on the way, even when percent-encoded."""


def is_project(text: str) -> bool:
    """Exactly `owner/repo`, both plain."""
    return _PROJECT.fullmatch(text) is not None and text.partition("/")[2] not in _DOTS


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def is_login(text: str) -> bool:
    return _LOGIN.fullmatch(text) is not None


def project_path(project: str) -> str:
    if not is_project(project):
        raise TicketGone("never there: the project is not of the form owner/repo")
    return f"/repos/{project}"


def issue_path(ref: TicketRef) -> str:
    if not is_number(ref.number):
        raise TicketGone("never there: the number of a GitHub issue has digits only")
    return f"{project_path(ref.project)}/issues/{ref.number}"


def label_segment(label: str) -> str:
    """One path segment. An empty or dotted one would turn "remove this label" into "remove all labels"."""
    if not label.strip() or label.strip() in _DOTS or has_control(label):
        raise TrackerRejected("GitHub has no label of that name")
    return quote(label, safe="")


def login_segment(login: str) -> str:
    if not is_login(login):
        raise TrackerRejected("GitHub has no account of that name")
    return quote(login, safe="")
