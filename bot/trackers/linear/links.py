"""What a person pastes to name an issue: a page address or `ENG-12`.

Must not do I/O: whether the issue exists is the reader's to say.
"""

from __future__ import annotations

import re

from bot.trackers.contract import BadLink, TicketLink
from bot.trackers.linear.names import parts
from bot.trackers.linear.site import LinearSite
from bot.trackers.origins import path_below
from bot.trackers.text import has_control

_PAGE = re.compile(r"(?:[^/]+/)?issue/(?P<identifier>[^/]+)(?:/[^/]*)?")


def parse_link(text: str, site: LinearSite) -> TicketLink:
    """Raises `BadLink`."""
    text = text.strip()
    if has_control(text):
        raise _bad("it has control characters in it", site)
    if "://" not in text:
        return _named(text.replace("#", "-"), site)
    path = path_below(text, site.web)
    if path is None:
        raise _bad("that is not an address of this Linear", site)
    found = _PAGE.fullmatch(path.strip("/"))
    if found is None:
        raise _bad("that names no issue", site)
    return _named(found["identifier"], site)


def _named(identifier: str, site: LinearSite) -> TicketLink:
    found = parts(identifier)
    if found is None:
        raise _bad("that names no issue", site)
    return TicketLink(project=found[0], number=found[1])


def _bad(why: str, site: LinearSite) -> BadLink:
    return BadLink(f"{why}. A right one looks like {site.web}/acme/issue/ENG-12 or ENG-12")
