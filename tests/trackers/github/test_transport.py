"""The wire at its worst: what goes out, what comes back, and where the token never goes."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable

import pytest
from pydantic import SecretStr

from bot.trackers.credentials import StaticToken
from bot.trackers.github.transport import Transport, open_http
from bot.trackers.transport import Limits
from graphs.errors import TicketGone, TrackerError, TrackerRefused, TrackerRejected, TrackerUnavailable
from tests.trackers.github.wire import Script, Then, Wire, reply, wire

TOKEN = "github_pat_secret"
PATIENT = Limits(answer_bytes=1_000)
SHORT = Limits(answer_bytes=1_000, silence_s=0.2)
OK = reply("200 OK", b"{}")
CHUNKED = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"]
Act = Callable[[Transport], Awaitable[object]]


async def reading(transport: Transport) -> object:
    return await transport.get("/x", {"page": "2"})


async def writing(transport: Transport) -> object:
    return await transport.write("POST", "/x", {"labels": ["é"]})


async def attempt(server: Wire, act: Act, token: str = TOKEN, limits: Limits = PATIENT) -> object:
    async with open_http(server.site, limits) as http:
        return await act(Transport(http, server.site, StaticToken(SecretStr(token)), limits))


async def failing(kind: type[TrackerError], act: Act, *scripts: Script, limits: Limits = PATIENT) -> Wire:
    async with wire(*scripts) as server:
        with pytest.raises(kind) as caught:
            await attempt(server, act, limits=limits)
    assert TOKEN not in str(caught.value)
    return server


async def test_what_is_sent() -> None:
    async with wire(OK, OK) as server:
        await attempt(server, reading)
        await attempt(server, writing)
    read, write = (one.lower() for one in server.requests)
    assert read.startswith("get /x?page=2 http/1.1")
    assert write.startswith("post /x http/1.1")
    assert write.endswith('{"labels":["é"]}')
    for sent in (read, write):
        assert f"authorization: bearer {TOKEN}" in sent
        assert "x-github-api-version: 2022-11-28" in sent
        assert "accept: application/vnd.github+json" in sent
        assert "accept-encoding: identity" in sent
        assert "user-agent: strata/" in sent


@pytest.mark.parametrize("act", [reading, writing])
@pytest.mark.parametrize(("status", "kind"), [("301 Moved Permanently", TicketGone), ("302 Found", TrackerUnavailable)])
async def test_no_redirect_is_followed_and_the_token_stays(status: str, kind: type[TrackerError], act: Act) -> None:
    async with wire(OK) as elsewhere:
        await failing(kind, act, reply(status, location=f"{elsewhere.site.api}/stolen"))
        here = await failing(kind, act, reply(status, location="/repositories/1/issues/2"))
    assert elsewhere.requests == []
    assert len(here.requests) == 1


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param([Then.HANG_UP], id="no answer"),
        pytest.param([b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{", Then.HANG_UP], id="half an answer"),
        pytest.param([b"not http at all\r\n\r\n", Then.HANG_UP], id="not HTTP"),
    ],
)
async def test_a_read_is_asked_again_where_the_connection_broke(broken: Script) -> None:
    async with wire(broken, OK) as server:
        await attempt(server, reading)
    assert len(server.requests) == 2


@pytest.mark.parametrize("act", [reading, writing])
async def test_a_broken_connection_is_an_open_outcome(act: Act) -> None:
    server = await failing(TrackerUnavailable, act)
    assert len(server.requests) == (2 if act is reading else 1)


@pytest.mark.parametrize(
    "script",
    [[Then.HANG_UP], [Then.WAIT], reply("500 Oops"), reply("503 Later"), reply("200 OK", b"x" * 2_000)],
    ids=["hang up", "silence", "500", "503", "too large"],
)
async def test_a_write_is_sent_once_whatever_happens(script: Script) -> None:
    server = await failing(TrackerUnavailable, writing, script, OK, limits=SHORT)
    assert len(server.requests) == 1


@pytest.mark.parametrize("act", [reading, writing])
@pytest.mark.parametrize(
    "script",
    [
        pytest.param([Then.WAIT], id="silence"),
        pytest.param([b"HTTP/1.1 200 OK\r\n", Then.WAIT], id="half a head"),
        pytest.param([b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{", Then.WAIT], id="half a body"),
        pytest.param(reply("200 OK", b"x" * 1_001), id="too large"),
        pytest.param([*CHUNKED, *[b"64\r\n" + b"x" * 100 + b"\r\n"] * 20, Then.WAIT], id="too large, unannounced"),
        pytest.param(reply("200 OK", gzip.compress(b"0" * 10_000), content_encoding="gzip"), id="a gzip bomb"),
        pytest.param(reply("200 OK", gzip.compress(b"{}"), content_encoding="gzip"), id="compressed unasked"),
    ],
)
async def test_what_does_not_come_back_whole_is_unavailable(act: Act, script: Script) -> None:
    await failing(TrackerUnavailable, act, script, script, limits=SHORT)


async def test_an_answer_that_drips_for_ever_is_cut_off() -> None:
    """No pause is long enough for the limit on silence, so only the limit on the whole call can end it."""
    await failing(TrackerUnavailable, reading, [*CHUNKED, Then.DRIP], limits=Limits(whole_s=0.3))


@pytest.mark.parametrize("token", ["", "two\r\nlines", " padded", "tökén", "\udc80"])
async def test_a_token_that_cannot_be_a_header_is_refused_without_being_shown(token: str) -> None:
    async with wire(OK) as server:
        with pytest.raises(TrackerRefused) as caught:
            await attempt(server, reading, token)
    assert server.requests == []
    assert not token or token not in str(caught.value)


async def test_text_that_json_cannot_carry_is_not_sent() -> None:
    async with wire(OK) as server:
        with pytest.raises(TrackerRejected, match="not sent"):
            await attempt(server, lambda transport: transport.write("POST", "/x", {"body": "\ud800"}))
    assert server.requests == []


async def test_nobody_there_is_unavailable() -> None:
    async with wire(OK) as server:
        pass
    with pytest.raises(TrackerUnavailable):
        await attempt(server, writing)
