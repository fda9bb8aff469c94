"""A network with nothing but loopback in it, for servers that listen on every interface.

Owns how one is made (`in_isolation`, asked from outside) and how one is recognised (`bring_up_loopback`, asked inside).
"""

from __future__ import annotations

import fcntl
import socket
import struct
import subprocess
import sys
from pathlib import Path

_NAMESPACE = ("unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child")
"""With its own process numbers too: when the first process ends or is killed, so does everything it started."""
_ROOT = Path(__file__).parents[2]
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_REQUEST = "16sh14x"


class NotIsolated(Exception):
    """There are other interfaces: whatever is started here could be reached from elsewhere."""


def why_not() -> str:
    """Why this machine lets nobody have a network of their own; empty when it does."""
    try:
        done = subprocess.run([*_NAMESPACE, "true"], capture_output=True, text=True, check=False, timeout=20)
    except OSError as error:
        return f"unshare cannot be run ({error.strerror})"
    return done.stderr.strip() or f"unshare ended with {done.returncode}" if done.returncode else ""


def in_isolation(module: str, *arguments: str, timeout_s: float) -> str:
    """Runs a module of ours alone with loopback; what it printed. Raises `RuntimeError` with its last words."""
    command = [*_NAMESPACE, sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=timeout_s)
    if done.returncode:
        raise RuntimeError(f"{module} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}")
    return done.stdout


def bring_up_loopback() -> None:
    """A new network's loopback is down. Raises `NotIsolated` where there is more than loopback."""
    interfaces = {name for _, name in socket.if_nameindex()}
    if interfaces != {"lo"}:
        raise NotIsolated(f"interfaces here: {', '.join(sorted(interfaces))}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        answer = fcntl.ioctl(control, _GET_FLAGS, struct.pack(_REQUEST, b"lo", 0))
        flags: int = struct.unpack(_REQUEST, answer)[1]
        fcntl.ioctl(control, _SET_FLAGS, struct.pack(_REQUEST, b"lo", flags | _UP))
