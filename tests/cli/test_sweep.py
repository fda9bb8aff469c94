"""`strata sweep`: from a day on, and staying until all of it is triaged."""

from __future__ import annotations

import asyncio

import pytest

from bot.cli.exits import DONE, UNREACHABLE, WRONG
from bot.sandbox.github.access import Token
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import demo_repository
from tests.cli.strata import COMPLETE, NOWHERE, Strata


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "01.03.2026"])
def test_a_day_that_is_none_is_refused(strata: Strata, day: str) -> None:
    ended = strata("sweep", "--since", day, **COMPLETE)
    assert ended.code == WRONG
    assert "%Y-%m-%d" in ended.err


def test_a_tracker_that_is_away_is_told(strata: Strata) -> None:
    ended = strata("sweep", "acme/assistant", "--follow", GITHUB_API_URL=NOWHERE, **COMPLETE)
    assert ended.code == UNREACHABLE


async def test_with_nothing_to_do_it_does_not_stay(strata: Strata) -> None:
    async with LocalGitHub() as github:
        repo = demo_repository(github)
        given = {**COMPLETE, "GITHUB_API_URL": github.url, "GITHUB_REPOSITORIES": repo}
        reader = {
            "GITHUB_READ_TOKEN": github.grant(Token("strata-reader[bot]", is_app=True, issues="read", repos=[repo]))
        }
        ended = await asyncio.to_thread(strata, "sweep", "--since", "2999-01-01", "--follow", **{**given, **reader})
    assert ended.code == DONE, ended.err
    assert ended.out.startswith("Queued 0 tickets")
    assert "0 of 0 tickets triaged, $0.0000 so far" in ended.err
