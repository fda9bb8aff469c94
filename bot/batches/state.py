"""Which batches are under way, in a small file that outlives the command.

Owns the file: written beside its place and moved there whole, locked while a command works with it. It holds names of
questions, ids of batches and paid answers, so that nothing is sent or paid for twice; delete it to begin anew.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field, ValidationError

from graphs.errors import StrataError
from graphs.model import Analysis, Millis, Value

FORMAT = 1


class BadState(StrataError):
    """The file cannot be used; the text says how to go on."""


class Sent(Value):
    """One batch."""

    id: str = ""
    """Empty until the service is known to have it: it was about to be sent."""
    at: Millis
    past: dict[str, dict[str, str]]
    """Its questions by name, each with the past tickets that it showed."""
    strangers: tuple[str, ...] = ()
    """Batches of the same size and time that turned out to be somebody else's."""


class Held(Value):
    format: int = FORMAT
    sent: tuple[Sent, ...] = ()
    answered: dict[str, Analysis] = Field(default_factory=dict)
    """Answers to questions that no batch answered, paid for one by one."""


class StateFile:
    def __init__(self, path: Path, held: Held) -> None:
        self._path = path
        self.held = held

    @property
    def asked(self) -> dict[str, dict[str, str]]:
        """Every question that was sent, with the past tickets that it showed."""
        return {name: past for one in self.held.sent for name, past in one.past.items()}

    def add(self, sent: Sent) -> None:
        self._save(self.held.model_copy(update={"sent": (*self.held.sent, sent)}))

    def change(self, index: int, /, **changed: object) -> None:
        sent = list(self.held.sent)
        sent[index] = sent[index].model_copy(update=changed)
        self._save(self.held.model_copy(update={"sent": tuple(sent)}))

    def drop(self, at: int) -> None:
        """Forgets a batch that never was."""
        sent = self.held.sent
        self._save(self.held.model_copy(update={"sent": (*sent[:at], *sent[at + 1 :])}))

    def answer(self, question: str, analysis: Analysis) -> None:
        self._save(self.held.model_copy(update={"answered": {**self.held.answered, question: analysis}}))

    def done(self) -> None:
        self._path.unlink(missing_ok=True)

    def _save(self, held: Held) -> None:
        draft = self._path.with_name(f".{self._path.name}.new")
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(held.model_dump_json())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            raise BadState(f"{self._path} cannot be written ({error.strerror}): batches need it to go on") from None
        self.held = held


@contextmanager
def opened(path: Path) -> Iterator[StateFile]:
    """Raises `BadState`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f".{path.name}.lock").open("w")
    except OSError as error:
        raise BadState(f"{path} cannot be written ({error.strerror}): batches need it to go on") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadState(f"another command works with {path}: let it end first") from None
        yield StateFile(path, _read(path))
        if not path.exists():
            Path(lock.name).unlink(missing_ok=True)


def _read(path: Path) -> Held:
    try:
        held = Held.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Held()
    except (OSError, ValidationError):
        held = None
    if held is None or held.format != FORMAT:
        raise BadState(f"{path} cannot be read: delete it to begin anew (batches under way are then paid for again)")
    return held
