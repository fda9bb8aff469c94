"""The stories in a network of their own: `python -m tests.others.inside MODE FOLDER PROGRAM` prints a `Report`.

Owns acting them out before `local-slack` and our GitHub. It only tells what happened: `test_foreign_slack.py` judges.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, SecretStr

from bot.demo.town import free_port
from bot.sandbox.github.access import Token
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import demo_repository
from bot.settings import Settings
from tests.others.bots import (
    BODY,
    HOOK_SECRET,
    ML_LEAD,
    ON_DUTY,
    PRODUCT_LEAD,
    STRANGER,
    TITLE,
    Running,
    base_settings,
    running_bot,
)
from tests.others.foreign_slack import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    Entry,
    ForeignSlack,
    Message,
    running_local_slack,
)
from tests.others.isolated import bring_up_loopback

SOCKET = "socket"
BOT = "strata[bot]"


class Story(BaseModel):
    """One ticket: its card at the end, what was written to it, what was said on the way."""

    card: str
    buttons: bool
    effects: list[tuple[str, str]]
    said: list[str] = []
    writes_before: int = 0
    """To the whole tracker, until somebody decided."""


class Report(BaseModel):
    approved: Story
    edited: Story
    rejected: Story
    asked_for: Story
    refused: Story
    help_text: str
    listed: str
    nonsense: str
    cards: int
    log: list[Entry]
    ready: str
    keeps_metadata: bool


@dataclass
class Play:
    slack: ForeignSlack
    github: LocalGitHub
    repo: str
    running: Running

    async def run(self) -> Report:
        """The refused one comes first: later somebody new would be among the known."""
        return Report(
            refused=await self.refused(),
            approved=await self.approved(),
            edited=await self.edited(),
            rejected=await self.rejected(),
            asked_for=await self.asked_for(),
            help_text=await self.command("help", "/triage list"),
            nonsense=await self.command("lst", "Did you mean"),
            listed=await self.command("list", "waiting"),
            cards=len(await self.slack.cards()),
            log=list(await self.slack.log()),
            ready=await self.ready(),
            keeps_metadata=any(one.metadata for one in await self.slack.cards()),
        )

    async def approved(self) -> Story:
        number, card = await self.file()
        before = len(self.github.writes())
        await self.slack.press(ON_DUTY, card, "approve")
        await self.slack.card_says(card, "All of it is set")
        await self.slack.press(ML_LEAD, card, "approve")  # on the card as it was when ML lead looked at it
        late = await self.slack.told(ML_LEAD, "Already decided")
        return await self.story(number, card, before, late)

    async def edited(self) -> Story:
        number, card = await self.file()
        before = len(self.github.writes())
        form = await self.slack.form(PRODUCT_LEAD, card, "edit")
        wrong = await self.slack.submit(PRODUCT_LEAD, form, {"layer": "no_such_layer"})
        chosen = {"layer": "business_workflow", "kind": "task", "owner": "ops-lead"}
        right = await self.slack.submit(PRODUCT_LEAD, form, chosen)
        await self.slack.card_says(card, "Edited and approved", "All of it is set")
        return await self.story(number, card, before, *wrong, *right)

    async def rejected(self) -> Story:
        number, card = await self.file()
        before = len(self.github.writes())
        form = await self.slack.form(ML_LEAD, card, "reject")
        problems = await self.slack.submit(ML_LEAD, form, {"reason": "wrong_layer", "note": "It is ours"})
        await self.slack.card_says(card, "Rejected")
        return await self.story(number, card, before, *problems)

    async def asked_for(self) -> Story:
        """A ticket that no webhook told of."""
        self.github.webhook_faults.drop(1, event="issues")
        number = await self.github.file(self.repo, "reporter-1", TITLE, BODY)
        before = len(self.github.writes())
        await self.slack.command(ON_DUTY, self.link(number))
        card = await self.slack.card_of(self.link(number))
        return await self.story(number, card, before)

    async def refused(self) -> Story:
        number, card = await self.file()
        before = len(self.github.writes())
        await self.slack.press(STRANGER, card, "approve")
        why = await self.slack.told(STRANGER, "may not decide")
        return await self.story(number, card, before, why)

    async def command(self, text: str, *words: str) -> str:
        await self.slack.command(ON_DUTY, text)
        return await self.slack.told(ON_DUTY, *words)

    async def ready(self) -> str:
        """What the bot says of itself."""
        return (await self.slack.http.get(f"{self.running.url}/readyz")).text

    def link(self, number: int) -> str:
        return f"{self.github.url}/{self.repo}/issues/{number}"

    async def file(self) -> tuple[int, Message]:
        number = await self.github.file(self.repo, "reporter-1", TITLE, BODY)
        return number, await self.slack.card_of(f"{self.link(number)}'")

    async def story(self, number: int, card: Message, before: int, *said: str) -> Story:
        await self.running.quiet()
        shown = await self.slack.card_says(card)
        effects = [(one.what, one.value) for one in self.github.effects(self.repo, number)]
        buttons = "'approve'" in repr(shown.blocks)
        return Story(card=shown.all_text, buttons=buttons, effects=effects, said=list(said), writes_before=before)


async def play(mode: str, folder: Path, program: Path) -> Report:
    async with AsyncExitStack() as stack:
        github = await stack.enter_async_context(LocalGitHub())
        repo = demo_repository(github)
        settings = _settings(base_settings(folder), github, repo).model_copy(update={"strata_port": free_port()})
        hears = None if mode == SOCKET else f"http://127.0.0.1:{settings.strata_port}"
        url, slack = await stack.enter_async_context(running_local_slack(program, folder, events_to=hears))
        secret = {"slack_app_token": SecretStr(APP_TOKEN)} if mode == SOCKET else {}
        signing = {} if mode == SOCKET else {"slack_signing_secret": SecretStr(SIGNING_SECRET)}
        whole = settings.model_copy(update={"slack_api_url": f"{url}/api/", **secret, **signing})
        running = await stack.enter_async_context(running_bot(whole))
        github.add_hook(repo, running.hook, HOOK_SECRET)
        return await Play(slack, github, repo, running).run()


def _settings(settings: Settings, github: LocalGitHub, repo: str) -> Settings:
    reader = github.grant(Token("strata-reader[bot]", is_app=True, issues="read", repos=[repo]))
    writer = github.grant(Token(BOT, is_app=True, issues="write", repos=[repo]))
    return settings.model_copy(
        update={
            "slack_bot_token": SecretStr(BOT_TOKEN),
            "github_api_url": github.url,
            "github_web_url": github.url,
            "github_repositories": (repo,),
            "github_read_token": SecretStr(reader),
            "github_write_token": SecretStr(writer),
        }
    )


def main(mode: str, folder: str, program: str) -> None:
    bring_up_loopback()
    report = asyncio.run(play(mode, Path(folder), Path(program)))
    sys.stdout.write(report.model_dump_json())


if __name__ == "__main__":
    main(*sys.argv[1:])
