"""The documents say what the code is."""

from __future__ import annotations

import re

import pytest

from tests.docs import FILES, ROOT, drawn, table


@pytest.mark.parametrize("name", FILES)
def test_drawings_are_those_of_the_code(name: str) -> None:
    text = (ROOT / name).read_text()
    assert drawn(text) == text, f"{name} is out of date: run `make docs`"


def test_every_place_in_the_table_exists() -> None:
    places = re.findall(r"`([\w./<>]+/[\w./]*|[\w./]+\.\w+)`", table((ROOT / "ARCHITECTURE.md").read_text()))
    assert len(places) > 15
    missing = [one for one in places if not (ROOT / one).exists()]
    assert missing == []


def test_every_test_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`(tests/[\w./]*)`", (ROOT / "README.md").read_text()))
    assert named
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


def test_every_command_that_the_readme_names_exists() -> None:
    from bot.cli import app

    known = {command.name for command in app.registered_commands}
    named = set(re.findall(r"strata ([a-z]+)", (ROOT / "README.md").read_text())) - {"is", "reads", "starts"}
    assert named <= known | {"thinks"}
    assert known <= named, "a command is missing in the README"
