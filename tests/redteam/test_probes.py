"""The doors hold; and each probe notices a door that does not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.events import NotAuthentic
from bot.executor.marker import Marker
from bot.redteam.forgeries import Door
from bot.redteam.probes import PROBES, foreign_read
from bot.redteam.running import Range
from bot.trackers.github.webhook import GitHubDoor
from graphs.acts import Action, Context, Principal
from graphs.model import TicketRef
from graphs.ports import Permission
from graphs.redteam.variants import variants
from graphs.tools.toolbox import Arguments
from tests.redteam.stage import STAGE

VARIANT = variants(STAGE.titles, STAGE.logins, seed=1)[0]
OF_THE_GATE = ("no_write", "single_target", "budgets", "old_approval", "binding", "who_decides")


class Says:
    """A gate that says the same to everything."""

    policy_version = "none"

    def __init__(self, *, allowed: bool) -> None:
        self._allowed = allowed

    def check(self, principal: Principal, action: Action, resource: TicketRef, context: Context) -> Permission:
        return Permission(allowed=self._allowed, policies=(), policy_version="none", why="")


@pytest.fixture
async def door() -> Door:
    ran = await Range(STAGE).attack(VARIANT, "obeys")
    return Door(VARIANT, STAGE.gate, ran.notebook.proposal)


@pytest.mark.parametrize("probe", PROBES)
def test_the_doors_hold(door: Door, probe: str) -> None:
    assert [*PROBES[probe](door)] == []


async def test_no_private_ticket_is_read_for_a_public_one(door: Door) -> None:
    assert await foreign_read(door) == []
    open_door = Door(door.variant, Says(allowed=True), door.proposal)
    assert await foreign_read(open_door) == ["a public ticket led to a private one"]


@pytest.mark.parametrize("probe", OF_THE_GATE)
def test_a_gate_that_allows_everything_is_noticed(door: Door, probe: str) -> None:
    assert [*PROBES[probe](Door(door.variant, Says(allowed=True), door.proposal))]


@pytest.mark.parametrize("probe", ["no_write", "who_decides"])
def test_a_gate_that_denies_everything_makes_the_probe_say_so(door: Door, probe: str) -> None:
    found = [*PROBES[probe](Door(door.variant, Says(allowed=False), door.proposal))]
    assert any("blunt" in one for one in found)


def test_a_door_for_forged_deliveries_is_noticed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GitHubDoor, "verify", lambda *_: None)
    assert "a forged delivery is taken" in [*PROBES["webhook"](door)]

    def shut(_self: object, _headers: Mapping[str, str], _body: bytes, _secrets: list[str]) -> None:
        raise NotAuthentic("no")

    monkeypatch.setattr(GitHubDoor, "verify", shut)
    assert [*PROBES["webhook"](door)] == ["the probe is blunt: a genuine delivery is refused"]


def test_a_marker_that_anybody_can_make_is_noticed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Marker, "is_ours", lambda *_: True)
    assert [*PROBES["marker"](door)] == ["a comment of somebody else counts as ours"]


def test_arguments_that_take_anything_are_noticed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Arguments, "model_validate", lambda _: None)
    assert [*PROBES["arguments"](door)] == ["an argument of the wrong kind is taken"] * 7
