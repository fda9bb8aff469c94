"""The ways in which Redis breaks, and how each is mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.redis_server import RedisServer


@dataclass(frozen=True)
class Break:
    name: str
    break_it: Callable[[RedisServer], None]
    mend_it: Callable[[RedisServer], None]
    code: str = ""
    """What the state says of it."""
    is_seen: bool = True
    """Whether Redis cannot be used meanwhile."""


def _make_replica(server: RedisServer) -> None:
    with server.admin() as admin:
        admin.replicaof("127.0.0.1", "1")


def _make_primary(server: RedisServer) -> None:
    with server.admin() as admin:
        admin.replicaof("no", "one")


def _fill(server: RedisServer) -> None:
    with server.admin() as admin:
        admin.config_set("maxmemory-policy", "noeviction")
        admin.config_set("maxmemory", "1")


def _free(server: RedisServer) -> None:
    with server.admin() as admin:
        admin.config_set("maxmemory", "0")


def _evict(server: RedisServer) -> None:
    with server.admin() as admin:
        admin.config_set("maxmemory-policy", "allkeys-random")
        admin.config_set("maxmemory", "1")


def _flush(server: RedisServer) -> None:
    with server.admin() as admin:
        admin.flushall()
        admin.script_flush()


def _nothing(_server: RedisServer) -> None:
    """Mends itself."""


BREAKS = (
    Break("killed", RedisServer.kill, RedisServer.start),
    Break("frozen", RedisServer.freeze, RedisServer.thaw, code="TimeoutError"),
    Break("replica", _make_replica, _make_primary, code="ReadOnlyError"),
    Break("full", _fill, _free, code="OutOfMemoryError"),
    Break("evicting", _evict, _free, is_seen=False),
    Break("flushed", _flush, _nothing, is_seen=False),
)
