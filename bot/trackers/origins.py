"""Whether an address that a person pasted is one of a tracker, and what of it stands below. Pure."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}


def path_below(text: str, home: str) -> str | None:
    """The path relative to `home`, without query; None for another host, a user name in it, or no address at all.

    A default port counts as equal to the other scheme's default, and `www.` makes no difference.
    """
    try:
        parts, base = urlsplit(text), urlsplit(home)
        if parts.username or parts.password or not _same_host(parts, base):
            return None
    except ValueError:
        return None
    start = base.path.rstrip("/") + "/"
    return parts.path.removeprefix(start) if parts.path.startswith(start) else None


def _same_host(one: SplitResult, home: SplitResult) -> bool:
    if one.scheme not in _PORTS or home.hostname is None or one.hostname is None:
        return False
    hosts = {home.hostname, f"www.{home.hostname}"}
    return one.hostname in hosts and (one.port or _PORTS[one.scheme]) == (home.port or _PORTS[one.scheme])
