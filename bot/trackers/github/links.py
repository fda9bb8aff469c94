"""What a person pastes to name an issue: a page address, an API address or `owner/repo#12`.

Must not do I/O: whether the issue exists is the reader's to say.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from bot.trackers.contract import BadLink, TicketLink
from bot.trackers.github.names import is_number, is_project
from bot.trackers.github.site import GitHubSite
from bot.trackers.text import has_control

_PORTS = {"http": 80, "https": 443}
_ISSUE_PARTS = 4


def parse_link(text: str, site: GitHubSite) -> TicketLink:
    """Raises `BadLink`."""
    text = text.strip()
    if has_control(text):
        raise _bad("it has control characters in it", site)
    if "://" not in text:
        return _from_key(text, site)
    try:
        parts = urlsplit(text)
        rest = _below(parts, site)
    except ValueError:
        raise _bad("that is not an address", site) from None
    return _from_path(rest, site)


def _from_key(text: str, site: GitHubSite) -> TicketLink:
    project, mark, number = text.rpartition("#")
    if not mark:
        raise _bad("that names no issue", site)
    return _checked(project, number, site)


def _below(parts: SplitResult, site: GitHubSite) -> str:
    """The path relative to this GitHub, in the form of a page: `owner/repo/issues/12`."""
    if parts.username or parts.password:
        raise _bad("an address with a user name in it is not an issue", site)
    for base, prefix in ((site.api, "/repos/"), (site.web, "/")):
        home = urlsplit(base)
        start = home.path + prefix
        if _same_host(parts, home) and parts.path.startswith(start):
            return parts.path.removeprefix(start)
    raise _bad("that is not an address of this GitHub", site)


def _same_host(one: SplitResult, home: SplitResult) -> bool:
    if one.scheme not in _PORTS or home.hostname is None or one.hostname is None:
        return False
    hosts = {home.hostname, f"www.{home.hostname}"}
    return one.hostname in hosts and _port(one) == _port(home, like=one)


def _port(one: SplitResult, like: SplitResult | None = None) -> int:
    """The port in use; a default port counts as equal to the other scheme's default."""
    return one.port or _PORTS[(like or one).scheme]


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
