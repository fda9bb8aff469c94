"""The times that people type: until when to put something off, and which days somebody is away.

Pure. A day means the working day of the person who typed it. Must not guess: what is not understood is None.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from graphs.calendar import Calendar
from graphs.model import Millis, SlackUserId
from policies.shapes import DAYS

_SPAN = re.compile(r"(\d{1,3}) ?(m|min|h|hours?|d|days?|w|weeks?)")
_UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_HOUR_MS = 3_600_000
_BETWEEN = re.compile(r"\s*(?:\.\.|\bto\b|\buntil\b|\s)\s*")
_DAY = timedelta(days=1)


def snoozed_until(text: str, now: Millis, user: SlackUserId, calendar: Calendar) -> Millis | None:
    """A span from now (`90m`, `3h`, `2d`), or the morning of a day; nothing said means the next working morning."""
    said = text.strip().casefold()
    if span := _SPAN.fullmatch(said):
        length = int(span[1]) * _UNITS_MS[span[2][0]]
        until = Millis(now + length)
        # A span of days ends in working time; one of hours ends when it ends.
        return calendar.opens(until, calendar.office_of(user)) if length > 23 * _HOUR_MS else until if length else None
    day = day_named(said or "tomorrow", calendar.today(now, user))
    morning = None if day is None else calendar.morning(day, user)
    return morning if morning is not None and morning > now else None


def day_named(text: str, today: date) -> date | None:
    """`today`, `tomorrow`, a weekday (the next one, never today) or an ISO date."""
    said = text.strip().casefold()
    if said in ("today", "tomorrow"):
        return today if said == "today" else today + _DAY
    if said[:3] in DAYS and said in _weekday(said[:3]):
        ahead = (DAYS.index(said[:3]) - today.weekday() - 1) % 7 + 1
        return today + _DAY * ahead
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def days_named(text: str, today: date) -> tuple[date, date] | None:
    """First and last day: one day, `<day> to <day>`, `until <day>`, or `3d` for three days from today."""
    said = text.strip().casefold()
    if (span := _SPAN.fullmatch(said)) and span[2][0] in "dw":
        length = int(span[1]) * (7 if span[2][0] == "w" else 1)
        return (today, today + _DAY * (length - 1)) if length else None
    if said.startswith("until "):
        said = f"today {said}"
    found = [day_named(one, today) for one in _BETWEEN.split(said) if one]
    days = [one for one in found if one is not None]
    if len(days) < len(found) or not 1 <= len(days) <= 2:  # noqa: PLR2004  # first and last
        return None
    return (days[0], days[-1]) if today <= days[-1] and days[0] <= days[-1] else None


def _weekday(short: str) -> tuple[str, ...]:
    whole = {"tue": "tuesday", "wed": "wednesday", "thu": "thursday", "sat": "saturday"}
    return short, whole.get(short, f"{short}day")
