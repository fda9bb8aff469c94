"""One host at a time has an SQLite file open: its processes share memory, which no network can carry.

Owns the lock file beside the database. It holds the name of the host, and every process that has the database open
holds a shared lock on it. The operating system takes that lock from a process that dies, so nothing stale is left on
the same host; whoever leaves last empties the file, so that another host may have it.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bot.settings import BadSetting
from graphs.errors import StrataError
from graphs.model import Value

SUFFIX = ".lock"
PATIENCE_S = 2.0
POLL_S = 0.02
_MOST = 4096

# SQLite's write-ahead log needs memory that all its users share, and locks that hold. Over a network there are neither.
NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ncpfs", "davfs"),
        *("ceph", "lustre", "gpfs", "beegfs", "glusterfs", "gfs", "gfs2", "ocfs2", "pvfs2"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone"),
        *("fuse.davfs2", "fuse.mfs", "fuse.moosefs", "fuse.juicefs", "fuse.blobfuse", "fuse.goofys"),
    }
)


class InUse(StrataError):
    """Somebody else works with the database."""


class Host(Value):
    """Which machine this is. Containers on one kernel are one machine here: they share its memory."""

    boot: str
    """A new one with each start of the kernel, the same in all its containers."""
    machine: str
    name: str

    def is_ours(self, ours: Host) -> bool:
        """The same kernel, or the same machine before it was started again."""
        if self.boot and self.boot == ours.boot:
            return True
        return (self.machine, self.name) == (ours.machine, ours.name)


def this_host() -> Host:
    boot, machine = Path("/proc/sys/kernel/random/boot_id"), Path("/etc/machine-id")
    return Host(boot=_line(boot), machine=_line(machine), name=socket.gethostname())


def _line(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


@dataclass
class Claim:
    """This process's share of the lock; gone with the process, whatever becomes of it."""

    handle: int

    def release(self) -> None:
        if self.handle < 0:
            return
        if _lock(self.handle, fcntl.LOCK_EX):  # nobody else is left
            os.ftruncate(self.handle, 0)
        os.close(self.handle)
        self.handle = -1


async def claim(database: Path, *, alone: bool = False) -> Claim:
    """Says that this host has the database open; with `alone`, that no other process may.

    Raises `InUse` when another process is in the way, `BadSetting` when the file lies where SQLite cannot be safe.
    """
    if kind := network_filesystem(database.parent):
        raise BadSetting(
            f"{database} lies on a network file system ({kind}), where SQLite loses data:"
            " move it to a disk of this machine, or set STRATA_RECORD_URL to a PostgreSQL database"
        )
    file = database.with_name(database.name + SUFFIX)
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise BadSetting(f"{file} cannot be written ({error.strerror})") from None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not _taken(handle, file, alone=alone):  # noqa: ASYNC110  # another process tells no event
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        os.close(handle)
        raise InUse(f"{database} is in use by another process: stop it first") from None
    except BaseException:
        os.close(handle)
        raise
    return Claim(handle)


def _taken(handle: int, file: Path, *, alone: bool) -> bool:
    """One attempt. False when somebody was just coming or going, or stays."""
    if _lock(handle, fcntl.LOCK_EX):
        _refuse_another_host(handle, file)
        os.ftruncate(handle, 0)
        os.pwrite(handle, this_host().model_dump_json().encode(), 0)
        return alone or _lock(handle, fcntl.LOCK_SH)
    if alone or not _lock(handle, fcntl.LOCK_SH):
        return False
    if not os.pread(handle, 1, 0):  # the last of the others left in between
        fcntl.flock(handle, fcntl.LOCK_UN)
        return False
    _refuse_another_host(handle, file)
    return True


def _lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise BadSetting(f"files cannot be locked in the record's folder ({error.strerror})") from None
    return True


def _refuse_another_host(handle: int, file: Path) -> None:
    text = os.pread(handle, _MOST, 0)
    if not text:
        return
    try:
        holder = Host.model_validate_json(text)
    except ValidationError:
        return  # half written by a process that was killed, which held the lock alone
    if not holder.is_ours(this_host()):
        raise BadSetting(
            f"{file.name.removesuffix(SUFFIX)} is open on another machine ({holder.name}); SQLite serves one machine."
            f" Stop Strata there, or, when that machine is gone for good, delete {file}"
        )


def network_filesystem(folder: Path, mounts: str | None = None) -> str:
    """The kind of network file system that holds `folder`; "" when it is none, or when this system does not say."""
    if mounts is None:
        mounts = _mounts()
    place, best, kind = folder.resolve(), -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:  # noqa: PLR2004  # device, place, kind
            continue
        mounted = Path(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[1]))
        if place.is_relative_to(mounted) and len(mounted.parts) >= best:  # the later mount hides the earlier
            best, kind = len(mounted.parts), fields[2]
    return kind if kind in NETWORK else ""


def _mounts() -> str:
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
