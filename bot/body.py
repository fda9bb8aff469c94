"""Reads a request body with a cap that holds while it streams, whatever its headers claim."""

from __future__ import annotations

from starlette.requests import Request

from graphs.errors import StrataError

TRACKER_CAP = 5 * 1024 * 1024
SLACK_CAP = 1024 * 1024


class TooLarge(StrataError):
    """The body exceeds the cap; nothing beyond it was read."""


class Encoded(StrataError):
    """The body is compressed; a few bytes could unfold to any size, so it is refused unread."""


async def read_capped(request: Request, cap: int) -> bytes:
    """The raw bytes. Raises `TooLarge`, `Encoded`."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Encoded("compressed bodies are not accepted")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:12]) > cap:
        raise TooLarge(f"a body may have {cap} bytes")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > cap:
            raise TooLarge(f"a body may have {cap} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
