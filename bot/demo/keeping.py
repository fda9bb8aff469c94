"""The demo's folder: what makes a second start continue where the first one ended.

Owns `demo.json` (the local Slack's and GitHub's state, their ports, the secret that seals buttons) and the lock that
keeps two demos out of one folder. The bot's own record lies beside it. Plain JSON, replaced as a whole.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.demo.page.pulse import pulse
from bot.demo.town import Town
from bot.sandbox.github import snapshot as github_snapshot
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.slack import snapshot as slack_snapshot
from bot.sandbox.slack.server import LocalSlack
from graphs.errors import StrataError

FILE = "demo.json"
LOCK = "demo.lock"
FORMAT = 1


class FolderProblem(StrataError):
    """The demo's folder cannot be used; the text says what to do."""


class Kept(BaseModel):
    """`demo.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    seal: str = Field(default_factory=lambda: secrets.token_hex(16), repr=False)
    """Buttons that were drawn before a restart still open with it. Worth nothing outside this folder."""
    slack_port: int = 0
    github_port: int = 0
    """Links in the bot's record hold it."""
    slack: dict[str, object] | None = None
    github: dict[str, object] | None = None


@contextmanager
def locked(folder: Path, *, reset: bool) -> Iterator[Kept]:
    """What was kept, or a new beginning. Raises `FolderProblem`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FolderProblem(f"another demo is running in {folder}: stop it first") from None
        if reset:
            _empty(folder)
        yield _read(folder)


def _read(folder: Path) -> Kept:
    file = folder / FILE
    if not file.exists():
        _empty(folder)
        return Kept()
    try:
        kept = Kept.model_validate_json(file.read_bytes())
    except (ValidationError, OSError):
        kept = None
    if kept is None or kept.format != FORMAT:
        raise FolderProblem(f"{file} cannot be read: `strata demo --reset` starts anew")
    return kept


def _empty(folder: Path) -> None:
    """A record without the Slack and GitHub it speaks of would be of no use, so they go together."""
    for child in folder.iterdir():
        if child.name == LOCK:
            continue
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        else:
            child.unlink()


def restore(kept: Kept, slack: LocalSlack, github: LocalGitHub) -> None:
    """Raises `FolderProblem`."""
    try:
        if kept.slack is not None:
            slack_snapshot.load(slack.world.store, kept.slack)
        if kept.github is not None:
            github_snapshot.load(github.world, kept.github)
    except ValidationError:
        raise FolderProblem(f"{FILE} cannot be read: `strata demo --reset` starts anew") from None


@dataclass
class Keeper:
    """Writes the state down whenever it has changed."""

    folder: Path
    seal: str
    town: Town
    _written: Hashable = None

    def keep(self) -> None:
        now = pulse(self.town)
        if now == self._written:
            return
        slack, github = self.town.slack, self.town.github
        kept = Kept(
            seal=self.seal,
            slack_port=slack.world.port,
            github_port=int(github.url.rpartition(":")[2]),
            slack=slack_snapshot.save(slack.world.store),
            github=github_snapshot.save(github.world),
        )
        _replace(self.folder / FILE, kept.model_dump_json())
        self._written = now


def _replace(file: Path, text: str) -> None:
    """Either the old or the new, never half of one; only for the owner's eyes."""
    new = file.with_suffix(".new")
    with suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
