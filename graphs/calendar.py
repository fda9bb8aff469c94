"""Working time: when an office is open, how long a stretch of its hours lasts, and whose turn it is.

Pure: policy in, moments out; never reads a clock. Public holidays come from the library `holidays`. Where no office is
named time runs around the clock. Must not know cards or people beyond their Slack ids.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from graphs.model import Millis, SlackUserId
from policies.shapes import DAYS, Clock, Duty, Office

_DAY = timedelta(days=1)
_HORIZON = 400
"""Days; an office that does not open within them counts as open around the clock."""
MORNING = 9


class Calendar:
    """The loaded clock.yaml."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def remind_at(self) -> tuple[float, ...]:
        """Shares of the time, 0..1, in order."""
        return tuple(one / 100 for one in self._clock.remind_at)

    @property
    def decide_within_ms(self) -> Millis | None:
        """Working time a card waits; None where the policy counts around the clock."""
        hours = self._clock.decide_within_hours
        return None if hours is None else Millis(hours * 3_600_000)

    def office_of(self, user: SlackUserId | None) -> Office | None:
        """Where this person works; the first office for whoever is in none."""
        offices = self._clock.offices
        return next((one for one in offices if user in one.people), offices[0] if offices else None)

    def zone_of(self, user: SlackUserId | None) -> ZoneInfo:
        office = self.office_of(user)
        return ZoneInfo(office.zone if office else "UTC")

    def today(self, now: Millis, user: SlackUserId | None) -> date:
        """What day it is where this person works."""
        return _moment(now, self.zone_of(user)).date()

    def due_at(self, now: Millis, around_the_clock_ms: int, user: SlackUserId | None) -> Millis:
        """When a card that is made now, for this person, has waited long enough."""
        working_ms = self.decide_within_ms
        return (
            Millis(now + around_the_clock_ms)
            if working_ms is None
            else self.after(now, working_ms, self.office_of(user))
        )

    def after(self, start: Millis, working_ms: int, office: Office | None) -> Millis:
        """The moment when `working_ms` of the office's working time have passed since `start`."""
        left = timedelta(milliseconds=working_ms)
        for opens, closes in _stretches(start, office):
            if closes - opens >= left:
                return _millis(opens + left)
            left -= closes - opens
        return Millis(start + working_ms)

    def between(self, start: Millis, end: Millis, office: Office | None) -> int:
        """Milliseconds of working time from `start` to `end`."""
        last, total = _moment(end, UTC), timedelta()
        for opens, closes in _stretches(start, office):
            if opens >= last:
                break
            total += min(closes, last) - opens
        return total // timedelta(milliseconds=1)

    def share_of(self, start: Millis, end: Millis, share: float, office: Office | None) -> Millis:
        """The moment when this share (0..1) of the working time from `start` to `end` is over."""
        return min(self.after(start, int(self.between(start, end, office) * share), office), end)

    def opens(self, at: Millis, office: Office | None) -> Millis:
        """The first moment at or after `at` when the office is open."""
        return next((_millis(opens) for opens, _ in _stretches(at, office)), at)

    def morning(self, day: date, user: SlackUserId | None) -> Millis:
        """When this person's office opens on `day`, or on the first day after it on which it does."""
        office = self.office_of(user)
        start = datetime(day.year, day.month, day.day, 0 if office else MORNING, tzinfo=self.zone_of(user))
        return self.opens(_millis(start), office)

    def on_duty(self, day: date, away: Container[SlackUserId] = ()) -> SlackUserId | None:
        """Whose turn it is, the next in line where that person is away; None where there are no turns."""
        duty = self._clock.duty
        return None if duty is None else next((one for one in _line(duty, day) if one not in away), None)

    def turn(self, day: date) -> int | None:
        """The number of the turn that this day is in, the first being 0; None where there are no turns."""
        duty = self._clock.duty
        return None if duty is None else (day - duty.since).days // duty.days

    def before(self, day: date) -> SlackUserId | None:
        """Who had the turn before this day's one."""
        duty = self._clock.duty
        return None if duty is None else next(_line(duty, day - _DAY * duty.days))

    def backup(self, away: Container[SlackUserId] = ()) -> SlackUserId | None:
        """The first of the backups who is not away."""
        return next((SlackUserId(one) for one in self._clock.backup if one not in away), None)


AROUND_THE_CLOCK = Calendar(Clock(remind_at=()))
"""No offices, no reminders."""


def _line(duty: Duty, day: date) -> Iterator[SlackUserId]:
    turn = (day - duty.since).days // duty.days
    for after in range(len(duty.people)):
        yield SlackUserId(duty.people[(turn + after) % len(duty.people)])


def _stretches(start: Millis, office: Office | None) -> Iterator[tuple[datetime, datetime]]:
    """When the office is open from `start` on, in UTC: differences across a change of the clock stay true."""
    if office is None:
        yield _moment(start, UTC), datetime.max.replace(tzinfo=UTC)
        return
    zone, begin = ZoneInfo(office.zone), _moment(start, UTC)
    first = begin.astimezone(zone).date()
    for day in (first + _DAY * after for after in range(_HORIZON)):
        if DAYS[day.weekday()] not in office.days or _is_holiday(day, office.country, office.region):
            continue
        opens = max(datetime.combine(day, office.start, zone).astimezone(UTC), begin)
        closes = datetime.combine(day, office.end, zone).astimezone(UTC)
        if opens < closes:
            yield opens, closes


@cache
def _holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    from holidays import country_holidays  # half a second, and only those with holidays pay it

    return frozenset(country_holidays(country, subdiv=region, years=year))


def _is_holiday(day: date, country: str | None, region: str | None) -> bool:
    return country is not None and day in _holidays(country, region, day.year)


def _moment(at: Millis, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at / 1000, zone)


def _millis(moment: datetime) -> Millis:
    return Millis(round(moment.timestamp() * 1000))
