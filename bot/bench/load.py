"""Sends prepared webhooks as fast as they are answered, or at a given pace: `python -m bot.bench.load`.

A program of its own, so that its waiting is not disturbed by the local GitHub's work. It speaks HTTP/1.1 over kept
connections by hand, because a client library would take more of the processor than the bot does. Reads one `Order`
from standard input, prints one `Outcome`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter

from graphs.model import Value

ACCEPTED = 202


class Hook(Value):
    """One delivery, ready to be sent."""

    headers: dict[str, str]
    body: bytes


class Order(Value):
    """What to send where. Without `per_s` each connection sends its next as soon as the last was answered."""

    host: str
    port: int
    path: str
    hooks: Path
    """File with `HOOKS` as JSON."""
    first: int
    count: int
    connections: int
    per_s: float | None = None


class Outcome(Value):
    answers: dict[int, int]
    """How many of each status."""
    seconds: float
    waits_ms: tuple[float, ...]
    """Of each delivery: from when it was to be sent until its answer was read."""


HOOKS: TypeAdapter[list[Hook]] = TypeAdapter(list[Hook])


def main() -> None:
    order = Order.model_validate_json(sys.stdin.read())
    sys.stdout.write(asyncio.run(sent(order)).model_dump_json())


async def sent(order: Order) -> Outcome:
    hooks = HOOKS.validate_json(order.hooks.read_bytes())[order.first : order.first + order.count]
    requests = [_request(order, hook) for hook in hooks]
    waits: list[float] = []
    answers: dict[int, int] = {}
    began = time.perf_counter()
    due = iter([(began + number / order.per_s if order.per_s else 0.0, one) for number, one in enumerate(requests)])
    senders = (_send(order, due, waits, answers) for _ in range(order.connections))
    await asyncio.gather(*senders)
    return Outcome(answers=answers, seconds=time.perf_counter() - began, waits_ms=tuple(one * 1000 for one in waits))


async def _send(order: Order, due: Iterator[tuple[float, bytes]], waits: list[float], answers: dict[int, int]) -> None:
    """One connection, which takes the next delivery whenever it is free."""
    reader, writer = await asyncio.open_connection(order.host, order.port)
    for at, request in due:
        if at:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
        began = at or time.perf_counter()
        writer.write(request)
        status = await _answer(reader)
        waits.append(time.perf_counter() - began)
        answers[status] = answers.get(status, 0) + 1
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    await reader.readexactly(int(fields.get("content-length", 0)))
    return int(head[0].split(" ", 2)[1])


def _request(order: Order, hook: Hook) -> bytes:
    fields = {"Host": f"{order.host}:{order.port}", **hook.headers, "Content-Length": str(len(hook.body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {order.path} HTTP/1.1\r\n{head}\r\n".encode() + hook.body


if __name__ == "__main__":
    main()
