"""What a person pastes to name an issue: a page address, an API address or `group/project#12`.

Must not do I/O: whether the issue exists is the reader's to say.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from bot.trackers.contract import BadLink, TicketLink
from bot.trackers.gitlab.names import is_number, is_project
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.origins import path_below
from bot.trackers.text import has_control

_PAGE = re.compile(r"(?P<project>[^?#]+?)/(?:-/)?(?:issues|work_items)/(?P<number>[^/]+)")
_CALL = re.compile(r"api/v4/projects/(?P<project>[^/]+)/issues/(?P<number>[^/]+)")
_MERGE = re.compile(r".*/merge_requests/[^/]+")


def parse_link(text: str, site: GitLabSite) -> TicketLink:
    """Raises `BadLink`."""
    text = text.strip()
    if has_control(text):
        raise _bad("it has control characters in it", site)
    if "://" not in text:
        project, mark, number = text.rpartition("#")
        if not mark:
            raise _bad("that names no issue", site)
        return _checked(project, number, site)
    return _from_path(path_below(text, site.web), site)


def _from_path(path: str | None, site: GitLabSite) -> TicketLink:
    if path is None:
        raise _bad("that is not an address of this GitLab", site)
    path = path.strip("/")
    if _MERGE.fullmatch(path):
        raise _bad("that is a merge request; only issues are triaged", site)
    found = _CALL.fullmatch(path)
    if found is not None:
        return _checked(unquote(found["project"]), found["number"], site)
    found = _PAGE.fullmatch(path)
    if found is None:
        raise _bad("that names no issue", site)
    return _checked(found["project"], found["number"], site)


def _checked(project: str, number: str, site: GitLabSite) -> TicketLink:
    if not is_project(project):
        raise _bad("the project must be group/project", site)
    if not is_number(number):
        raise _bad("the number of an issue has digits only", site)
    return TicketLink(project=project, number=number)


def _bad(why: str, site: GitLabSite) -> BadLink:
    return BadLink(f"{why}. A right one looks like {site.web}/group/project/-/issues/12 or group/project#12")
