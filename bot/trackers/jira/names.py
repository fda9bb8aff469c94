"""The names Jira uses, and the paths built from them.

Owns what a project's key, a number, an account and a label may look like before they become part of an address or of a
query.
Must not do I/O.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from bot.trackers.blanks import without_blanks
from graphs.errors import TicketGone
from graphs.model import TicketRef

_PROJECT = re.compile(r"[A-Z][A-Z0-9_]{0,254}")
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._:+-]{0,254}")
_LONGEST_LABEL = 255


def is_project(text: str) -> bool:
    """A project's key, as Jira writes it."""
    return _PROJECT.fullmatch(text) is not None


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def is_login(text: str) -> bool:
    """An account's id in the Cloud, a user's name on a server."""
    return _LOGIN.fullmatch(text) is not None


def parts(key: str) -> tuple[str, str] | None:
    """Project and number of `PROJ-12`; None for anything else."""
    project, _, number = key.rpartition("-")
    return (project, number) if is_project(project) and is_number(number) else None


def project_key(project: str) -> str:
    """As it may stand in quotes in a query."""
    if not is_project(project):
        raise TicketGone("never there: a project of Jira is named by its key, such as PROJ")
    return project


def issue_path(ref: TicketRef) -> str:
    if not is_number(ref.number):
        raise TicketGone("never there: the number of a Jira issue has digits only")
    return f"/issue/{quote(project_key(ref.project), safe='')}-{ref.number}"


def to_jira(label: str) -> str:
    """A label as Jira can hold it."""
    return without_blanks(label, "Jira", _LONGEST_LABEL)
