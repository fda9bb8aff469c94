"""Cap, deadline and room hold while a body streams, whatever its headers claim."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import body
from bot.body import Encoded, Room, TooLarge, TooSlow
from bot.body import HungUp as Gone
from tests.intake.asgi import HeldBack, HungUp, ask

CAP = 100
Headers = list[tuple[bytes, bytes]]


ROOM = Room(3 * CAP)


async def _read(request: Request) -> Response:
    try:
        async with ROOM.body(request, CAP) as whole:
            return PlainTextResponse(whole)
    except TooLarge as error:
        return PlainTextResponse(str(error), 413)
    except Encoded as error:
        return PlainTextResponse(str(error), 415)
    except Gone as error:
        return PlainTextResponse(str(error), 400)
    except TooSlow as error:
        return PlainTextResponse(str(error), 408)


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


async def test_a_sender_that_does_not_go_on_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "READ_S", 0.05)
    assert (await ask(APP, "/", [b"x", HeldBack])).status == 408


async def test_all_bodies_together_never_hold_more_than_the_room() -> None:
    room, held, most = Room(250), 0, 0

    async def hold(request: Request) -> Response:
        nonlocal held, most
        async with room.body(request, CAP) as whole:
            held += len(whole)
            most = max(most, held)
            await asyncio.sleep(0)
            held -= len(whole)
        return PlainTextResponse("")

    app = Starlette(routes=[Route("/", hold, methods=["POST"])])
    answers = await asyncio.gather(*(ask(app, "/", [b"x" * 50] * 2) for _ in range(40)))
    assert {one.status for one in answers} == {200}
    assert 100 < most <= 250


async def test_room_is_given_back_however_a_request_ends() -> None:
    room = Room(CAP)

    async def hold(request: Request) -> Response:
        async with room.body(request, CAP):
            raise ValueError

    app = Starlette(routes=[Route("/", hold, methods=["POST"])])
    tries: list[list[bytes | type[HungUp]]] = [[b"x"], [b"x", HungUp], [b"x" * 101], [b"x"]]
    for pieces in tries:
        with contextlib.suppress(ValueError, TooLarge, Gone):
            await asyncio.wait_for(ask(app, "/", pieces), 5)
