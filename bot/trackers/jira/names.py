"""The names Jira uses, and the paths built from them.

Owns what a project's key, a number, an account and a label may look like before they become part of an address or of a
query. A label of Jira has no blanks, the labels of our policies do: `needs info` is `needs_info` in Jira, both ways.
Must not do I/O.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from bot.trackers.text import has_control
from graphs.errors import TicketGone, TrackerRejected
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
    """A label as Jira can hold it. An underscore could not be told from a blank on the way back."""
    if not label.strip() or len(label) > _LONGEST_LABEL or has_control(label):
        raise TrackerRejected("Jira has no label of that name")
    if "_" in label:
        raise TrackerRejected(f"write a blank for the underscore in the label {label}: Jira's needs_info is needs info")
    return label.replace(" ", "_")


def from_jira(label: str) -> str:
    """The other way; every label of Jira has exactly one name here."""
    return label.replace("_", " ")
