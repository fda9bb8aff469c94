"""Pages of a list with GitHub's `Link` header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from bot.sandbox.github.answers import Answer
from bot.sandbox.github.call import Call

DEFAULT = 30
MOST = 100
T = TypeVar("T")


def _whole(text: str | None, default: int) -> int:
    """Nonsense and zero count as not given, as on github.com."""
    value = int(text) if text is not None and text.isascii() and text.isdigit() else default
    return value or default


def cut(call: Call, items: Sequence[T]) -> tuple[Sequence[T], dict[str, str]]:
    """The page that was asked for, and the headers that lead to the others."""
    size = min(MOST, _whole(call.query.get("per_page"), DEFAULT))
    page = _whole(call.query.get("page"), 1)
    last = max(1, -(-len(items) // size))
    wanted: dict[str, int] = {}
    if page < last:
        wanted |= {"next": page + 1, "last": last}
    if page > 1:
        wanted |= {"first": 1, "prev": page - 1}
    links = [f'<{_address(call, number)}>; rel="{rel}"' for rel, number in wanted.items()]
    return items[(page - 1) * size : page * size], {"link": ", ".join(links)} if links else {}


def _address(call: Call, page: int) -> str:
    return f"{call.url}?{urlencode(call.query | {'page': str(page)})}"


def listing(items: Sequence[object], headers: dict[str, str]) -> Answer:
    return Answer(200, list(items), headers)
