"""The page with the real bot behind it, started once for all tests of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bot.demo.keeping import Kept
from bot.demo.live import open_kept_town, open_page
from bot.demo.town import Town
from bot.sandbox.slack.serving import listen
from tests.demo.screen import Screen


@dataclass(frozen=True)
class Playing:
    town: Town
    http: httpx.AsyncClient

    def screen(self, user: str, ticket: int | None = None) -> Screen:
        return Screen(self.http, user, ticket)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Playing]:
    folder: Path = tmp_path_factory.mktemp("demo")
    async with (
        open_kept_town(folder, Kept()) as (town, _),
        open_page(town, listen()) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
    ):
        await town.bot.start()
        town.connect_webhook()
        yield Playing(town, http)
