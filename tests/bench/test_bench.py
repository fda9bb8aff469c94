"""`strata bench` counts what was really done, says it in a shape programs can rely on, and leaves nothing behind.

No figure is judged here: those depend on the machine.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from bot.bench import comparison, footprint
from bot.bench.figures import BenchFailed, percentile, spread
from bot.bench.ours import OurBot
from bot.bench.plain import PlainBot
from bot.bench.report import Report
from bot.cli.exits import DONE, INTERRUPTED, REFUSED, WRONG
from tests.cli.strata import ROOT, Strata, strata

__all__ = ["strata"]

PATIENCE_S = 60
BENCH_AND_BOT = 2


def test_everything_is_measured(strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole command, small. That each ticket has its label and each delivery its row is checked inside."""

    async def at_once(_module: str) -> float:
        return 1.0

    monkeypatch.setattr(footprint, "_import_ms", at_once)  # seconds of processor time, and tested below
    ended = strata("bench", "--json", "--runs", "1", "--tickets", "1")
    assert ended.code == DONE, ended.err
    (line,) = ended.out.splitlines()
    report = Report.model_validate_json(line)
    assert report.machine.libraries.keys() >= {"langgraph", "sqlalchemy"}
    assert (report.asked.runs, report.asked.tickets, report.asked.ticket_bytes) == (1, 1, 2000)
    named = {name for _, figures in report.groups() for name in figures}
    assert named >= {"accepted_per_s", "p99_ms", "ticket_to_card_ms", "click_to_label_p99_ms", "tickets_per_s"}
    assert named >= {"record_bytes_per_ticket", "checkpoint_bytes_per_ticket", "peak_mib", "bot_ms", "time", "bytes"}
    for node in ("screen", "gather", "analyse", "check", "propose", "await_verdict", "settle"):
        assert report.steps[f"{node}_ms"].median > 0, node
    for _, figures in report.groups():
        assert all(one.runs == 1 and one.min <= one.median <= one.max for one in figures.values())
    assert report.ratios.time.median == pytest.approx(
        report.ours["ticket_ms"].median / report.plain["ticket_ms"].median, rel=0.01
    )
    assert [line for line in ended.err.splitlines() if line.startswith("run 1 of 1: ")]
    assert not list(Path.cwd().iterdir()), "nothing is left behind"


async def test_an_import_is_that_of_a_fresh_program() -> None:
    """What this process has loaded already does not make it quicker."""
    assert await footprint._import_ms("graphs.errors") > 0
    with pytest.raises(BenchFailed, match=r"bot\.nowhere"):
        await footprint._import_ms("bot.nowhere")


@pytest.mark.parametrize("wrong", [["--runs", "0"], ["--tickets", "0"], ["--tickets", "many"], ["--fast"]])
def test_a_wrong_call(strata: Strata, wrong: list[str]) -> None:
    ended = strata("bench", *wrong)
    assert (ended.code, ended.out) == (WRONG, "")


def test_a_folder_that_cannot_be_written(strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "cwd", lambda: Path("/proc/none"))
    ended = strata("bench")
    assert (ended.code, ended.out, len(ended.sentences)) == (WRONG, "", 1)


@pytest.mark.parametrize("lazy", [OurBot, PlainBot])
async def test_a_label_that_did_not_come_is_no_figure(
    lazy: type[OurBot | PlainBot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of either bot: a comparison with one that does nothing would be a fine figure."""

    async def nothing(_bot: object, _number: int) -> None: ...

    monkeypatch.setattr(lazy, "decide", nothing)
    with pytest.raises(BenchFailed, match=lazy.__name__):
        await comparison.compared(tmp_path, 1)


def test_what_was_not_done_ends_with_a_sentence(strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise BenchFailed("ticket 1 has no label")

    monkeypatch.setattr("bot.bench.run.end_to_end", fails)
    ended = strata("bench", "--json", "--quick")
    assert (ended.code, ended.out, ended.sentences) == (REFUSED, "", ["strata: ticket 1 has no label"])
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_stopped_in_the_middle(tmp_path: Path, how: signal.Signals) -> None:
    """While the bot's own process runs: it ends too, and its folder is gone."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "bench", "--json", "--runs", "1", "--tickets", "2000"),
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        stdout=PIPE,
        stderr=PIPE,
    )
    async with asyncio.timeout(PATIENCE_S):
        while len(_at_work_in(tmp_path)) < BENCH_AND_BOT:  # noqa: ASYNC110  # another process's doing
            await asyncio.sleep(0.05)
        process.send_signal(how)
        out, err = await process.communicate()
    assert (process.returncode, out) == (INTERRUPTED, b""), err.decode()
    assert "Traceback" not in err.decode()
    assert not list(tmp_path.iterdir())
    assert not _at_work_in(tmp_path)


def _at_work_in(folder: Path) -> list[Path]:
    """Working directories of processes that lie in there."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cwd"):
        try:
            where = one.readlink()
        except OSError:
            continue
        if where.is_relative_to(folder):
            found.append(where)
    return found


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert [percentile([5, 1, 4, 2, 3], share) for share in (0.0, 0.5, 0.8, 0.99, 1.0)] == [1, 3, 4, 5, 5]
    assert percentile([7.5], 0.5) == 7.5


def test_a_spread_keeps_four_digits() -> None:
    found = spread([1234.567, 0.0123456, 2.0])
    assert json.loads(found.model_dump_json()) == {"median": 2.0, "min": 0.01235, "max": 1235.0, "runs": 3}
