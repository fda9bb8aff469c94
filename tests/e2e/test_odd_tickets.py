"""Tickets and teams as they come: names in capitals, news out of order, layers of a team's own, lost notices."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import yaml

from bot.settings import Settings
from policies.loader import SHIPPED
from tests.e2e.stage import CHANNEL, ON_DUTY, Stage, open_stage


async def test_a_ticket_named_in_capitals_is_the_same_ticket(stage: Stage) -> None:
    number, _ = await stage.file_and_wait()
    await stage.slack.slash(ON_DUTY, CHANNEL, "/triage", f"{stage.repo.upper()}#{number}")
    await stage.told(ON_DUTY, "waiting for a decision already")
    assert len(stage.cards()) == 1


async def test_a_ticket_that_is_open_again_keeps_its_card_though_closed_comes_late(stage: Stage) -> None:
    number, card = await stage.file_and_wait()
    stage.github.webhook_faults.reorder(2, event="issues")
    await stage.github.close(stage.repo, number, "reporter-1")
    await stage.github.reopen(stage.repo, number, "reporter-1")
    await stage.quiet()
    assert [one.name for one in stage.github.deliveries("issues")][-2:] == ["issues.closed", "issues.reopened"]
    assert "approve" in stage.slack.message(CHANNEL, card.ts).action_ids


async def test_a_notice_is_said_once_although_slacks_answer_was_lost(shaky: Stage) -> None:
    shaky.slack.faults.cut("chat.postMessage", takes_effect=True)
    shaky.github.faults.fail(403, times=50, method="GET", path="/issues/")
    await shaky.file()
    await shaky.slack.until(lambda: shaky.slack.journal.count("conversations.history"), 30)
    await shaky.quiet()
    assert len([one for one in shaky.slack.messages(CHANNEL) if "could not triage" in one.all_text]) == 1


async def test_a_notice_waits_until_the_bot_is_in_its_channel(shaky: Stage) -> None:
    shaky.slack.faults.fail("chat.postMessage", error="not_in_channel", times=8)
    shaky.github.faults.fail(403, times=50, method="GET", path="/issues/")
    await shaky.file()
    await shaky.slack.until(lambda: shaky.slack.messages(CHANNEL), 30)
    assert "could not triage" in shaky.slack.messages(CHANNEL)[0].all_text


def with_a_sixth_layer(folder: Path) -> Path:
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "*.cedar*"))
    layers = yaml.safe_load((folder / "layers.yaml").read_text())
    sixth = copy.deepcopy(layers["layers"][0]) | {"id": "billing", "title": "billing", "label": "Läyer: 💶 Billing"}
    layers["layers"].append(sixth)
    (folder / "layers.yaml").write_text(yaml.safe_dump(layers, allow_unicode=True))
    owners = yaml.safe_load((folder / "owners.yaml").read_text())
    owners["owners"][0]["layers"].append("billing")
    (folder / "owners.yaml").write_text(yaml.safe_dump(owners, allow_unicode=True))
    return folder


async def test_a_team_may_have_a_layer_of_its_own(tmp_path: Path) -> None:
    folder = with_a_sixth_layer(tmp_path / "policies")

    def change(settings: Settings) -> Settings:
        return settings.model_copy(update={"strata_policies": folder})

    async with open_stage(tmp_path / "data", change=change) as stage:
        number, card = await stage.file_and_wait()
        assert "treat the guess with care" in card.all_text
        view = await stage.form(ON_DUTY, card, "edit")
        await stage.slack.submit(ON_DUTY, view, {"layer": {"choose_layer": "billing"}})
        await stage.card_says(card, "All of it is set")
        assert "Läyer: 💶 Billing" in stage.github.issue(stage.repo, number).labels
