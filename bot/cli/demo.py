"""`strata demo`: the whole product on this machine, without accounts or keys."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, assert_never

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.demo.report import Report

FOLDER = Path(".strata/demo")


class DemoTracker(StrEnum):
    """Trackers that there is a double of."""

    GITHUB = "github"
    GITLAB = "gitlab"
    LINEAR = "linear"
    JIRA = "jira"
    ZENDESK = "zendesk"


def demo(
    *,
    headless: Annotated[bool, typer.Option(help="No page: let a story play by itself and say little.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --headless: print one JSON object at the end.")] = False,
    cards: Annotated[bool, typer.Option(help="With --headless: print every card.")] = False,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The page's port (8090, or any free one if that is taken).")
    ] = None,
    tracker: Annotated[
        DemoTracker, typer.Option(help="With --headless: which tracker the story plays in.")
    ] = DemoTracker.GITHUB,
    reset: Annotated[bool, typer.Option(help="Forget what earlier demos left in .strata/demo.")] = False,
) -> None:
    """Open a page with a Slack channel and a tracker to play with; or, with --headless, let a story play by itself.

    The story files tickets, reads their cards, approves, edits and rejects. Exit 1 if it came out wrong.
    """
    if headless:
        _story(tracker, as_json=as_json, show_cards=cards)
        return
    if tracker is not DemoTracker.GITHUB:
        sys.stderr.write("strata: --tracker belongs to --headless: the page shows a local GitHub\n")
        raise typer.Exit(WRONG)
    if as_json or cards:
        sys.stderr.write("strata: --json and --cards belong to --headless\n")
        raise typer.Exit(WRONG)
    from bot.demo.live import live

    asyncio.run(live(FOLDER.resolve(), _tell, port=port, reset=reset))


def _story(tracker: DemoTracker, *, as_json: bool, show_cards: bool) -> None:
    report = asyncio.run(_play(tracker, show_cards=show_cards))
    problems = report.problems()
    for problem in problems:
        sys.stderr.write(f"strata: the story came out wrong: {problem}\n")
    text = report.model_dump_json() if as_json else "\n".join(f"{name}: {value}" for name, value in report)
    sys.stdout.write(text + "\n")
    if problems:
        raise typer.Exit(REFUSED)


async def _play(tracker: DemoTracker, *, show_cards: bool) -> Report:
    from bot.demo.gitlab_town import open_gitlab_town
    from bot.demo.jira_town import open_jira_town
    from bot.demo.linear_town import open_linear_town
    from bot.demo.story import play
    from bot.demo.town import open_town
    from bot.demo.zendesk_town import open_zendesk_town

    with tempfile.TemporaryDirectory(prefix="strata-demo-") as folder:
        match tracker:
            case DemoTracker.GITHUB:
                async with open_town(Path(folder)) as town:
                    return await play(town, _tell, show_cards=show_cards)
            case DemoTracker.GITLAB:
                async with open_gitlab_town(Path(folder)) as gitlab_town:
                    return await play(gitlab_town, _tell, show_cards=show_cards)
            case DemoTracker.LINEAR:
                async with open_linear_town(Path(folder)) as linear_town:
                    return await play(linear_town, _tell, show_cards=show_cards)
            case DemoTracker.JIRA:
                async with open_jira_town(Path(folder)) as jira_town:
                    return await play(jira_town, _tell, show_cards=show_cards)
            case DemoTracker.ZENDESK:
                async with open_zendesk_town(Path(folder)) as zendesk_town:
                    return await play(zendesk_town, _tell, show_cards=show_cards)
    assert_never(tracker)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
