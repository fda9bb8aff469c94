"""A switch is on or off for every process, and says who turned it and why."""

from __future__ import annotations

from bot.record.record import Record
from tests.record.seeds import together


async def _turn(record: Record, name: str, *, on: bool, by: str = "on-duty", why: str = "a test") -> bool:
    async with record.begin() as tx:
        return await tx.switches.turn(name, on=on, by=by, why=why)


async def test_a_switch_that_was_never_turned_is_none(record: Record) -> None:
    async with record.read() as tx:
        assert await tx.switches.get("all") is None
        assert await tx.switches.all() == []


async def test_what_one_process_turns_another_sees(record: Record, rival: Record) -> None:
    assert await _turn(record, "all", on=True, by="ml-lead", why="half \ud83d and \x00")
    async with rival.read() as tx:
        found = await tx.switches.get("all")
        now = await tx.now()
    assert found is not None
    assert (found.name, found.on, found.by, found.why) == ("all", True, "ml-lead", "half \ufffd and \ufffd")
    assert abs(now - found.at) < 60_000


async def test_turning_it_to_where_it_is_keeps_who_did_it_first(record: Record) -> None:
    assert await _turn(record, "all", on=True, by="ml-lead", why="an incident")
    assert not await _turn(record, "all", on=True, by="data-lead", why="another")
    async with record.read() as tx:
        found = await tx.switches.get("all")
    assert found is not None
    assert (found.by, found.why) == ("ml-lead", "an incident")


async def test_off_is_remembered_with_its_reason_too(record: Record) -> None:
    await _turn(record, "channel:C1", on=True)
    assert await _turn(record, "channel:C1", on=False, by="data-lead", why="it is over")
    await _turn(record, "all", on=True)
    async with record.read() as tx:
        assert [(one.name, one.on, one.by) for one in await tx.switches.all()] == [
            ("all", True, "on-duty"),
            ("channel:C1", False, "data-lead"),
        ]


async def test_of_many_who_turn_it_at_once_one_did(record: Record, rival: Record) -> None:
    turned = await together(_turn(through, "all", on=True, by=str(n)) for n, through in enumerate((record, rival) * 5))
    assert sorted(turned) == [False] * 9 + [True]
