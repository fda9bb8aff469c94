"""Real Redis servers for tests."""

from __future__ import annotations

from bot.bench.servers.redis import RedisServer, system_program, wheel_program

__all__ = ["RedisServer", "system_program", "wheel_program"]
