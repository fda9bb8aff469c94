"""`strata backtest`: what the bot would have done with a team's own past, before it is let in."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.evaluate import TARGET, tell, write, wrong
from bot.cli.exits import REFUSED
from bot.cli.setup import settings
from graphs.errors import StrataError
from graphs.learning.profiles import Profile

if TYPE_CHECKING:
    from bot.settings import Settings
    from graphs.evaluation.backtest.result import Backtest


def backtest(
    *,
    history: Annotated[
        Path | None,
        typer.Option(
            help='Past tickets, one a line: {"id", "created_at", "closed_at", "title", "body", "assignees" …}; .gz too.'
        ),
    ] = None,
    repository: Annotated[
        str | None, typer.Option(help="owner/repo: read them from GitHub instead, with the reading token.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=20, max=20_000, help="With --repository: the newest tickets, at most.")
    ] = 1_000,
    project: Annotated[
        list[str] | None, typer.Option(help="Only tickets of this project of the history; may be repeated.")
    ] = None,
    engine: Annotated[Profile, typer.Option(help="Which engine; `local` is the best one installed.")] = Profile.LOCAL,
    target: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="The precision that is asked of a threshold.")
    ] = TARGET,
    page: Annotated[Path | None, typer.Option(help="Write one HTML page here.")] = None,
    out: Annotated[Path | None, typer.Option("--json", help="Write the figures here; - is standard output.")] = None,
    slack: Annotated[bool, typer.Option("--slack", help="Print the Slack message as Block Kit JSON.")] = False,
    to_slack: Annotated[
        str, typer.Option(metavar="CHANNEL", help="Post the Slack message to this channel, by its id, as the bot.")
    ] = "",
) -> None:
    """Walk through past tickets in time order: precision against coverage, thresholds, weekly load, owners, cost.

    Nothing that became known later shapes what is said of a ticket, and nothing is written to a tracker. Exit 1 when a
    line had to be left out or Slack does not take the message, 2 when the history or a setting cannot be used, 3 when
    Slack cannot be reached.
    """
    if to_slack and settings().slack_bot_token is None:
        wrong("--to-slack needs SLACK_BOT_TOKEN")
    if (history is None) == (repository is None):
        wrong("name --history FILE.jsonl or --repository owner/repo, one of them")
    try:
        found = _of(settings(), engine, history, repository, limit, frozenset(project or ()), target)
    except StrataError as error:
        if repository is not None:
            raise
        wrong(str(error))
    _show(found, page, out, slack=slack)
    if to_slack:
        from bot.evaluation.posting import post

        asyncio.run(post(settings(), to_slack, found))
        tell(f"posted to {to_slack}")
    if found.report.bad_lines:
        raise typer.Exit(REFUSED)


def _of(
    found: Settings,
    engine: Profile,
    history: Path | None,
    repository: str | None,
    limit: int,
    projects: frozenset[str],
    target: float,
) -> Backtest:
    from bot.evaluation.past import of_history, of_repository

    if history is not None:
        return of_history(found, engine, history, projects, target, tell)
    assert repository is not None
    return asyncio.run(of_repository(found, engine, repository, limit, target, tell))


def _show(found: Backtest, page: Path | None, out: Path | None, *, slack: bool) -> None:
    from bot.evaluation.backtest_message import backtest_message
    from bot.evaluation.backtest_page import backtest_page
    from bot.evaluation.posting import redacting
    from bot.evaluation.summary import backtest_lines

    write(out, found.model_dump_json(indent=1) + "\n")
    if page is not None:
        write(page, backtest_page(found))
    if slack:
        message = backtest_message(found, redacting())
        sys.stdout.write(json.dumps({"text": message.text, "blocks": list(message.blocks)}, ensure_ascii=False) + "\n")
    stream = sys.stderr if slack or out == Path("-") else sys.stdout
    stream.write("\n".join(backtest_lines(found)) + "\n")
