"""What a person pastes to name a ticket: its page for agents, its API address, or `acme.zendesk.com#12`.

Must not do I/O: whether the ticket exists is the reader's to say.
"""

from __future__ import annotations

import re

from bot.trackers.contract import BadLink, TicketLink
from bot.trackers.origins import path_below
from bot.trackers.text import has_control
from bot.trackers.zendesk.names import is_number
from bot.trackers.zendesk.site import ZendeskSite

_PAGE = re.compile(r"(?:agent/tickets|api/v2/tickets|hc/[^/]+/requests|requests|tickets)/(?P<number>[0-9]+)(?:\.json)?")


def parse_link(text: str, site: ZendeskSite) -> TicketLink:
    """Raises `BadLink`."""
    text = text.strip()
    if has_control(text):
        raise _bad("it has control characters in it", site)
    if "://" not in text:
        place, _, number = text.rpartition("#")
        return _numbered(number if place.lower() == site.project else "", site)
    path = path_below(text, site.web)
    if path is None:
        raise _bad("that is not an address of this Zendesk", site)
    found = _PAGE.fullmatch(path.strip("/"))
    return _numbered(found["number"] if found else "", site)


def _numbered(number: str, site: ZendeskSite) -> TicketLink:
    if not is_number(number):
        raise _bad("that names no ticket", site)
    return TicketLink(project=site.project, number=number)


def _bad(why: str, site: ZendeskSite) -> BadLink:
    return BadLink(f"{why}. A right one looks like {site.web}/agent/tickets/12 or {site.project}#12")
