"""The cap holds while a body streams, whatever its headers claim."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.body import Encoded, TooLarge, read_capped
from bot.body import HungUp as Gone
from tests.intake.asgi import HungUp, ask

CAP = 100
Headers = list[tuple[bytes, bytes]]


async def _read(request: Request) -> Response:
    try:
        return PlainTextResponse(await read_capped(request, CAP))
    except TooLarge as error:
        return PlainTextResponse(str(error), 413)
    except Encoded as error:
        return PlainTextResponse(str(error), 415)
    except Gone as error:
        return PlainTextResponse(str(error), 400)


APP = Starlette(routes=[Route("/", _read, methods=["POST"])])


@pytest.mark.parametrize(
    ("pieces", "headers", "status"),
    [
        ([b"x" * CAP], [], 200),
        ([b"x" * 99, b"x"], [(b"content-length", b"100")], 200),
        ([], [], 200),
        ([b""] * 50 + [b"x"], [], 200),
        ([b"x" * 101], [], 413),
        ([b"x" * 50] * 3, [], 413),
        # Too small a length, or none that can be read: the bytes are counted.
        ([b"x" * 50] * 3, [(b"content-length", b"1")], 413),
        ([b"x" * 50] * 3, [(b"content-length", b"-5")], 413),
        ([b"x" * 50] * 3, [(b"content-length", b"0000000000000000000000000001000")], 413),
        ([b"x" * 50] * 3, [(b"content-length", b"\xb2")], 413),
        ([b"x"], [(b"content-length", b"")], 200),
        ([b"x"], [(b"content-length", b"\xb2\xb3")], 200),
        ([b"x"], [(b"content-length", b"1" * 400)], 413),
        ([b"x"], [(b"content-length", b"101")], 413),
    ],
)
async def test_the_cap(pieces: list[bytes], headers: Headers, status: int) -> None:
    reply = await ask(APP, "/", pieces, headers)
    assert reply.status == status
    if status == 200:
        assert reply.body == b"".join(pieces)


async def test_nothing_is_read_of_a_body_that_is_declared_too_large() -> None:
    assert (await ask(APP, "/", [b"x"] * 5, [(b"content-length", b"5000")])).pieces_read == 0


async def test_nothing_beyond_the_cap_is_read() -> None:
    assert (await ask(APP, "/", [b"x" * 50] * 1000)).pieces_read == 3


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"deflate", b"GZIP", b"identity, gzip", b"\xff", b" "])
async def test_a_compressed_body_is_refused_unread(encoding: bytes) -> None:
    reply = await ask(APP, "/", [b"x"], [(b"content-encoding", encoding)])
    assert (reply.status, reply.pieces_read) == (415, 0)


@pytest.mark.parametrize("encoding", [b"identity", b"Identity"])
async def test_identity_is_no_compression(encoding: bytes) -> None:
    assert (await ask(APP, "/", [b"x"], [(b"content-encoding", encoding)])).status == 200


async def test_a_second_encoding_header_does_not_slip_past() -> None:
    headers = [(b"content-encoding", b"identity"), (b"content-encoding", b"gzip")]
    assert (await ask(APP, "/", [b"x"], headers)).status == 415


async def test_a_sender_that_hangs_up_is_no_error_of_ours() -> None:
    assert (await ask(APP, "/", [b"x", HungUp])).status == 400
