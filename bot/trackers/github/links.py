"""What a person pastes to name an issue: a page address, an API address or `owner/repo#12`.

Must not do I/O: whether the issue exists is the reader's to say.
"""

from __future__ import annotations

from bot.trackers.contract import BadLink, TicketLink
from bot.trackers.github.names import is_number, is_project
from bot.trackers.github.site import GitHubSite
from bot.trackers.origins import path_below
from bot.trackers.text import has_control

_ISSUE_PARTS = 4


def parse_link(text: str, site: GitHubSite) -> TicketLink:
    """Raises `BadLink`."""
    text = text.strip()
    if has_control(text):
        raise _bad("it has control characters in it", site)
    if "://" not in text:
        return _from_key(text, site)
    return _from_path(_below(text, site), site)


def _from_key(text: str, site: GitHubSite) -> TicketLink:
    project, mark, number = text.rpartition("#")
    if not mark:
        raise _bad("that names no issue", site)
    return _checked(project, number, site)


def _below(text: str, site: GitHubSite) -> str:
    """The path relative to this GitHub, in the form of a page: `owner/repo/issues/12`."""
    for base in (f"{site.api}/repos", site.web):
        found = path_below(text, base)
        if found is not None:
            return found
    raise _bad("that is not an address of this GitHub", site)


def _from_path(path: str, site: GitHubSite) -> TicketLink:
    pieces = path.strip("/").split("/")
    if len(pieces) != _ISSUE_PARTS:
        raise _bad("that names no issue", site)
    owner, repo, what, number = pieces
    if what in {"pull", "pulls"}:
        raise _bad("that is a pull request; only issues are triaged", site)
    if what != "issues":
        raise _bad("that names no issue", site)
    return _checked(f"{owner}/{repo}", number, site)


def _checked(project: str, number: str, site: GitHubSite) -> TicketLink:
    if not is_project(project):
        raise _bad("the project must be owner/repo", site)
    if not is_number(number):
        raise _bad("the number of an issue has digits only", site)
    return TicketLink(project=project, number=number)


def _bad(why: str, site: GitHubSite) -> BadLink:
    return BadLink(f"{why}. A right one looks like {site.web}/owner/repo/issues/12 or owner/repo#12")
