"""Lists that come in numbered pages, as GitHub and GitLab give them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from pydantic import TypeAdapter

from bot.trackers.answers import Parsed
from bot.trackers.transport import Transport

PAGE = 100


async def pages(
    transport: Transport, path: str, asked: Mapping[str, str], shape: TypeAdapter[tuple[Parsed, ...]], most: int
) -> AsyncIterator[tuple[Parsed, ...]]:
    """At most `most` pages. Counts them itself: an address out of a `Link` header is data and is not called."""
    for number in range(1, most + 1):
        answer = await transport.get(path, {**asked, "per_page": str(PAGE), "page": str(number)})
        page = answer.read(shape)
        yield page
        if len(page) < PAGE and not answer.has_next_page:
            return
