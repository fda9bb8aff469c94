"""Puts the program together: the only package that names concrete classes, one file for each role.

Owns which part gets which credential. The reader gets the reading token, the executor the writing one; neither is
reachable from the other. Tests call `open_core` with settings of their own.
"""

from bot.bootstrap.agent import NO_PAST, deps, past_of
from bot.bootstrap.bot import Bot, open_bot
from bot.bootstrap.core import Core, open_core
from bot.bootstrap.engines import Means, limits, local_engine, open_batching, open_engine
from bot.bootstrap.executor import open_executor

__all__ = [
    "NO_PAST",
    "Bot",
    "Core",
    "Means",
    "deps",
    "limits",
    "local_engine",
    "open_batching",
    "open_bot",
    "open_core",
    "open_engine",
    "open_executor",
    "past_of",
]
