"""Which ticket an operator means: by its address, by `owner/repo#12`, or by its key in the record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.bootstrap.core import Core
    from graphs.model import InstallId, TicketKey

_KEY = re.compile(r"^(?P<tracker>[a-z]+):(?P<install>[A-Za-z0-9_-]{1,64}):(?P<project>[^#\s]+)#(?P<number>[^#\s]+)$")


def looks_like_one(text: str) -> bool:
    """An account name has none of these characters."""
    return "/" in text or "#" in text


def key_of(core: Core, text: str, install: InstallId | None = None) -> TicketKey | None:
    """The ticket's key, also of a project that is not covered any more; None for what names no ticket.

    `install` where that is another account than the settings name for the ticket's tracker.
    """
    from bot.trackers.contract import BadLink
    from graphs.model import TicketRef

    if found := _KEY.match(text):
        try:
            return TicketRef.model_validate(found.groupdict()).key
        except ValueError:  # a tracker that there is not
            return None
    try:
        found_ref = core.trackers.named(text)
    except BadLink:
        return None
    return found_ref.model_copy(update={"install": install} if install else {}).key


def printable(line: str) -> str:
    """What somebody else wrote may be in it: no terminal is steered by it."""
    return "".join(one if one.isprintable() else "\ufffd" for one in line)
