"""A Messages API on this machine that says what a test wants, as the real one would say it: SSE, piece by piece.

Owns the wire only: the events and their order are those of the vendor's documentation. Keeps every request.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

Json = dict[str, object]


@dataclass(frozen=True)
class Says:
    """One answer of the model."""

    blocks: Sequence[Json]
    stop: str | None = "end_turn"
    usage: Json = field(default_factory=lambda: {"input_tokens": 1000, "output_tokens": 200})
    cut_after: int | None = None
    """The connection ends after so many events."""
    stall_after: int | None = None
    """Nothing more comes after so many events."""
    error_after: int | None = None
    """An `error` event in the middle, as when the service is overloaded."""


@dataclass(frozen=True)
class Fails:
    """An HTTP error."""

    status: int
    kind: str = "api_error"
    retry_after: str | None = None
    body: bytes | None = None


@dataclass(frozen=True)
class Raw:
    """Whatever bytes, under status 200 and the type of a stream."""

    body: bytes


class HangsUp:
    """Closes the connection without a word."""


Answer = Says | Fails | Raw | HangsUp
Script = Callable[[Json], Answer]


def text(said: str) -> Json:
    return {"type": "text", "text": said}


def answer(content: object, **more: object) -> Says:
    """The final answer as JSON text."""
    return Says([text(json.dumps(content))], **more)  # type: ignore[arg-type]  # fields of Says


def calls(*named: tuple[str, object], ids: str = "toolu") -> Says:
    blocks = [
        {"type": "tool_use", "id": f"{ids}_{at}", "name": name, "input": given}
        for at, (name, given) in enumerate(named)
    ]
    return Says(blocks, stop="tool_use")


def thinking(said: str = "Let me see.") -> Json:
    return {"type": "thinking", "thinking": said, "signature": "c2lnbmF0dXJl"}


def events(says: Says, model: str) -> Iterator[tuple[str, Json]]:
    start = {**says.usage, "output_tokens": 1}
    message: Json = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": start,
    }
    yield "message_start", {"type": "message_start", "message": message}
    yield "ping", {"type": "ping"}
    for index, block in enumerate(says.blocks):
        yield from _block(index, block)
    delta = {"stop_reason": says.stop, "stop_sequence": None}
    yield "message_delta", {"type": "message_delta", "delta": delta, "usage": says.usage}
    yield "message_stop", {"type": "message_stop"}


def _block(index: int, block: Json) -> Iterator[tuple[str, Json]]:
    def delta(inside: Json) -> tuple[str, Json]:
        return "content_block_delta", {"type": "content_block_delta", "index": index, "delta": inside}

    match block["type"]:
        case "text":
            empty: Json = {"type": "text", "text": ""}
            whole = str(block["text"])
            pieces = [delta({"type": "text_delta", "text": whole[at : at + 40]}) for at in range(0, len(whole), 40)]
        case "tool_use":
            empty = {**block, "input": {}}
            given = block["input"] if isinstance(block["input"], str) else json.dumps(block["input"])
            pieces = [
                delta({"type": "input_json_delta", "partial_json": given[at : at + 30]})
                for at in range(0, len(given), 30)
            ]
        case "thinking":
            empty = {"type": "thinking", "thinking": "", "signature": ""}
            pieces = [
                delta({"type": "thinking_delta", "thinking": block["thinking"]}),
                delta({"type": "signature_delta", "signature": block["signature"]}),
            ]
        case _:
            empty, pieces = block, []
    yield "content_block_start", {"type": "content_block_start", "index": index, "content_block": empty}
    yield from pieces
    yield "content_block_stop", {"type": "content_block_stop", "index": index}


class Batches(Protocol):
    url: str

    def answer(self, method: str, path: str, asked: Json) -> bytes | Fails | HangsUp | None:
        """None: this is no request about batches."""
        ...


class Server:
    """Says the answers of a script, one for each request; the last one again and again, or what a function says."""

    def __init__(self, *script: Answer | Script, batches: Batches | None = None) -> None:
        self.batches = batches
        self.script = list(script)
        self.requests: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def _next(self, asked: Json) -> Answer:
        said = self.script[0] if len(self.script) == 1 else self.script.pop(0)
        return said(asked) if callable(said) else said

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines[1:] if one)}
        asked = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))) or b"{}")
        self.requests.append({"path": lines[0].split(" ")[1], **asked})
        self.headers.append(headers)
        method, path, _ = lines[0].split(" ")
        if self.batches is not None and (told := self.batches.answer(method, path, asked)) is not None:
            return await self._plain(writer, told)
        match self._next(asked):
            case HangsUp():
                return False
            case Fails() as failed:
                return await self._fail(writer, failed)
            case Raw(body=body):
                await _send(writer, _HEAD + body)
                return False
            case Says() as says:
                await self._stream(writer, says, str(asked.get("model", "")))
                return False

    async def _plain(self, writer: asyncio.StreamWriter, told: bytes | Fails | HangsUp) -> bool:
        if isinstance(told, HangsUp):
            return False
        if isinstance(told, Fails):
            return await self._fail(writer, told)
        await _send(writer, f"HTTP/1.1 200 OK\r\ncontent-length: {len(told)}\r\n\r\n".encode() + told)
        return True

    async def _fail(self, writer: asyncio.StreamWriter, failed: Fails) -> bool:
        error = {"type": "error", "error": {"type": failed.kind, "message": "canary-in-an-error"}}
        body = json.dumps(error).encode() if failed.body is None else failed.body
        after = f"retry-after: {failed.retry_after}\r\n" if failed.retry_after else ""
        kind = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        head = f"HTTP/1.1 {failed.status} No\r\n{after}{kind}\r\n"
        await _send(writer, head.encode() + body)
        return True

    async def _stream(self, writer: asyncio.StreamWriter, says: Says, model: str) -> None:
        await _send(writer, _HEAD)
        for at, (name, content) in enumerate(events(says, model)):
            if at == says.cut_after:
                return
            if at == says.stall_after:
                await asyncio.sleep(30)
            if at == says.error_after:
                busy = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
                await _send(writer, f"event: error\ndata: {json.dumps(busy)}\n\n".encode())
                return
            writer.write(f"event: {name}\ndata: {json.dumps(content)}\n\n".encode())
        await writer.drain()


_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


async def _send(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(content)
    await writer.drain()


@asynccontextmanager
async def serving(*script: Answer | Script, batches: Batches | None = None) -> AsyncIterator[Server]:
    server = Server(*script, batches=batches)
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, limit=2**24)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    if batches is not None:
        batches.url = server.url
    try:
        yield server
    finally:
        listening.close()
