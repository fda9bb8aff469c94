"""`strata backtest --repository`: a repository's own past, read with the reading token and nothing more."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from bot.evaluation.past import of_repository
from bot.sandbox.github import Token
from bot.settings import Settings
from graphs.learning.profiles import Profile
from tests.trackers.github.place import BOT, open_place


async def test_a_repository_is_walked_as_a_history_and_not_touched(tmp_path: Path) -> None:
    told: list[str] = []
    async with open_place() as place:
        for name in ("layer: retrieval and context", "enhancement"):
            place.github.add_label(place.repo, name)
        for number in range(1, 6):
            labels = ["layer: retrieval and context", "enhancement"] if number % 2 else []
            await place.github.file(place.repo, "reporter-1", f"Search finds nothing, {number}", "the index", labels)
        token = place.github.grant(Token(BOT, is_app=True, issues="read", repos=[place.repo]))
        settings = Settings(
            _env_file=None,
            github_api_url=place.site.api,
            github_web_url=place.site.web,
            github_read_token=SecretStr(token),
            strata_directory=tmp_path,
        )
        found = await of_repository(settings, Profile.LOCAL, place.repo, 100, 0.9, told.append)
        assert {call.method for call in place.github.journal.reads} == {"GET"}
        assert place.github.writes() == ()
    assert (found.report.tickets, found.projects, found.undecided) == (5, 1, 5)
    assert found.report.layers is not None
    assert found.report.layers.figures.n == 3
    assert found.report.kind is not None
    assert found.report.kind.n == 3
    assert told == ["5 tickets read …"]
    assert list(tmp_path.iterdir()) == [], "a backtest needs no record"
