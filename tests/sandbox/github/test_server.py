"""The server: loopback only, in the caller's loop, and it leaves signals alone."""

from __future__ import annotations

import signal
import socket

import httpx
import pytest

from bot.sandbox.github import LocalGitHub


async def test_it_listens_on_loopback_only_and_takes_any_free_port() -> None:
    async with LocalGitHub() as one, LocalGitHub() as two:
        assert one.url.startswith("http://127.0.0.1:")
        assert one.url != two.url
        with pytest.raises(OSError, match=r"refused|assign"):
            socket.create_connection(("127.0.0.2", httpx.URL(one.url).port or 0), timeout=5).close()


async def test_signals_stay_with_the_program_around_it() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with LocalGitHub():
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
