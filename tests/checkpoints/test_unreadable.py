"""Checkpoints that somebody damaged, or loaded with code: the thread is given up, and nothing else is.

Reliability faults 40 (corrupt, or from a newer program) and 41 (hostile).
"""

from __future__ import annotations

from typing import ClassVar

import ormsgpack
import pytest
from structlog.testing import capture_logs

from bot.checkpoints.guarded import Guarded
from bot.settings import Settings
from graphs.runner import Runner
from tests.builders import a_ref
from tests.checkpoints import storing
from tests.graphs.doubles import TRIAGE, Bench, a_bench


class Landmine:
    """Stands for whatever somebody who can write to the store would have us call."""

    stepped_on: ClassVar[list[object]] = []

    def __init__(self, *args: object) -> None:
        self.stepped_on.append(args)


DAMAGES = ("broken bytes", "bytes that are no text", "another shape", "a newer format")
HOSTILE = ormsgpack.packb(ormsgpack.Ext(0, ormsgpack.packb([Landmine.__module__, "Landmine", "canary"])))


@pytest.fixture
async def bench(saver: Guarded) -> Bench:
    """A thread that waits for a verdict."""
    bench = a_bench()
    await Runner(saver, bench.deps).start(TRIAGE, a_ref())
    return bench


def damage(settings: Settings, how: str) -> None:
    match how:
        case "broken bytes":
            storing.run(
                settings,
                "UPDATE checkpoints SET checkpoint = ?",
                "UPDATE checkpoint_blobs SET type = 'msgpack', blob = %s",
                b"\xc1",
            )
            if not settings.record_url.startswith("sqlite"):  # a state of texts only has no blobs there
                storing.run(settings, "", "UPDATE checkpoint_writes SET type = 'msgpack', blob = %s", b"\xc1")
        case "bytes that are no text":
            storing.run(
                settings,
                "UPDATE checkpoints SET checkpoint = CAST(? AS TEXT)",
                "UPDATE checkpoint_writes SET channel = 'x', type = convert_from(%s, 'LATIN1')",
                b"\xc1",
            )
        case "another shape":
            storing.run(
                settings,
                "UPDATE checkpoints SET checkpoint = ?",
                "UPDATE checkpoints SET checkpoint = convert_from(%s, 'UTF8')::jsonb",
                ormsgpack.packb({"v": 4}) if settings.record_url.startswith("sqlite") else b'{"v": 4}',
            )
        case "a newer format":
            storing.run(
                settings,
                "UPDATE checkpoints SET checkpoint = CAST(replace(checkpoint, ?, x'a17605') AS BLOB)",
                "UPDATE checkpoints SET checkpoint = jsonb_set(checkpoint, '{v}', convert_from(%s, 'UTF8')::jsonb)",
                b"\xa1v\x04" if settings.record_url.startswith("sqlite") else b"5",
            )
        case "hostile":
            storing.run(
                settings,
                "UPDATE writes SET value = ?",
                "UPDATE checkpoint_writes SET blob = %s, type = 'msgpack'",
                HOSTILE,
            )


@pytest.mark.parametrize("how", DAMAGES)
async def test_fault_40_a_damaged_thread_is_given_up_and_its_ticket_triaged_anew(
    settings: Settings, saver: Guarded, bench: Bench, how: str
) -> None:
    damage(settings, how)
    with capture_logs() as logs:
        await Runner(saver, bench.deps).start(TRIAGE, a_ref())
    assert [one["log_level"] for one in logs if "given up" in one["event"]][:1] == ["error"]
    (proposal,) = bench.notebook.proposals  # the same, from what the record knows
    assert bench.trips.passed["analyse"] == 1
    await Runner(saver, bench.deps).resume(TRIAGE, proposal.id, "approved")
    assert bench.notebook.answers["settle"] == '"approved"'
    assert await saver.threads() == []


@pytest.mark.parametrize("how", [*DAMAGES, "hostile"])
async def test_fault_40_a_decision_that_is_stored_does_not_wait_for_its_thread(
    settings: Settings, saver: Guarded, bench: Bench, how: str
) -> None:
    """The job that ends the thread comes to its end, instead of being tried until it is given up."""
    damage(settings, how)
    await Runner(saver, bench.deps).resume(TRIAGE, bench.notebook.proposals[0].id, "approved")
    assert await saver.threads() == []


async def test_fault_41_hostile_msgpack_is_refused_and_told(settings: Settings, saver: Guarded, bench: Bench) -> None:
    damage(settings, "hostile")
    with capture_logs() as logs:
        assert await saver.aget_tuple({"configurable": {"thread_id": TRIAGE}}) is None
    assert Landmine.stepped_on == []
    (alarm,) = [one for one in logs if one["log_level"] == "error"]
    assert alarm["thread"] == TRIAGE
    assert "Landmine" in alarm["why"]
    assert "canary" not in str(alarm)


@pytest.mark.parametrize("kind", ["pickle", "json"])
async def test_fault_41_formats_that_can_name_classes_are_not_read(
    settings: Settings, saver: Guarded, bench: Bench, kind: str
) -> None:
    storing.run(
        settings,
        "UPDATE writes SET type = ?",
        "UPDATE checkpoint_writes SET type = convert_from(%s, 'UTF8')",
        kind.encode(),
    )
    with capture_logs() as logs:
        assert await saver.aget_tuple({"configurable": {"thread_id": TRIAGE}}) is None
    assert any(kind in str(one.get("why")) for one in logs)
