"""Missing labels are found without regard to case, made one by one, audited, and nothing else is touched."""

from __future__ import annotations

import pytest

from bot.record.record import Record
from bot.service.labels import make, missing, place
from graphs.errors import TrackerRefused
from graphs.model import InstallId, TrackerName
from tests.trackers.contract.scene import INSTALL, gitlab_scene

WHERE = place(TrackerName.GITLAB, InstallId("main"), "acme/assistant")


async def test_what_is_missing_is_made_and_audited(record: Record) -> None:
    async with gitlab_scene() as scene:
        wanted = ("layer: model and evaluation", "KIND: BUG", "kind: chore", "layer: new")
        lacking = await missing(scene.reader, WHERE, wanted)
        assert lacking == ("kind: chore", "layer: new")
        before = await scene.reader.labels(WHERE)
        await make(record, scene.writer, WHERE, lacking, "somebody")
        assert await scene.reader.labels(WHERE) == before | set(lacking)
        assert await missing(scene.reader, WHERE, wanted) == ()
    async with record.read() as tx:
        told = [(one.action, one.facts["label"]) for one in await tx.audit.entries(f"gitlab:{INSTALL}:acme/assistant")]
    assert told == [("label_created", "kind: chore"), ("label_created", "layer: new")]


async def test_a_token_that_may_not_ends_it(record: Record) -> None:
    async with gitlab_scene() as scene:
        with pytest.raises(TrackerRefused):
            await make(record, scene.blind_writer, WHERE, ["kind: chore"], "somebody")
    async with record.read() as tx:
        assert await tx.audit.entries(f"gitlab:{INSTALL}:acme/assistant") == []
