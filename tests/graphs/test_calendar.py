"""Working time: offices, weekends, holidays, changes of the clock, and whose turn it is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.calendar import Calendar
from graphs.model import Millis, SlackUserId
from policies.shapes import Clock

ONE, TWO, THREE = (SlackUserId(f"U0000000{at}") for at in (1, 2, 3))
HOUR = 3_600_000
OFFICES = {
    "offices": [
        {"id": "lisbon", "zone": "Europe/Lisbon", "country": "PT"},
        {"id": "york", "zone": "America/New_York", "from": "08:00", "to": "16:00", "people": [TWO]},
    ],
    "decide_within_hours": 16,
    "backup": [ONE, TWO],
    "duty": {"people": [ONE, TWO, THREE], "since": "2027-01-04"},
}
CALENDAR = Calendar(Clock.model_validate(OFFICES))
LISBON, YORK = CALENDAR.office_of(ONE), CALENDAR.office_of(TWO)


def at(text: str) -> Millis:
    return Millis(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2027-01-04 10:00", 2, "2027-01-04 12:00"),
        ("2027-01-04 16:00", 2, "2027-01-05 10:00"),  # over night
        ("2027-01-08 16:00", 2, "2027-01-11 10:00"),  # over a weekend
        ("2026-12-31 16:00", 2, "2027-01-04 10:00"),  # over New Year's Day, a Friday, and a weekend
        ("2027-03-26 16:00", 2, "2027-03-29 10:00"),  # Good Friday is a holiday; then summer time has begun
        ("2027-01-04 03:00", 8, "2027-01-04 17:00"),
    ],
)
def test_time_runs_while_the_office_is_open(start: str, hours: int, end: str) -> None:
    assert CALENDAR.after(at(start), hours * HOUR, LISBON) == at(end)


def test_each_person_has_the_hours_of_their_office() -> None:
    assert CALENDAR.due_at(at("2027-01-04 15:00"), 0, ONE) == at("2027-01-06 15:00")
    assert CALENDAR.due_at(at("2027-01-04 15:00"), 0, TWO) == at("2027-01-06 15:00")
    assert CALENDAR.opens(at("2027-01-04 10:00"), YORK) == at("2027-01-04 13:00")
    assert CALENDAR.morning(date(2027, 1, 9), TWO) == at("2027-01-11 13:00")


def test_without_offices_time_runs_around_the_clock() -> None:
    plain = Calendar(Clock())
    assert plain.due_at(at("2027-01-08 16:00"), 72 * HOUR, None) == at("2027-01-11 16:00")
    assert plain.share_of(at("2027-01-08 00:00"), at("2027-01-12 00:00"), 0.25, None) == at("2027-01-09 00:00")
    assert plain.on_duty(date(2027, 1, 4)) is None


@given(start=st.integers(0, 40 * 365 * 24 * 60), minutes=st.integers(1, 60 * 60))
def test_after_and_between_are_each_others_inverse(start: int, minutes: int) -> None:
    begin = Millis(start * 60_000)
    end = CALENDAR.after(begin, minutes * 60_000, YORK)
    assert CALENDAR.between(begin, end, YORK) == minutes * 60_000
    assert CALENDAR.share_of(begin, end, 1.0, YORK) == end


def test_turns_go_round_and_pass_over_whoever_is_away() -> None:
    days = [date(2027, 1, 4), date(2027, 1, 10), date(2027, 1, 11), date(2027, 1, 18), date(2027, 1, 25)]
    assert [CALENDAR.on_duty(day) for day in days] == [ONE, ONE, TWO, THREE, ONE]
    assert CALENDAR.on_duty(days[2], {TWO}) == THREE
    assert CALENDAR.on_duty(days[2], {ONE, TWO, THREE}) is None
    assert (CALENDAR.before(days[2]), CALENDAR.turn(days[2])) == (ONE, 1)
    assert CALENDAR.backup({ONE}) == TWO
