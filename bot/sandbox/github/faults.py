"""What a test can make the API do wrong, request by request.

Owns the script: which requests, how many, what happens. Must not carry it out (`door`) nor touch webhooks
(`webhook_faults`). The first fault that matches is used up; others wait for their turn.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from bot.sandbox.github.answers import Answer
from bot.sandbox.github.limits import primary, secondary


@dataclass(frozen=True, slots=True)
class Reply:
    """Answered without being done."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Delay:
    """Done and answered as always, but `before_s` late to start and `after_s` late to answer."""

    before_s: float = 0.0
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Break:
    """The connection breaks: `applied` says whether the request was carried out before."""

    applied: bool


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer, until the client gives up or `LocalGitHub.let_go`."""

    applied: bool


@dataclass(frozen=True, slots=True)
class SlowBody:
    """Done; the answer drips out, one byte per `pause_s`."""

    pause_s: float


@dataclass(frozen=True, slots=True)
class HugeBody:
    """Done; the answer is `size` bytes of JSON white space before the real one."""

    size: int


@dataclass(frozen=True, slots=True)
class Garbage:
    """Done; the answer says 2xx but is not JSON, cut off in the middle."""


Mishap = Reply | Delay | Break | Hang | SlowBody | HugeBody | Garbage


@dataclass
class Fault:
    """One entry of the script; `hits` tells a test how often it struck."""

    mishap: Mishap
    method: str | None
    path: re.Pattern[str]
    left: int
    hits: int = 0
    _struck: asyncio.Event = field(default_factory=asyncio.Event)

    def strike(self) -> Mishap:
        self.left -= 1
        self.hits += 1
        self._struck.set()
        return self.mishap

    async def struck(self) -> None:
        """Returns when it happened for the first time; what is applied before is applied by then."""
        await self._struck.wait()

    def takes(self, method: str, path: str) -> bool:
        return self.left > 0 and self.method in {None, method} and self.path.search(path) is not None


@dataclass
class Faults:
    """`method` None is any, `path` is a regular expression searched in the decoded path."""

    script: list[Fault] = field(default_factory=list)

    def add(self, mishap: Mishap, *, times: int = 1, method: str | None = None, path: str = "") -> Fault:
        fault = Fault(mishap, None if method is None else method.upper(), re.compile(path), times)
        self.script.append(fault)
        return fault

    def fail(
        self,
        status: int,
        *,
        times: int = 1,
        method: str | None = None,
        path: str = "",
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Fault:
        """Answers `status` and does nothing."""
        shown = {"message": f"Scripted {status}", "status": str(status)} if body is None else body
        return self.add(Reply(Answer(status, shown, headers or {})), times=times, method=method, path=path)

    def delay(
        self, before_s: float = 0.0, after_s: float = 0.0, *, times: int = 1, method: str | None = None, path: str = ""
    ) -> Fault:
        return self.add(Delay(before_s, after_s), times=times, method=method, path=path)

    def apply_then_break(self, *, times: int = 1, method: str | None = None, path: str = "") -> Fault:
        """The dangerous one: the write is done, the client never hears of it."""
        return self.add(Break(applied=True), times=times, method=method, path=path)

    def break_before(self, *, times: int = 1, method: str | None = None, path: str = "") -> Fault:
        """Looks the same to the client, but nothing was done."""
        return self.add(Break(applied=False), times=times, method=method, path=path)

    def apply_then_hang(self, *, times: int = 1, method: str | None = None, path: str = "") -> Fault:
        return self.add(Hang(applied=True), times=times, method=method, path=path)

    def hang(self, *, times: int = 1, method: str | None = None, path: str = "") -> Fault:
        return self.add(Hang(applied=False), times=times, method=method, path=path)

    def slow_body(self, pause_s: float, *, times: int = 1, method: str | None = None, path: str = "") -> Fault:
        return self.add(SlowBody(pause_s), times=times, method=method, path=path)

    def huge_body(self, size: int, *, times: int = 1, method: str | None = None, path: str = "") -> Fault:
        return self.add(HugeBody(size), times=times, method=method, path=path)

    def garbage(self, *, times: int = 1, method: str | None = None, path: str = "") -> Fault:
        return self.add(Garbage(), times=times, method=method, path=path)

    def redirect(
        self, to: str, *, status: int = 302, times: int = 1, method: str | None = None, path: str = ""
    ) -> Fault:
        """Points elsewhere; a client that follows it to another host would hand over its token."""
        return self.fail(status, times=times, method=method, path=path, headers={"location": to})

    def secondary_limit(
        self, retry_after_s: int, *, status: int = 403, times: int = 1, method: str | None = None, path: str = ""
    ) -> Fault:
        return self.add(Reply(secondary(retry_after_s, status).answer), times=times, method=method, path=path)

    def primary_limit(
        self, reset_at: float, *, status: int = 403, times: int = 1, method: str | None = None, path: str = ""
    ) -> Fault:
        """`reset_at` is in seconds since 1970, as in `x-ratelimit-reset`."""
        headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-used": "5000"}
        headers |= {"x-ratelimit-reset": str(int(reset_at)), "x-ratelimit-resource": "core"}
        return self.add(Reply(primary(headers, status).answer), times=times, method=method, path=path)

    def clear(self) -> None:
        self.script.clear()

    def take(self, method: str, path: str) -> Mishap | None:
        for fault in self.script:
            if fault.takes(method, path):
                return fault.strike()
        return None
