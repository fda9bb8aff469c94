"""The documents say what the code is."""

from __future__ import annotations

import re
from graphlib import CycleError

import pytest

from tests.docs import FILES, ROOT, drawn, table
from tests.layers import telling


@pytest.mark.parametrize("name", FILES)
def test_drawings_are_those_of_the_code(name: str) -> None:
    text = (ROOT / name).read_text()
    assert drawn(text) == text, f"{name} is out of date: run `make docs`"


@pytest.mark.parametrize("name", ["graph", "states", "outbox", "layers", "table"])
def test_the_architecture_shows_every_drawing(name: str) -> None:
    assert f"<!-- {name} -->" in (ROOT / "ARCHITECTURE.md").read_text()


def test_layers_show_no_arrow_that_follows_from_others() -> None:
    below = {"top": frozenset({"middle", "floor"}), "middle": frozenset({"floor"}), "floor": frozenset[str]()}
    assert telling(below) == below | {"top": frozenset({"middle"})}


def test_layers_refuse_a_circle() -> None:
    with pytest.raises(CycleError):
        telling({"one": frozenset({"other"}), "other": frozenset({"one"})})


def test_every_place_in_the_table_exists() -> None:
    places = re.findall(r"`([\w./<>]+/[\w./]*|[\w./]+\.\w+)`", table((ROOT / "ARCHITECTURE.md").read_text()))
    assert len(places) > 15
    missing = [one for one in places if not (ROOT / one).exists()]
    assert missing == []


def test_every_picture_of_the_readme_is_there_small_and_described() -> None:
    shown = dict(
        re.findall(r'<img src="(docs/pictures/[\w-]+\.png)"[^>]* alt="([^"]{20,})"', (ROOT / "README.md").read_text())
    )
    kept = list((ROOT / "docs/pictures").iterdir())
    assert set(shown) == {str(one.relative_to(ROOT)) for one in kept}
    assert max(one.stat().st_size for one in kept) < 150_000


def test_every_test_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`(tests/[\w./]*)`", (ROOT / "README.md").read_text()))
    assert named
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


def test_every_command_that_the_readme_names_exists() -> None:
    from bot.cli import app

    known = {one.name for one in app.registered_commands} | {one.name for one in app.registered_groups}
    named = set(re.findall(r"strata ([a-z]+)", (ROOT / "README.md").read_text())) - {"is", "reads", "starts"}
    assert named <= known | {"thinks"}
    assert known <= named, "a command is missing in the README"
