"""The same story through Slack's other door, and on the other database."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings
from tests.e2e.stage import CHANNEL, ML_LEAD, Stage, open_stage


async def the_story(stage: Stage) -> None:
    """A ticket, a card, an approval; another ticket, a rejection."""
    number, card = await stage.file_and_wait()
    await stage.approve(card)
    await stage.card_says(card, "Approved", "All of it is set")
    assert len(stage.effects(number)) == 4
    other, second = await stage.file_and_wait(
        "Answers are slow since the model was changed", "p95 went from 2 s to 9 s."
    )
    view = await stage.form(ML_LEAD, second, "reject")
    outcome = await stage.slack.submit(ML_LEAD, view, {"reason": {"choose_reason": "duplicate"}})
    assert outcome.acked
    await stage.card_says(second, "Rejected")
    assert stage.effects(other) == []
    listed = await stage.slack.slash(ML_LEAD, CHANNEL, "/triage", "list")
    assert listed.acked
    await stage.told(ML_LEAD, "Nothing waits")
    await stage.quiet()
    async with stage.core.record.read() as tx:
        assert await tx.audit.verify() >= 8
        assert await tx.jobs.dead() == []


async def test_socket_mode_has_the_same_behaviour(tmp_path: Path) -> None:
    async with open_stage(tmp_path, socket_mode=True) as stage:
        await stage.slack.until(lambda: stage.slack.hub.connected, 20)
        await the_story(stage)


@pytest.mark.xdist_group("postgres")
async def test_postgresql_has_the_same_behaviour(tmp_path: Path, pg_database: str) -> None:
    def on_postgres(settings: Settings) -> Settings:
        return settings.model_copy(update={"strata_record_url": pg_database})

    async with open_stage(tmp_path, change=on_postgres) as stage:
        assert stage.core.record.engine.dialect.name == "postgresql"
        await the_story(stage)
