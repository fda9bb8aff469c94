"""The key is made once, whole, readable by its owner only; a bad one is refused with a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.keys import FILE, BadKey, derived, root_key

_ROOT = Path(__file__).parents[1]


def test_the_configured_secret_wins(tmp_path: Path) -> None:
    assert root_key(SecretStr("x" * 16), tmp_path) == b"x" * 16
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    first = root_key(None, folder)
    assert len(first) == 64
    assert root_key(None, folder) == first
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in folder.iterdir()] == [FILE], "no draft is left behind"
    assert root_key(None, tmp_path / "other") != first


def test_processes_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from bot.keys import root_key\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(root_key(None, Path(sys.argv[1])).decode())\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "data")]
    racers = [
        subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for one in racers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in racers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    keys = {one.communicate()[0].strip() for one in racers}
    assert len(keys) == 1
    assert len(keys.pop()) == 64


@pytest.mark.parametrize("length", [0, 1, 15])
def test_a_short_secret_is_refused_without_showing_it(tmp_path: Path, length: int) -> None:
    with pytest.raises(BadKey, match="STRATA_SECRET must have at least 16") as caught:
        root_key(SecretStr("q" * length), tmp_path)
    assert "qq" not in str(caught.value)


def test_a_damaged_key_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"cut")
    with pytest.raises(BadKey, match="damaged"):
        root_key(None, tmp_path)
    assert (tmp_path / FILE).read_bytes() == b"cut"


def test_a_folder_that_cannot_be_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadKey, match="STRATA_DIRECTORY"):
        root_key(None, tmp_path / "file")


def test_each_purpose_has_a_key_of_its_own() -> None:
    keys = {derived(b"root", "card"), derived(b"root", "comment-marker"), derived(b"other", "card")}
    assert len(keys) == 3
    assert derived(b"root", "card") == derived(b"root", "card")
