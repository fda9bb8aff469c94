"""The databases of a measurement: made for the occasion, or in a server that is given, and gone afterwards.

Owns where a record lies and what can be read off the servers while the bot works: sizes, commits, commands, processor
time. Must not touch anything else that a given server holds: there it makes a database of its own and drops it.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from redis.asyncio import Redis
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.bench.figures import BenchFailed
from bot.bench.footprint import family_cpu_s
from bot.bench.servers.postgres import PostgresServer, ServerMissing
from bot.bench.servers.redis import RedisServer, wheel_program
from bot.bench.setup import Store
from bot.checkpoints.postgres import SCHEMA
from bot.record.engine import open_engine
from bot.record.size import measure
from graphs.model import Value

DRIVER = "postgresql+psycopg"


class Servers(Value):
    """Addresses of servers that are there already; empty ones are started where the wheels are installed."""

    database_url: str = ""
    redis_url: str = ""


@dataclass(frozen=True)
class OpenStore:
    """Where one measurement keeps its record."""

    record_url: str
    redis_url: str = ""
    postgres_pid: int | None = None
    """None where the server is not ours to look at."""
    checkpoints: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        redis = {"STRATA_REDIS_URL": self.redis_url} if self.redis_url else {}
        return {"STRATA_RECORD_URL": self.record_url, **redis}

    async def sizes(self) -> tuple[int, int]:
        """(record, checkpoints): bytes that hold something, indexes included."""
        found = await _sizes(self.record_url)
        if self.checkpoints is not None:
            beside = await _sizes(f"sqlite+aiosqlite:///{self.checkpoints}") if self.checkpoints.exists() else {}
            return sum(found.values()), sum(beside.values())
        beside = {name: size for name, size in found.items() if name.startswith(f"{SCHEMA}.")}
        return sum(found.values()) - sum(beside.values()), sum(beside.values())

    async def counters(self) -> dict[str, float]:
        """Numbers that only grow; what is not ours to see is left out."""
        return {**await self._postgresql(), **await self._redis()}

    async def _postgresql(self) -> dict[str, float]:
        if not self.record_url.startswith(DRIVER):
            return {}
        cpu = {} if self.postgres_pid is None else {"postgresql_cpu_s": family_cpu_s(self.postgres_pid)}
        async with await psycopg.AsyncConnection.connect(conninfo(make_url(self.record_url))) as connection:
            row = await (await connection.execute(_COUNTED)).fetchone()
        assert row is not None, "the row of the database that we are connected to"
        return {"postgresql_commits": float(row[0]), "postgresql_log_bytes": float(row[1]), **cpu}

    async def _redis(self) -> dict[str, float]:
        if not self.redis_url:
            return {}
        async with Redis.from_url(self.redis_url, decode_responses=True, protocol=2) as redis:
            told = await redis.info("everything")
        return {
            "redis_commands": float(told["total_commands_processed"]),
            "redis_received_bytes": float(told["total_net_input_bytes"]),
            "redis_sent_bytes": float(told["total_net_output_bytes"]),
            "redis_cpu_s": float(told["used_cpu_user"]) + float(told["used_cpu_sys"]),
        }


_COUNTED = (
    "SELECT xact_commit, pg_current_wal_lsn() - '0/0'::pg_lsn FROM pg_stat_database WHERE datname = current_database()"
)


async def _sizes(url: str) -> Mapping[str, int]:
    engine = open_engine(url)
    try:
        return (await measure(engine)).tables
    finally:
        await engine.dispose()


def conninfo(url: URL) -> str:
    """The same address as psycopg itself wants it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def open_store(store: Store, folder: Path, servers: Servers) -> AsyncIterator[OpenStore]:
    """Raises `BenchFailed` where a server is needed and cannot be had."""
    if store is Store.SQLITE:
        yield OpenStore(f"sqlite+aiosqlite:///{folder / 'record.db'}", checkpoints=folder / "checkpoints.db")
        return
    async with AsyncExitStack() as stack:
        url, pid = await stack.enter_async_context(_postgresql(servers))
        redis = await stack.enter_async_context(_redis(servers)) if store is Store.POSTGRESQL_REDIS else ""
        yield OpenStore(url, redis, pid)


@asynccontextmanager
async def _postgresql(servers: Servers) -> AsyncIterator[tuple[str, int | None]]:
    """(address of an empty database, the server's process where it is ours)."""
    if servers.database_url:
        async with _database_in(servers.database_url) as url:
            yield url, None
        return
    try:
        server = PostgresServer("max_connections=300")
        server.start()
    except (ServerMissing, RuntimeError) as error:
        raise BenchFailed(_missing("PostgreSQL", "--database-url", error)) from None
    try:
        yield server.url(server.create_database()), server.pid
    finally:
        server.stop()


@asynccontextmanager
async def _database_in(given: str) -> AsyncIterator[str]:
    """A database of our own in somebody's server."""
    name = f"strata_bench_{secrets.token_hex(6)}"
    try:
        server = make_url(given).set(drivername=DRIVER)
        await _administrate(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except (psycopg.Error, ArgumentError) as error:  # not its text: it may hold the address with its password
        raise BenchFailed(f"no database can be made at --database-url ({type(error).__name__})") from None
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        await _administrate(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def _administrate(server: URL, command: sql.Composed) -> None:
    async with await psycopg.AsyncConnection.connect(conninfo(server), autocommit=True) as connection:
        await connection.execute(command)


@asynccontextmanager
async def _redis(servers: Servers) -> AsyncIterator[str]:
    if servers.redis_url:
        await _answering(servers.redis_url)
        yield servers.redis_url  # what the bot leaves there has names of its own and ends by itself
        return
    try:
        server = RedisServer(wheel_program())
        server.start()
    except (ServerMissing, RuntimeError) as error:
        raise BenchFailed(_missing("Redis", "--redis-url", error)) from None
    try:
        yield server.url
    finally:
        server.stop()


async def _answering(url: str) -> None:
    try:
        async with Redis.from_url(url, socket_connect_timeout=5) as redis:
            await redis.ping()
    except Exception as error:  # noqa: BLE001  # of whatever kind, and its text may hold the address
        raise BenchFailed(f"there is no Redis at --redis-url ({type(error).__name__})") from None


def _missing(what: str, option: str, error: RuntimeError) -> str:
    return f"{what} is not there: give its address with {option}, or run this where the test wheels are ({error})"
