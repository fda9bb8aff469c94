"""What the bot takes up: bytes in its databases, memory, processor time, time to import."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bot.bench.figures import BenchFailed
from graphs.model import Value

_IMPORT = "import json, time; began = time.perf_counter(); import {0}; print(json.dumps(time.perf_counter() - began))"
_BUSY_S = 10.0


class Imports(Value):
    """Seconds of a fresh interpreter, in ms, files already in the system's cache."""

    command_line_ms: float
    """What every `strata` command waits for."""
    bot_ms: float
    """What `strata run` loads."""
    plain_ms: float
    """What the plain bot loads, our engine included."""


async def imports() -> Imports:
    return Imports(
        command_line_ms=await _import_ms("bot.cli"),
        bot_ms=await _import_ms("bot.serve"),
        plain_ms=await _import_ms("bot.bench.plain"),
    )


async def _import_ms(module: str) -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _IMPORT.format(module)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        start_new_session=True,  # Ctrl-C is for us: we end it
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BenchFailed(f"{module} cannot be imported")
    seconds: float = json.loads(said)
    return seconds * 1000


def settled_bytes(file: Path) -> int:
    """Size of an SQLite database with all it has: its log is written back first, free pages stay (no VACUUM)."""
    with closing(sqlite3.connect(file, timeout=_BUSY_S)) as connection:
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise BenchFailed(f"{file.name} was too busy to be measured")
    beside = (file.with_name(file.name + end) for end in ("-wal",))
    return file.stat().st_size + sum(one.stat().st_size for one in beside if one.exists())


class Spent(Value):
    """What a process has taken so far. None where the system does not tell."""

    peak_mib: float | None
    cpu_s: float | None


def spent(pid: int) -> Spent:
    """Linux only: the kernel's high-water mark of this very program.

    Not `ru_maxrss` of the child: it starts at the size of the process that started it, which is the bench.
    """
    folder = Path("/proc", str(pid))
    try:
        status, stat = (folder / "status").read_text(), _Stat.read(folder)
    except OSError:
        return Spent(peak_mib=None, cpu_s=None)
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return Spent(peak_mib=int(peak[1]) / 1024 if peak else None, cpu_s=stat.own_s)


def memory_mib(pid: int) -> float | None:
    """What it holds at this moment."""
    try:
        status = Path("/proc", str(pid), "status").read_text()
    except OSError:
        return None
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else None


def family_cpu_s(pid: int) -> float:
    """Seconds of processor time of a process and its children, also of those that have ended."""
    found = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = _Stat.read(folder)
        except OSError:  # it has just ended, and is counted with its parent
            continue
        if folder.name == str(pid):
            found += stat.own_s + stat.ended_children_s
        elif stat.parent == pid:
            found += stat.own_s
    return found


class _Stat(NamedTuple):
    parent: int
    own_s: float
    ended_children_s: float

    @classmethod
    def read(cls, folder: Path) -> _Stat:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        user, system, of_children, system_of_children = (int(one) for one in fields[11:15])
        ticks = os.sysconf("SC_CLK_TCK")
        return cls(int(fields[1]), (user + system) / ticks, (of_children + system_of_children) / ticks)
