"""What the figures were measured on: without it a figure says nothing."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from importlib.metadata import version
from pathlib import Path

from graphs.model import Value

LIBRARIES = (
    *("langgraph", "langgraph-checkpoint-sqlite", "sqlalchemy", "aiosqlite", "slack-bolt", "httpx", "httptools"),
    *("uvicorn", "starlette", "pydantic", "scikit-learn", "cedarpy"),
)
_COMMITS = 20
_PAGE = b"\0" * 4096


class Machine(Value):
    """Facts about the computer and the programs on it."""

    cpus: int
    cpu: str
    system: str
    python: str
    sqlite: str
    libraries: dict[str, str]
    load_average: tuple[float, float, float]
    """Before the first measurement: 1, 5 and 15 minutes."""
    commit_ms: float
    """Median time to write one page to a file beside the databases and have the disk confirm it (fsync)."""


def machine(folder: Path) -> Machine:
    """`folder` is where the databases of the measurements will lie."""
    return Machine(
        cpus=os.cpu_count() or 1,
        cpu=_cpu(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        libraries={name: version(name) for name in LIBRARIES},
        load_average=os.getloadavg(),
        commit_ms=_commit_ms(folder / "commit-probe"),
    )


def _cpu() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _commit_ms(file: Path) -> float:
    took = []
    with file.open("wb") as probe:
        for _ in range(_COMMITS):
            began = time.perf_counter()
            probe.write(_PAGE)
            probe.flush()
            os.fsync(probe.fileno())
            took.append(time.perf_counter() - began)
    file.unlink()
    return round(statistics.median(took) * 1000, 3)
