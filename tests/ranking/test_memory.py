"""The running bot's history: brought up to date when it is old, and forgetting what the record forgot."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from graphs.model import InstallId, Millis
from graphs.ranking.history import Past
from graphs.ranking.memory import LOOK_MS, MOST, RELOAD_MS, Memory
from graphs.ranking.rank import rank
from tests.ranking.made import asked, past

MAIN = InstallId("main")


class FakeSource:
    def __init__(self, *tickets: Past) -> None:
        self.tickets = {one.ticket.key: one for one in tickets}
        self.reads: list[list[str]] = []

    async def keys(self, install: InstallId, most: int) -> Sequence[str]:
        assert (install, most) == (MAIN, MOST)
        return list(self.tickets)

    async def read(self, keys: Collection[str]) -> Sequence[Past]:
        self.reads.append(list(keys))
        return [self.tickets[key] for key in keys if self.tickets[key].owners]


def memory(source: FakeSource | None) -> Memory:
    return Memory(source, lambda login: {"ml-account": "ml-lead"}.get(login, login))


async def test_only_what_is_new_is_read_and_only_when_it_is_time() -> None:
    source = FakeSource(past(1, "one", "ml-lead"), past(2, "nobody took this"))
    held = memory(source)
    assert len(await held.history(MAIN, Millis(0))) == 1
    source.tickets["a/b#3"] = past(3, "three", "ml-lead")
    assert len(await held.history(MAIN, Millis(LOOK_MS - 1))) == 1
    assert len(await held.history(MAIN, Millis(LOOK_MS))) == 2
    assert source.reads == [["a/b#1", "a/b#2"], ["a/b#3"]]


async def test_what_the_record_forgot_is_forgotten() -> None:
    source = FakeSource(past(1, "one", "ml-lead"), past(2, "two", "data-lead"))
    held = memory(source)
    await held.history(MAIN, Millis(0))
    del source.tickets["a/b#2"]
    found = await held.history(MAIN, Millis(LOOK_MS))
    assert [one.owner for one in rank(found, asked("two"))] == ["ml-lead"]


async def test_everything_is_read_anew_after_a_while() -> None:
    source = FakeSource(past(1, "one", "ml-lead"))
    held = memory(source)
    await held.history(MAIN, Millis(0))
    source.tickets["a/b#1"] = past(1, "one", "data-lead")
    assert [one.owner for one in rank(await held.history(MAIN, Millis(RELOAD_MS)), asked("one"))] == ["data-lead"]


async def test_a_clock_set_back_only_makes_it_look_again() -> None:
    source = FakeSource(past(1, "one", "ml-lead"))
    held = memory(source)
    await held.history(MAIN, Millis(10 * RELOAD_MS))
    assert len(await held.history(MAIN, Millis(0))) == 1


async def test_reporters_are_known_by_their_handle() -> None:
    held = memory(FakeSource(past(1, "one", "ml-lead", author="ml-account")))
    [found] = rank(await held.history(MAIN, Millis(0)), asked("other", author="ml-lead"))
    assert found.why[0] == "Reported it."


async def test_without_a_record_there_is_no_history() -> None:
    assert len(await memory(None).history(MAIN, Millis(0))) == 0
