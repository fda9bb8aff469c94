"""The off switch: any of its three ways is enough, and a record that is gone leaves it as it was."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.record.record import Record
from bot.settings import Settings
from bot.work import pause
from bot.work.pause import PAUSE_FILE, SWITCH, PauseSwitch


def settings(folder: Path, *, paused: bool = False) -> Settings:
    return Settings(_env_file=None, strata_directory=folder, strata_paused=paused)


async def turn(record: Record, *, on: bool) -> None:
    async with record.begin() as tx:
        await tx.switches.turn(SWITCH, on=on, by="operator:on-duty", why="the tracker is being moved")


async def test_a_setting_or_a_file_pauses_this_process(record: Record, tmp_path: Path) -> None:
    assert not PauseSwitch(settings(tmp_path), record).is_on()
    assert PauseSwitch(settings(tmp_path, paused=True), record).is_on()
    (tmp_path / PAUSE_FILE).touch()
    assert PauseSwitch(settings(tmp_path), record).is_on()


async def test_the_record_pauses_every_process_that_looks(record: Record, tmp_path: Path) -> None:
    one, other = PauseSwitch(settings(tmp_path), record), PauseSwitch(settings(tmp_path), record)
    await turn(record, on=True)
    assert not one.is_on()
    for switch in (one, other):
        await switch.look()
        assert switch.is_on()
    await turn(record, on=False)
    await one.look()
    assert (one.is_on(), other.is_on()) == (False, True)


async def test_who_is_told_looks_at_once(record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause, "LOOK_S", 3600.0)
    switch = PauseSwitch(settings(tmp_path), record)
    running = asyncio.create_task(switch.run())
    await turn(record, on=True)
    await switch.told()
    async with asyncio.timeout(5):
        while not switch.is_on():  # noqa: ASYNC110  # a flag, not an event
            await asyncio.sleep(0.01)
    switch.stop()
    await asyncio.wait_for(running, 5)


async def test_a_record_that_is_gone_leaves_the_switch_as_it_was(record: Record, tmp_path: Path) -> None:
    switch = PauseSwitch(settings(tmp_path), record)
    await turn(record, on=True)
    await switch.look()
    database = record.engine.url.database
    assert database is not None
    Path(database).rename(tmp_path / "elsewhere")
    Path(database).mkdir()
    await record.close()
    await switch.look()
    assert switch.is_on()
