"""Reads a request body with a cap that holds while it streams, whatever its headers claim."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

from graphs.errors import StrataError

TRACKER_CAP = 5 * 1024 * 1024
SLACK_CAP = 1024 * 1024


class TooLarge(StrataError):
    """The body exceeds the cap; nothing beyond it was read."""


class Encoded(StrataError):
    """The body is compressed; a few bytes could unfold to any size, so it is refused unread."""


class HungUp(StrataError):
    """The sender went away in the middle of the body."""


async def read_capped(request: Request, cap: int) -> bytes:
    """The raw bytes. Raises `TooLarge`, `Encoded`, `HungUp`."""
    if any(one.lower() != "identity" for one in request.headers.getlist("content-encoding")):
        raise Encoded("compressed bodies are not accepted")
    declared = request.headers.get("content-length", "")
    # Not `isdigit`: a superscript two is a digit to it, and no number to `int`.
    if declared.isdecimal() and int(declared[:12]) > cap:
        raise TooLarge(f"a body may have {cap} bytes")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > cap:
                raise TooLarge(f"a body may have {cap} bytes")
    except ClientDisconnect as error:
        raise HungUp("the connection ended in the middle of the body") from error
    return bytes(body)
