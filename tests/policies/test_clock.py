"""clock.yaml: what is taken, and what a mistake in it is told as."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.loader import load
from policies.problems import PolicyError
from tests.policies.test_loader import OWNERS

OFFICE = "{id: main, zone: Europe/Lisbon, country: PT, from: '08:30', to: '16:00', people: [U0ONDUTY]}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "owners.yaml").write_text(OWNERS)
    return tmp_path


def told(folder: Path, text: str) -> set[tuple[str, str]]:
    (folder / "clock.yaml").write_text(text)
    with pytest.raises(PolicyError) as wrong:
        load(folder)
    assert all(one.fix for one in wrong.value.problems)
    return {(one.file, one.path) for one in wrong.value.problems}


def test_without_the_file_time_runs_around_the_clock(folder: Path) -> None:
    before = load(folder)
    assert before.clock.offices == ()
    (folder / "clock.yaml").write_text(f"offices: [{OFFICE}]\ndecide_within_hours: 16\n")
    found = load(folder)
    assert (found.clock.offices[0].country, found.clock.remind_at) == ("PT", (25, 75))
    assert found.version != before.version


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (f"offices: [{OFFICE.replace('Europe/Lisbon', 'Europe/Nowhere')}]", "offices[0].zone"),
        (f"offices: [{OFFICE.replace('PT', 'ZZ')}]", "offices[0].country"),
        (f"offices: [{OFFICE.replace('country: PT', 'country: PT, region: NOPE')}]", "offices[0].region"),
        (f"offices: [{OFFICE.replace('16:00', '07:00')}]", "offices[0]"),
        (f"offices: [{OFFICE}, {OFFICE}]", "offices[1].id"),
        (f"offices: [{OFFICE}, {OFFICE.replace('main', 'other')}]", "offices"),
        ("decide_within_hours: 8", ""),
        ("remind_at: [75, 25]", ""),
        ("remind_at: [0]", "remind_at[0]"),
        ("duty: {people: [], since: 2030-01-07}", "duty.people"),
        ("duty: {people: [U0ONDUTY], since: 2030-02-31}", "duty.since"),
        ("backup: [on-duty]", "backup[0]"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_how_to_mend_it(folder: Path, text: str, path: str) -> None:
    assert ("clock.yaml", path) in told(folder, text)
