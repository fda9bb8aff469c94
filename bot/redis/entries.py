"""What Redis answers about a stream, as values. The only file that reads the shape of such an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pydantic import TypeAdapter

Fields = dict[str, str]


class Entry(NamedTuple):
    id: str
    fields: Fields


class Waiting(NamedTuple):
    """An entry that was handed out and never acknowledged."""

    id: str
    times: int


class Consumer(NamedTuple):
    name: str
    pending: int
    idle_ms: int


_PAIRS = TypeAdapter(list[tuple[str | None, Fields | None]])
_STREAMS = TypeAdapter(list[tuple[str, list[tuple[str | None, Fields | None]]]])
_TABLE = TypeAdapter(list[dict[str, str | int | None]])


def read(answer: object) -> list[Entry]:
    """Of XREAD and XREADGROUP."""
    return [entry for _, pairs in _STREAMS.validate_python(answer or []) for entry in _present(pairs)]


def listed(answer: object) -> list[Entry]:
    """Of XRANGE and XREVRANGE."""
    return _present(_PAIRS.validate_python(answer or []))


def claimed(answer: object) -> list[Entry]:
    """Of XAUTOCLAIM: Redis 6.2 shows an entry that was trimmed as nil, 7.0 leaves it out and lists it apart."""
    parts = TypeAdapter(list[object]).validate_python(answer)
    return _present(_PAIRS.validate_python(parts[1]))


def waiting(answer: object) -> list[Waiting]:
    """Of XPENDING with a range."""
    rows = _TABLE.validate_python(answer)
    return [Waiting(str(row["message_id"]), int(row["times_delivered"] or 0)) for row in rows]


def consumers(answer: object) -> list[Consumer]:
    """Of XINFO CONSUMERS."""
    rows = _TABLE.validate_python(answer)
    return [Consumer(str(row["name"]), int(row["pending"] or 0), int(row["idle"] or 0)) for row in rows]


def _present(pairs: Iterable[tuple[str | None, Fields | None]]) -> list[Entry]:
    return [Entry(id_, fields or {}) for id_, fields in pairs if id_ is not None]
