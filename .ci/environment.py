"""Makes and repairs `.venv`; needs nothing but Python.

Owns what is installed and when: exactly the hash-pinned locks, only wheels, nothing outside the checkout. A state file
inside `.venv` says what it holds; a run that was cut short is noticed by it and made anew. Must not import the project.
"""

# ruff: noqa: S603, INP001  # it starts programs by design, and it is a script, not a part of the package

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from node_packages import ensure_node
from steps import ALTERED, CACHE, ROOT, UNREACHABLE, UNTRUSTED, VENV, SetupError, digest, explained, output_of, run, say

STATE: Final = VENV / "state.json"
PYTHON: Final = VENV / "bin" / "python"
UV: Final = VENV / "bootstrap" / "bin" / "uv"
LOCKS: Final = {
    "run": ROOT / "requirements.txt",
    "stacked": ROOT / "requirements-stacked.txt",
    "test": ROOT / "requirements-test.txt",
}
BOOTSTRAP_LOCK: Final = ROOT / "requirements-bootstrap.txt"

# --- what is there -------------------------------------------------------------------------------------------------


def read_state() -> dict[str, str]:
    """Empty when there is none or it cannot be read."""
    try:
        state = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(**state: str) -> None:
    draft = STATE.with_suffix(".new")
    draft.write_text(json.dumps(state))
    draft.replace(STATE)


def wanted(level: str) -> dict[str, str]:
    """The folder is in it because console scripts and the editable install hold absolute paths."""
    return {"level": level, "folder": str(VENV), "content": digest(LOCKS[level], ROOT / "pyproject.toml")}


