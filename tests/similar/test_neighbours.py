"""The running bot's index: follows its source, forgets with it, bounded in size and time, and never costs a triage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence

import pytest

from graphs.model import CleanTicket, Millis, TriageId
from graphs.similar.neighbours import OVERLAP_MS, RELOAD_S, RecentTickets, SeenTicket
from tests.builders import NOW, a_clean_ticket, a_ref, a_ticket

TITLE = "Send button grey after upload"
BODY = "The send button in the chat window stays grey after an upload of a file."
OTHERS = (
    ("Nightly backup fails", "The cron job runs out of disk since Monday."),
    ("Invoice totals are wrong", "The monthly invoice shows wrong totals for two customers."),
)


def clean(number: int, text: tuple[str, str] = (TITLE, BODY), *, private: bool = False, **where: str) -> CleanTicket:
    return a_clean_ticket(a_ticket(a_ref(number, **where), title=text[0], body=text[1], private=private))


class Source:
    """A record in memory: what was read when, by its own clock."""

    def __init__(self) -> None:
        self.rows: dict[TriageId, SeenTicket] = {}
        self.reads: list[list[TriageId]] = []
        self.fails: Exception | None = None
        self.slow_s = 0.0

    def put(self, ticket: CleanTicket | None, triage: str, at: int, opened: int = 0) -> None:
        name = TriageId(triage)
        self.rows[name] = SeenTicket(
            triage=name, read_at=Millis(NOW + at), ticket=ticket, opened_at=Millis(NOW + (opened or at))
        )

    async def keys(self, since: Millis, most: int) -> Sequence[tuple[TriageId, Millis]]:
        await asyncio.sleep(self.slow_s)
        if self.fails:
            raise self.fails
        found = sorted((one.read_at, one.triage) for one in self.rows.values() if one.read_at >= since)
        return [(triage, at) for at, triage in found][-most:]

    async def read(self, triages: Collection[TriageId]) -> Sequence[SeenTicket]:
        self.reads.append(sorted(triages))
        return [self.rows[one] for one in triages]


class Bench:
    def __init__(self, most: int = 100) -> None:
        self.source, self.reported, self.time = Source(), list[Exception](), 0.0
        self.recent = RecentTickets(self.source, self.reported.append, most=most, wait_s=0.2, clock=lambda: self.time)

    async def found(self, ticket: CleanTicket, opened: int = 10**6) -> list[str]:
        hits = await self.recent.find(ticket, Millis(NOW + opened))
        return [one.ref.number for one in hits]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    for number, text in enumerate(OTHERS, 100):
        made.source.put(clean(number, text), f"other {number}", number)
    yield made
    await made.recent.close()


async def test_like_tickets_are_found_best_first_unlike_ones_and_itself_are_not(bench: Bench) -> None:
    bench.source.put(clean(1), "t1", 1)
    bench.source.put(clean(2, (TITLE, "Since Monday.")), "t2", 2)
    bench.source.put(clean(9), "t9", 3, opened=2_000_000)
    assert await bench.found(clean(9)) == ["1", "2"]
    assert await bench.found(clean(8, ("Nothing of the sort", "Weather report for the harbour."))) == []
    hits = await bench.recent.find(clean(9), Millis(NOW + 10**6))
    assert hits[0].url == clean(1).url
    assert TITLE not in repr(hits), "where, and nothing of the text"


async def test_only_its_own_project_and_what_may_be_seen(bench: Bench) -> None:
    bench.source.put(clean(1, project="acme/other"), "t1", 1)
    bench.source.put(clean(2, install="second"), "t2", 2)
    bench.source.put(clean(3, private=True), "t3", 3)
    assert await bench.found(clean(9)) == []
    assert await bench.found(clean(9, private=True)) == ["3"]


async def test_at_most_three_and_only_those_filed_before(bench: Bench) -> None:
    for number in range(1, 7):
        bench.source.put(clean(number), f"t{number}", number)
    assert len(await bench.found(clean(9))) == 3
    assert await bench.found(clean(9), opened=1) == ["1"], "filed in the same moment"
    assert await bench.found(clean(9), opened=0) == []


async def test_only_what_is_new_is_read_also_what_was_committed_late(bench: Bench) -> None:
    await bench.found(clean(9))
    bench.source.reads.clear()
    bench.source.put(clean(1), "t1", OVERLAP_MS * 2)
    assert await bench.found(clean(9)) == ["1"]
    bench.source.put(clean(2), "t2", OVERLAP_MS + 1)
    assert await bench.found(clean(9)) == ["1", "2"]
    assert bench.source.reads == [["t1"], ["t2"]]


async def test_what_was_erased_is_gone_at_once_and_what_was_dropped_within_the_hour(bench: Bench) -> None:
    bench.source.put(clean(1), "t1", 1)
    bench.source.put(clean(2), "t2", 2)
    assert await bench.found(clean(9)) == ["1", "2"]
    bench.source.put(None, "t2", 3)
    assert await bench.found(clean(9)) == ["1"]
    del bench.source.rows[TriageId("t1")]
    bench.time += RELOAD_S
    assert await bench.found(clean(9)) == []


async def test_a_ticket_read_again_counts_once_with_its_new_text(bench: Bench) -> None:
    bench.source.put(clean(1), "t1", 1)
    bench.source.put(clean(1, OTHERS[0]), "t1 again", 2, opened=1)
    assert await bench.found(clean(9)) == []


async def test_no_more_than_the_newest_are_kept() -> None:
    bench = Bench(most=3)
    for number in range(1, 7):
        bench.source.put(clean(number), f"t{number}", number)
        await bench.found(clean(9))
    assert len(bench.recent) == 3
    assert sorted(await bench.found(clean(9))) == ["4", "5", "6"]
    await bench.recent.close()


async def test_a_failure_costs_the_answer_and_the_next_look_makes_it_good(bench: Bench) -> None:
    bench.source.put(clean(1), "t1", 1)
    bench.source.fails = RuntimeError("away")
    assert await bench.found(clean(9)) == []
    assert [type(one) for one in bench.reported] == [RuntimeError]
    bench.source.fails = None
    assert await bench.found(clean(9)) == ["1"]


async def test_a_slow_source_is_not_waited_for_but_goes_on(bench: Bench) -> None:
    bench.source.put(clean(1), "t1", 1)
    bench.source.slow_s = 0.5
    began = asyncio.get_running_loop().time()
    assert await bench.found(clean(9)) == []
    assert asyncio.get_running_loop().time() - began < 0.45
    assert [type(one) for one in bench.reported] == [TimeoutError]
    bench.source.slow_s = 0.0
    await asyncio.sleep(0.4)
    assert await bench.found(clean(9)) == ["1"]
