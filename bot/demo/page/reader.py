"""What a reader of the page knows beside the blocks: people's handles, where a link leads, what time it is.

Owns dates in words and the decision which links can be followed: those to the local tracker, as places on this page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from bot.markup import Html, tag

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
_TICKET = re.compile(r"/issues/(\d{1,9})$")
_TOKEN = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Reader:
    """One look at the page: by whom, at which ticket, when."""

    user: str
    """The handle of the person who looks."""
    handles: Mapping[str, str]
    """User id to handle."""
    channels: Mapping[str, str]
    repository: str
    now: float
    ticket: int | None = None

    def place(self, *, user: str | None = None, ticket: int | None = None, anchor: str = "") -> str:
        """An address on this page, with what else is chosen kept."""
        chosen = {"as": user or self.user}
        if number := ticket or self.ticket:
            chosen["ticket"] = str(number)
        return f"/?{urlencode(chosen)}" + (f"#{anchor}" if anchor else "")

    def link(self, url: str, text: str) -> Html:
        """Followed where it leads to the local tracker; anything else is shown and leads nowhere."""
        parts = _split(url)
        found = _TICKET.search(parts[1])
        if parts[0] == "127.0.0.1" and found and parts[1].startswith(f"/{self.repository}/"):
            return tag("a", text, href=self.place(ticket=int(found[1]), anchor="ticket"))
        return tag("span", text, class_="away", title=f"leads to {url}; the demo opens nothing outside")

    def mention(self, user: str) -> Html:
        handle = self.handles.get(user, user)
        return tag("span", f"@{handle}", class_="mention me" if handle == self.user else "mention")

    def date(self, at: float, form: str, fallback: str = "") -> Html:
        """Slack's date tokens, in the time zone of this machine."""
        try:
            moment = datetime.fromtimestamp(at, UTC).astimezone()
        except (OverflowError, ValueError, OSError):
            return tag("span", fallback)
        words = _TOKEN.sub(lambda found: self._token(found[1], moment), form)
        return tag("time", words, datetime=moment.isoformat(timespec="seconds"), title=fallback or None)

    def ago(self, at: float) -> str:
        past = self.now - at
        seconds = abs(past)
        if seconds < MINUTE_S:
            return "just now" if past >= 0 else "in a moment"
        for size, word in ((DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute")):
            if seconds >= size:
                count = int(seconds // size)
                told = f"{count} {word}{'s' if count > 1 else ''}"
                return f"{told} ago" if past >= 0 else f"in {told}"
        return "just now"

    def clock(self, at: float) -> Html:
        """The time beside a message; with the day where it was not today."""
        moment = datetime.fromtimestamp(at, UTC).astimezone()
        today = datetime.fromtimestamp(self.now, UTC).astimezone().date() == moment.date()
        return self.date(at, "{time}" if today else "{date_short} {time}", moment.isoformat(timespec="seconds"))

    def _token(self, name: str, moment: datetime) -> str:
        if name == "ago":
            return self.ago(moment.timestamp())
        if name in {"time", "time_secs"}:
            return f"{moment:%H:%M:%S}" if name == "time_secs" else f"{moment:%H:%M}"
        days = (moment.date() - datetime.fromtimestamp(self.now, UTC).astimezone().date()).days
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
        if name.endswith("pretty") and days in near:
            return near[days]
        if name == "date_num":
            return f"{moment:%Y-%m-%d}"
        if "short" in name:
            return f"{moment:%b} {moment.day}"
        return f"{moment:%A, %B} {moment.day}" if "long" in name else f"{moment:%B} {moment.day}"


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.hostname or "", parts.path
