"""Fault 39: SQLite serves the processes of one host, on a disk of that host; all else is refused with a sentence."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from bot.record import claim as claiming
from bot.record.claim import SUFFIX, Host, InUse, claim, network_filesystem, this_host
from bot.record.opening import open_record
from bot.settings import BadSetting, Settings
from bot.work.delivery import InProcess

_ROOT = Path(__file__).parents[2]
_HOLD = """
import asyncio, sys
from pathlib import Path
from bot.record.claim import claim

held = asyncio.run(claim(Path(sys.argv[1])))
print("held", flush=True)
sys.stdin.readline()
held.release()
"""
ANOTHER = Host(boot="another boot", machine="another machine", name="another-host")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


def _lock_file(database: Path) -> Path:
    return database.with_name(database.name + SUFFIX)


async def _holder(database: Path) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLD, str(database), stdin=PIPE, stdout=PIPE, cwd=_ROOT
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    return process


async def test_fault_39_a_second_host_is_refused(database: Path, tmp_path: Path) -> None:
    _lock_file(database).write_text(ANOTHER.model_dump_json())
    settings = Settings(_env_file=None, strata_directory=tmp_path)
    with pytest.raises(BadSetting, match="another-host"):
        await open_record(settings, InProcess())
    assert not database.exists(), "untouched"
    _lock_file(database).unlink()  # as the message says
    await (await open_record(settings, InProcess())).close()


async def test_fault_39_processes_of_one_host_share_it_and_a_killed_one_leaves_nothing(database: Path) -> None:
    process = await _holder(database)
    mine = await claim(database)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    mine.release()
    crashed = await _holder(database)
    crashed.send_signal(signal.SIGKILL)
    await crashed.wait()
    assert _lock_file(database).read_text(), "it could not tidy up"
    (await claim(database)).release()


async def test_fault_39_who_leaves_last_makes_room_for_another_host(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await claim(database), await claim(database)
    one.release()
    with monkeypatch.context() as there:
        there.setattr(claiming, "this_host", lambda: ANOTHER)
        with pytest.raises(BadSetting, match="another machine"):
            await claim(database)
    two.release()
    two.release()  # closing twice is no harm
    monkeypatch.setattr(claiming, "this_host", lambda: ANOTHER)
    (await claim(database)).release()


async def test_fault_39_a_host_that_was_started_again_is_the_same_host(database: Path) -> None:
    """A power cut leaves the file as it was; only the kernel's name for itself is new."""
    before = this_host().model_copy(update={"boot": "the boot before"})
    _lock_file(database).write_text(before.model_dump_json())
    (await claim(database)).release()


async def test_a_half_written_lock_file_is_no_obstacle(database: Path) -> None:
    _lock_file(database).write_text('{"boot":')
    (await claim(database)).release()


async def test_alone_means_alone(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "PATIENCE_S", 0.1)
    shared = await claim(database)
    with pytest.raises(InUse):
        await claim(database, alone=True)
    shared.release()
    alone = await claim(database, alone=True)
    with pytest.raises(InUse):
        await claim(database)
    alone.release()
    (await claim(database)).release()


async def test_many_come_and_go_at_once(database: Path) -> None:
    async def visit() -> None:
        held = await claim(database)
        await asyncio.sleep(0)
        held.release()

    await asyncio.gather(*(visit() for _ in range(30)))
    assert _lock_file(database).read_bytes() == b""


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("/dev/sda1 / ext4 rw 0 0", ""),
        ("/dev/sda1 / ext4 rw 0 0\nserver:/export {} nfs4 rw 0 0", "nfs4"),
        ("server:/ / nfs rw 0 0\n/dev/sda1 {} ext4 rw 0 0", ""),
        ("//box/share {} cifs rw 0 0\ntmpfs {}/record tmpfs rw 0 0", "cifs"),
        ("server:/export {} nfs4 rw 0 0\n/dev/sdb {} ext4 rw 0 0", ""),
        ("not a line of mounts", ""),
    ],
)
def test_fault_39_network_file_systems_are_recognised(tmp_path: Path, mounts: str, kind: str) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    assert network_filesystem(folder, mounts.replace("{}", str(folder).replace(" ", r"\040"))) == kind


async def test_fault_39_a_record_on_a_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "_mounts", lambda: f"server:/export {tmp_path} nfs4 rw 0 0")
    with pytest.raises(BadSetting, match="network file system"):
        await open_record(Settings(_env_file=None, strata_directory=tmp_path / "deep"), InProcess())
    assert list((tmp_path / "deep").iterdir()) == []