def venv_version() -> tuple[int, ...]:
    """Of the Python in `.venv`; empty when there is none or it does not run (its base was removed or upgraded)."""
    try:
        done = subprocess.run(
            [PYTHON, "-c", "import sys; print(*sys.version_info[:2])"], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(int(part) for part in done.stdout.split())


def must_be_remade(state: dict[str, str], version: tuple[int, ...]) -> str:
    """The reason, or nothing."""
    other_named = bool(os.environ.get("STRATA_PYTHON_NAMED")) and version != sys.version_info[:2]
    reasons = (
        (not os.path.lexists(PYTHON), "there is none"),
        (not version, "its Python does not run"),
        (version < (3, 11), "its Python is too old"),
        (other_named, "another Python was named"),
        (state.get("level") == "unfinished", "the last run was cut short"),
        (bool(state) and state.get("folder", str(VENV)) != str(VENV), "the checkout was moved"),
    )
    return next((reason for holds, reason in reasons if holds), "")


# --- making it -----------------------------------------------------------------------------------------------------


def make_venv(python: str) -> None:
    """Anew, but what was downloaded before is kept."""
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    VENV.mkdir(exist_ok=True)
    write_state(level="unfinished")
    for child in VENV.iterdir():
        if child.is_dir() and not child.is_symlink():
            if child != CACHE:
                shutil.rmtree(child)
        elif child != STATE:
            child.unlink()
    try:
        run(python, "-c", "import ensurepip, venv")
        run(python, "-m", "venv", VENV)
    except subprocess.CalledProcessError as error:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        last = (output_of(error).strip() or "no reason given").splitlines()[-1]
        raise SetupError(
            f"strata: Python {version} ({python}) has no ensurepip and cannot make a virtual environment ({last}). "
            f"Install it (Debian, Ubuntu: apt install python{version}-venv; Fedora: dnf install python3-pip) or name "
            "another Python: make setup PYTHON=/path/to/python3"
        ) from error


def pip_settings() -> dict[str, str]:
    """A mirror or certificates set for pip hold for uv too, unless uv was told something else."""
    try:
        listing = subprocess.run(
            [PYTHON, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
        ).stdout
    except subprocess.CalledProcessError:
        return {}
    settings: dict[str, str] = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2]
        if name == "index-url" and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & os.environ.keys():
            settings["UV_DEFAULT_INDEX"] = value.strip("'")
        if name == "cert" and "SSL_CERT_FILE" not in os.environ:
            settings["SSL_CERT_FILE"] = value.strip("'")
    return settings


def pip(*arguments: str | Path) -> None:
    run(PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", *arguments, PIP_USER="0")


def bootstrap_uv() -> bool:
    """False where uv has no wheel: pip does the same work there, slower."""
    mark = VENV / "bootstrap" / "lock"
    if UV.exists() and mark.exists() and mark.read_text() == digest(BOOTSTRAP_LOCK):
        return True
    locked = ("--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", BOOTSTRAP_LOCK)
    try:
        pip("install", "--retries", "2", "--upgrade", "--target", VENV / "bootstrap", *locked)
        run(UV, "--version")
    except (OSError, subprocess.CalledProcessError) as error:
        if isinstance(error, subprocess.CalledProcessError) and any(
            sign in output_of(error) for sign in UNREACHABLE + UNTRUSTED
        ):
            raise explained("fetching uv", error) from error
        say("uv does not run on this platform; pip does the same, slower")
        return False
    mark.write_text(digest(BOOTSTRAP_LOCK))
    return True


def install_with_uv(lock: Path) -> bool:
    """Makes `.venv` hold exactly the lock and the project; false when uv could not."""
    if not bootstrap_uv():
        return False
    environment = {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(CACHE / "uv"))} | pip_settings()
    sync = ("pip", "sync", "--python", PYTHON, "--require-hashes", "--no-build", lock)
    try:
        try:
            run(UV, *sync, **environment)
        except subprocess.CalledProcessError as error:
            if not any(sign in output_of(error) for sign in UNTRUSTED):
                raise
            environment |= {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # the second is the older name
            run(UV, *sync, **environment)
    except subprocess.CalledProcessError as error:
        if any(sign in output_of(error) for sign in ALTERED):
            raise explained("installing", error) from error
        say(f"uv could not install ({output_of(error).strip().splitlines()[0]}); trying pip, slower")
        return False
    run(UV, "pip", "install", "--python", PYTHON, "--no-deps", "--no-build-isolation", "-e", ROOT, **environment)
    return True


def install_with_pip(lock: Path) -> None:
    try:
        pip("install", "--retries", "2", "--require-hashes", "--only-binary", ":all:", "-r", lock)
        pip("install", "--no-deps", "--no-build-isolation", "-e", ROOT)
    except subprocess.CalledProcessError as error:
        raise explained("installing", error) from error


def ensure(level: str, python: str) -> None:
    """`.venv` holds at least what `level` needs."""
    state, version = read_state(), venv_version()
    reason = must_be_remade(state, version)
    if not reason and (VENV / "bin" / "pytest").exists():
        level = "test"  # what tests need is never taken away by a later `make setup`
    if not reason and (level, state.get("level")) == ("run", "stacked"):
        level = "stacked"  # nor is the encoder
    if not reason and state == wanted(level) and (VENV / "bin" / "strata").exists():
        return
    started = time.monotonic()
    if reason:
        say(f"making .venv with Python {sys.version_info[0]}.{sys.version_info[1]} ({reason})")
        make_venv(python)
    write_state(level="unfinished")
    if not (reason or shutil.which("pip", path=str(VENV / "bin"))):
        run(PYTHON, "-m", "ensurepip", "--default-pip")  # an environment that somebody made without pip
    say(f"installing {LOCKS[level].name} (wheels only, each checked against its hash)")
    if not install_with_uv(LOCKS[level]):
        install_with_pip(LOCKS[level])
    write_state(**wanted(level))
    say(f".venv is ready ({time.monotonic() - started:.0f} s)")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two terminals may run make at once; the second waits. The folder itself is locked, so no file is left behind."""
    handle = os.open(ROOT / ".ci", os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main(python: str, level: str) -> int:
    try:
        with one_at_a_time():
            if level == "node":
                ensure_node()
            else:
                ensure(level, python)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{explained('setting up', error)}\n")
        return 1
    except KeyboardInterrupt:
        say("interrupted; the next run repairs what is unfinished")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
