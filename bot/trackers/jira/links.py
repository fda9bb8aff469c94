"""What a person pastes to name an issue: a page address, an API address, or its key `PROJ-12`.

Must not do I/O: whether the issue exists is the reader's to say.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from bot.trackers.contract import BadLink, TicketLink
from bot.trackers.jira.names import parts
from bot.trackers.jira.site import JiraSite
from bot.trackers.origins import path_below
from bot.trackers.text import has_control

_PAGE = re.compile(
    r"(?:browse|rest/api/[23]/issue|(?:jira/[a-z]+/)?(?:c/)?projects/[^/]+/(?:issues|queues/custom/[0-9]+))/(?P<key>[^/]+)"
)
_SELECTED = "selectedIssue"
"""A board shows an issue beside itself and names it in the query."""


def parse_link(text: str, site: JiraSite) -> TicketLink:
    """Raises `BadLink`."""
    text = text.strip()
    if has_control(text):
        raise _bad("it has control characters in it", site)
    if "://" not in text:
        return _named(text.replace("#", "-", 1), site)
    path = path_below(text, site.web)
    if path is None:
        raise _bad("that is not an address of this Jira", site)
    selected = parse_qs(urlsplit(text).query).get(_SELECTED, [])
    found = _PAGE.fullmatch(path.strip("/"))
    if found is None and not selected:
        raise _bad("that names no issue", site)
    return _named(found["key"] if found else selected[0], site)


def _named(key: str, site: JiraSite) -> TicketLink:
    found = parts(key.upper())
    if found is None:
        raise _bad("that names no issue", site)
    return TicketLink(project=found[0], number=found[1])


def _bad(why: str, site: JiraSite) -> BadLink:
    return BadLink(f"{why}. A right one looks like {site.web}/browse/PROJ-12 or PROJ-12")
