"""`make setup` on machines that lack something: one sentence that says what to do, and a state the next run repairs.

Owns the failures. That it works is shown by the run of these very tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
NOWHERE: Final = "http://127.0.0.1:9/simple"
"""The discard port: a connection is refused at once."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without `.venv`, in a folder with a space in its name."""
    copy = tmp_path / "a checkout"
    shutil.copytree(ROOT / ".ci", copy / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-bootstrap.txt"):
        shutil.copy(ROOT / name, copy)
    return copy


def make_setup(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """In an empty home, with no settings of pip's or uv's, and no index to fetch from."""
    home = checkout.parent / "home"
    home.mkdir(exist_ok=True)
    clean = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHON": sys.executable, "PYTHONDONTWRITEBYTECODE": "1"}
    clean |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": NOWHERE, "UV_DEFAULT_INDEX": NOWHERE}
    done = subprocess.run(
        ["make", "setup"], cwd=checkout, env=clean | environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "", "stdout belongs to the command that needed the environment"
    assert not list(home.iterdir()), "nothing is written outside the checkout"
    return done


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What is left for the person to do: the last line that is ours."""
    assert done.returncode
    return [line for line in done.stderr.splitlines() if line.startswith("strata: ")][-1]


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def without_venv(folder: Path, name: str = "python3") -> Path:
    """This very Python, but it cannot make an environment: what is told before that is told quickly."""
    script = f'case "$*" in *"-m venv"*) echo "No module named venv" >&2; exit 1;; esac; exec "{sys.executable}" "$@"'
    return program(folder, name, script)


def test_a_python_that_is_too_old(checkout: Path, tmp_path: Path) -> None:
    old = program(tmp_path / "old", "python3", 'case "$2" in *"%d.%d"*) printf 3.9;; *) exit 1;; esac')
    told = sentence(make_setup(checkout, PYTHON=str(old)))
    assert "Python 3.11 or newer is needed" in told
    assert f"{old} is 3.9" in told
    assert "apt install python3 python3-venv" in told
    assert not (checkout / ".venv").exists()


def test_a_newer_python_is_found_beside_an_old_one(checkout: Path, tmp_path: Path) -> None:
    old = program(tmp_path / "old", "python3", 'case "$2" in *"%d.%d"*) printf 3.9;; *) exit 1;; esac')
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    without_venv(old.parent, f"python{version}")
    done = make_setup(checkout, PYTHON="", PATH=f"{old.parent}{os.pathsep}{os.environ['PATH']}")
    assert f"making .venv with Python {version}" in done.stderr


def test_no_python_at_all(checkout: Path) -> None:
    told = sentence(make_setup(checkout, PYTHON="/nonexistent/python"))
    assert "/nonexistent/python does not run" in told


def test_a_python_without_ensurepip(checkout: Path, tmp_path: Path) -> None:
    """As Debian ships it: the module is in a package of its own."""
    (tmp_path / "ensurepip.py").write_text("raise ImportError(\"No module named 'ensurepip'\")")
    told = sentence(make_setup(checkout, PYTHONPATH=str(tmp_path)))
    assert "has no ensurepip" in told
    assert f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in told


def test_a_python_whose_venv_fails(checkout: Path, tmp_path: Path) -> None:
    told = sentence(make_setup(checkout, PYTHON=str(without_venv(tmp_path / "broken"))))
    assert "(No module named venv)" in told
    assert "apt install" in told


def test_no_network_and_the_run_after_it(checkout: Path, tmp_path: Path) -> None:
    told = sentence(make_setup(checkout))
    assert "the package index cannot be reached" in told
    assert json.loads((checkout / ".venv" / "state.json").read_text()) == {"level": "unfinished"}
    again = make_setup(checkout, PYTHON=str(without_venv(tmp_path / "broken")))
    assert "the last run was cut short" in again.stderr


def test_a_checkout_that_was_moved(checkout: Path, tmp_path: Path) -> None:
    """Scripts in `.venv/bin` hold absolute paths, so it is made anew."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / ".venv" / "state.json").write_text(json.dumps({"level": "run", "folder": "/elsewhere/.venv"}))
    done = make_setup(checkout, PYTHON=str(without_venv(tmp_path / "broken")))
    assert "the checkout was moved" in done.stderr
