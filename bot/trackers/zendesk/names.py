"""The names Zendesk uses, and the paths built from them.

Owns what a number, an account and a tag may look like before they become part of an address. Must not do I/O.
"""

from __future__ import annotations

import re

from bot.trackers.blanks import without_blanks
from bot.trackers.zendesk.site import ZendeskSite
from graphs.errors import TicketGone
from graphs.model import TicketRef

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_LONGEST_TAG = 100


def is_number(text: str) -> bool:
    """Tickets, accounts and comments are numbered."""
    return _NUMBER.fullmatch(text) is not None


def ticket_path(ref: TicketRef, site: ZendeskSite) -> str:
    if ref.project.lower() != site.project:
        raise TicketGone(f"never there: this account of Zendesk is {site.project}")
    if not is_number(ref.number):
        raise TicketGone("never there: the number of a Zendesk ticket has digits only")
    return f"/tickets/{ref.number}"


def to_tag(label: str) -> str:
    """A label as a tag: without blanks and in small letters, as Zendesk stores it."""
    return without_blanks(label, "Zendesk", _LONGEST_TAG).lower()
