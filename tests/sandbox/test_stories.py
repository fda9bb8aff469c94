"""The demo's tickets: varied enough to show what they are there to show."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from bot.sandbox import stories as module
from bot.sandbox.github import LocalGitHub, demo_repository
from bot.sandbox.github.seed import REPORTERS, TEAM
from bot.sandbox.stories import fake_secret, stories

SECRET_SHAPE = re.compile(r"ghp_[A-Za-z0-9]{36}")


def test_a_dozen_and_more_from_every_layer() -> None:
    told = stories()
    assert len(told) >= 12
    layers = Counter(one.layer for one in told)
    assert len(layers) == 5
    assert min(layers.values()) >= 2
    assert len({one.name for one in told}) == len(told)
    assert len({one.title for one in told}) == len(told)
    assert {one.author for one in told} <= {*TEAM, *REPORTERS}


def test_the_awkward_ones_are_awkward() -> None:
    by_name = {one.name: one for one in stories()}
    hostile = by_name["hostile-instructions"].body
    assert "\u200b" in hostile
    assert "\u202e" in hostile
    assert any(0xE0000 <= ord(letter) <= 0xE007F for letter in hostile)
    assert "<!--" in hostile
    assert "<!channel>" in hostile
    assert SECRET_SHAPE.search(by_name["secret-in-ticket"].body)
    assert len(by_name["nightly-restarts-log"].body) > 30_000
    assert "ü" in by_name["german-search"].body


def test_the_source_itself_holds_no_secret_and_nothing_hidden() -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert not SECRET_SHAPE.search(source)
    assert fake_secret() not in source
    assert not re.search("[\u200b-\u200f\u202a-\u202e\U000e0000-\U000e007f]", source)


async def test_the_tracker_takes_them_all() -> None:
    async with LocalGitHub() as github:
        repo = demo_repository(github)
        numbers = [await github.file(repo, one.author, one.title, one.body) for one in stories()]
        assert numbers == list(range(1, len(numbers) + 1))
        assert [one.body for one in github.issues(repo)] == [one.body for one in stories()]
