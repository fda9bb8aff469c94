"""LangGraph's own conformance tests, on both checkpointers exactly as the bot opens them: strict, and guarded."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import ALL_CAPABILITIES, BASE_CAPABILITIES, Capability
from langgraph.checkpoint.conformance.initializer import RegisteredCheckpointer

from bot.checkpoints.opening import open_checkpoints
from tests.checkpoints.conftest import settings_for
from tests.postgres import PostgresServer

OFFERED = {
    "sqlite": set(BASE_CAPABILITIES),
    "postgresql": set(BASE_CAPABILITIES) | {Capability.PRUNE},
}
"""What the official savers do. Nothing here asks for more."""


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def checkpointer(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> RegisteredCheckpointer:
    """A new store for each capability."""

    def url() -> str:
        if store == "sqlite":
            return ""
        server: PostgresServer = request.getfixturevalue("postgres")
        name = server.create_database()
        request.addfinalizer(partial(server.drop_database, name))
        return server.url(name)

    @checkpointer_test(name=store)
    async def fresh() -> AsyncGenerator[BaseCheckpointSaver[str], None]:
        async with open_checkpoints(settings_for(Path(mkdtemp(dir=tmp_path)), url())) as saver:
            yield saver

    return fresh


async def test_the_checkpointer_conforms(store: str, checkpointer: RegisteredCheckpointer) -> None:
    report = await validate(checkpointer)
    assert {name: one.failures for name, one in report.results.items() if one.failures} == {}
    passed = {name for name, one in report.results.items() if one.passed}
    assert passed == {one.value for one in OFFERED[store]}
    assert all(one.tests_passed for name, one in report.results.items() if name in passed)


def test_every_capability_was_thought_of() -> None:
    """A new one of the library's is either offered, or known not to be."""
    left_out = {Capability.DELETE_FOR_RUNS, Capability.COPY_THREAD}
    assert OFFERED["postgresql"] | left_out == set(ALL_CAPABILITIES)
