"""Measurements of several processes: what can be asked for, and that what is counted was done.

No figure is judged here but the promises: a dead worker's job is taken over within the lease and one look, a press
does not wait behind a flood, and neither does another install's ticket.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from bot.bench.asking import Options
from bot.bench.flood import flood
from bot.bench.footprint import family_cpu_s, memory_mib
from bot.bench.recovery import recoveries
from bot.bench.scale import Asked, ScaleReport, _compare, scale
from bot.bench.setup import Setup, Store
from bot.bench.stores import Servers, open_store
from bot.bench.throughput import _resource
from bot.cli.exits import REFUSED, WRONG
from bot.settings import BadSetting
from tests.cli.strata import Strata, strata
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer, wheel_program

__all__ = ["strata"]


def options(**given: str) -> Options:
    empty = dict.fromkeys(("store", "workers", "sweep", "flood", "database_url", "redis_url"), "")
    return Options(**{**empty, **given}, recovery=0)


def test_nothing_of_this_is_measured_unless_it_is_asked_for() -> None:
    assert not options(database_url="postgresql://somewhere").several_processes
    assert options(sweep="2000").several_processes


def test_a_store_alone_means_tickets_a_second() -> None:
    asked = options(store="sqlite, postgresql+redis").asked(None, None, quick=False)
    assert asked.stores == (Store.SQLITE, Store.POSTGRESQL_REDIS)
    assert (asked.workers, asked.sweeps, asked.tickets) == ((1,), (), 100)
    assert options(sweep="2000,20000").asked(2, 7, quick=True) == Asked(
        stores=(Store.SQLITE,),
        workers=(),
        sweeps=(2000, 20000),
        floods=(),
        kills=0,
        runs=2,
        tickets=7,
        idle_s=1.0,
        servers=Servers(),
    )


@pytest.mark.parametrize(
    "wrong",
    [{"store": "oracle"}, {"workers": "0"}, {"workers": "1,many"}, {"sweep": "1"}, {"flood": "9"}, {"workers": "²"}],
)
def test_what_cannot_be_measured_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match=f"--{next(iter(wrong))} "):
        options(**wrong).asked(None, None, quick=False)


def test_a_wrong_call_ends_with_a_sentence(strata: Strata) -> None:
    ended = strata("bench", "--store", "oracle")
    assert (ended.code, ended.out) == (WRONG, "")
    assert ended.sentences == [
        "strata: --store oracle: write sqlite, postgresql, postgresql+redis, or several with commas between"
    ]


def test_a_server_that_is_not_there_ends_with_a_sentence(strata: Strata) -> None:
    """Which tells nothing of the address: it may hold a password."""
    nowhere = "postgresql://strata:canary-7f3a@127.0.0.1:9/none"
    ended = strata("bench", "--store", "postgresql", "--database-url", nowhere)
    assert (ended.code, len(ended.sentences)) == (REFUSED, 1)
    assert "--database-url" in ended.sentences[0]
    assert not list(Path.cwd().iterdir())


async def test_a_given_server_gets_a_database_of_ours_for_the_time(postgres: PostgresServer, tmp_path: Path) -> None:
    def databases() -> set[str]:
        with psycopg.connect(postgres.conninfo()) as connection:
            return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}

    before = databases()
    server = RedisServer(wheel_program())
    server.start()
    try:
        given = Servers(database_url=postgres.url(), redis_url=server.url)
        async with open_store(Store.POSTGRESQL_REDIS, tmp_path, given) as store:
            (made,) = databases() - before
            assert made.startswith("strata_bench_")
            assert made in store.record_url
            first, again = await store.counters(), await store.counters()
            assert again["redis_commands"] > first["redis_commands"]
            assert again.keys() >= {"postgresql_commits", "postgresql_log_bytes", "redis_sent_bytes", "redis_cpu_s"}
            assert "postgresql_cpu_s" not in again, "somebody else's server is not ours to look into"
    finally:
        server.stop()
    assert databases() == before


def test_each_run_is_compared_with_the_smallest_of_its_own() -> None:
    runs = {
        ("workers", 1): [_done(4.0, 2.0), _done(2.0, 2.0)],
        ("workers", 4): [_done(6.0, 1.0), _done(5.0, 1.5)],
        ("sweep", 20): [{"seconds": 2.0, "cpu_s": 1.0}],
        ("sweep", 200): [{"seconds": 19.0, "cpu_s": 11.0}],
    }
    _compare(runs)
    assert [one["ratio_to_one_worker"] for one in runs["workers", 4]] == [1.5, 2.5]
    assert [one["ratio_to_one_worker"] for one in runs["workers", 1]] == [1.0, 1.0]
    assert [one["core_ratio_to_one_worker"] for one in runs["workers", 4]] == [0.5, 0.75]
    (large,) = runs["sweep", 200]
    assert (large["time_ratio_to_smallest"], large["cpu_ratio_to_smallest"]) == (9.5, 11.0)


def _done(per_s: float, per_core_s: float) -> dict[str, float]:
    return {"tickets_per_s": per_s, "tickets_per_core_s": per_core_s}


def test_calls_are_counted_by_what_they_ask_for() -> None:
    asked = ("/repos/a/b", "/repos/a/b/issues/7", "/repos/a/b/issues/7/labels", "/repos/a/b/assignees/kim", "/app")
    assert [_resource(one) for one in asked] == ["/", "/issues/*", "/issues/*/labels", "/assignees/*", "/app"]


def test_a_server_takes_what_its_children_take(postgres: PostgresServer) -> None:
    before = family_cpu_s(postgres.pid)
    with psycopg.connect(postgres.conninfo()) as connection:
        connection.execute("SELECT count(*) FROM generate_series(1, 400000) AS a, generate_series(1, 3) AS b")
    assert family_cpu_s(postgres.pid) > before
    assert (memory_mib(postgres.pid) or 0) > 1


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("store", Store)
async def test_everything_is_measured_on_every_store(store: Store, tmp_path: Path) -> None:
    asked = options(store=store, workers="2", sweep="30,60").asked(1, 4, quick=True)
    report = await scale(tmp_path, asked, lambda _: None)
    assert ScaleReport.model_validate_json(report.model_dump_json()) == report
    rows = {(one.what, one.size): one.figures for one in report.rows}
    assert rows.keys() == {("workers", 1), ("workers", 2), ("sweep", 30), ("sweep", 60)}
    two = rows["workers", 2]
    assert two.keys() >= {"tickets_per_s", "ratio_to_one_worker", "worker_cpu_ms_per_ticket", "record_bytes_per_ticket"}
    assert two["slack chat.postMessage_per_ticket"].median == 1
    assert two["tracker POST /issues/*/comments_per_ticket"].median == 1
    assert ("redis_commands_per_ticket" in two) == (store is Store.POSTGRESQL_REDIS)
    assert ("postgresql_log_bytes_per_ticket" in two) == (store is not Store.SQLITE)
    assert not list(tmp_path.iterdir())


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("store", Store)
async def test_a_dead_workers_job_is_taken_over_within_the_lease_and_two_seconds(store: Store, tmp_path: Path) -> None:
    for one in await recoveries(tmp_path, Setup(store=store), Servers(), kills=3, lease_s=4.0):
        assert one.after_lease_s >= 0
        assert one.recovered_s <= one.lease_s + 2


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_flood_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    found = await flood(tmp_path, Setup(), Servers(), 1_000)
    assert found.sweep_cards_meanwhile == 0
    assert found.waited_before_neighbour > 10 * found.overtaken_by
    assert found.web_mib_peak < found.web_mib_before + 64
    assert found.click_to_label_max_ms < 20_000
