"""Servers that others wrote, as processes that never outlive the test."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_STARTS_WITHIN_S = 60.0
_POLL_S = 0.02

# A test process that was killed cannot stop anything; the server goes when this shell's input closes.
_LEASH = '"$@" </dev/null & server=$!; cat >/dev/null; kill "$server"; wait "$server"'


@contextmanager
def serving(command: Sequence[str], answers_at: str, log: Path, env: Mapping[str, str]) -> Iterator[None]:
    """Runs it from its first answer to the end of the block. `env` is its whole environment but for the path."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _LEASH, "leash", *command],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env={"PATH": "/usr/bin:/bin", **env},
            start_new_session=True,  # a Ctrl-C in the terminal is for pytest, which then stops the server
        )
    with process as leash:
        try:
            _until_it_answers(answers_at, leash, log)
            yield
        finally:
            assert leash.stdin is not None, "it was opened as a pipe"
            leash.stdin.close()


def _until_it_answers(url: str, leash: subprocess.Popen[bytes], log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            direct.open(url, timeout=5).close()
        except urllib.error.HTTPError:
            return  # an answer is an answer
        except OSError as error:
            if leash.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{url} did not answer:\n{log.read_text(errors='replace')[-2000:]}") from error
            time.sleep(_POLL_S)
        else:
            return
