"""Loads the active version of a prompt and refuses one that changed after its release.

Owns the file format: front matter between `---` lines (name, version, purpose, variables, and for what a model reads
the type of its answer, what changed, and its score), then the text with `$variable` places. A score is `unmeasured` or
the hash of an evaluation report, never a number. A version is active only with somebody's name to it. Must not know
what a prompt is for.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent


class PromptError(Exception):
    """A prompt is missing, malformed or was changed after its release; the text says how to fix it."""


@dataclass(frozen=True)
class Prompt:
    name: str
    version: str
    purpose: str
    variables: frozenset[str]
    text: str
    output: str = ""
    """The type of the answer, where a model reads the prompt."""
    changed: str = ""
    score: str = "unmeasured"
    """`unmeasured`, or `report:` and the SHA-256 of an evaluation report."""
    digest: str = ""
    """SHA-256 of the released file."""

    @property
    def label(self) -> str:
        """What proposals and audit entries carry: `comment/v1`."""
        return f"{self.name}/{self.version}"

    @property
    def marked(self) -> str:
        """The label with the start of its text's hash, which a score in the front matter does not change."""
        return f"{self.label}@{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    def fill(self, **values: str) -> str:
        """The text with every place filled. Raises `PromptError` when a value is missing or unknown."""
        if set(values) != self.variables:
            raise PromptError(f"{self.label} needs exactly {sorted(self.variables)}, got {sorted(values)}")
        return Template(self.text).substitute(values)


def load(name: str, folder: Path = FOLDER) -> Prompt:
    """The active version of a prompt. Raises `PromptError`."""
    version = _lookup(folder / "active.toml", name)
    approver = table(folder / "approved.toml").get(name)
    if not isinstance(approver, dict) or not str(approver.get(version, "")).strip():
        raise PromptError(f"nobody has approved {name}/{version}: put a name to it in prompts/approved.toml")
    return load_version(name, version, folder)


def load_version(name: str, version: str, folder: Path = FOLDER) -> Prompt:
    """One released version of a prompt. Raises `PromptError`."""
    raw = _raw(name, version, folder)
    versions = table(folder / "released.toml").get(name)
    released = versions.get(version) if isinstance(versions, dict) else None
    if released != hashlib.sha256(raw).hexdigest():
        raise PromptError(
            f"prompt {name}/{version} differs from its released hash: undo the change, or write the next version, "
            "add its hash to prompts/released.toml and make it active in prompts/active.toml"
        )
    return _parse(name, version, raw)


def draft(name: str, version: str, folder: Path = FOLDER) -> Prompt:
    """A version that nobody has released or approved, for measuring and releasing it. Raises `PromptError`."""
    return _parse(name, version, _raw(name, version, folder))


def _raw(name: str, version: str, folder: Path) -> bytes:
    path = folder / name / f"{version}.md"
    try:
        return path.read_bytes()
    except OSError as error:
        raise PromptError(f"prompt {name}/{version} is missing: {path.name} cannot be read") from error


def table(path: Path) -> dict[str, object]:
    """One of the lists beside the prompts. Raises `PromptError`."""
    try:
        return tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise PromptError(f"{path.name} of the prompts cannot be read: {error}") from error


def _lookup(path: Path, name: str) -> str:
    version = table(path).get(name)
    if not isinstance(version, str):
        raise PromptError(f"no active version of the prompt {name!r} in {path.name}")
    return version


class _Front(BaseModel):
    """What stands between the `---` lines."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    version: str
    purpose: str
    variables: list[str]
    output: str = ""
    changed: str = ""
    score: Annotated[str, Field(pattern=r"^(?:unmeasured|report:[0-9a-f]{64})$")] = "unmeasured"


def _parse(name: str, version: str, raw: bytes) -> Prompt:
    label = f"prompt {name}/{version}"
    try:
        start, front, body = raw.decode().split("---\n", 2)
        meta = _Front.model_validate(yaml.safe_load(front))
        places = Template(body)
        found, valid = set(places.get_identifiers()), places.is_valid()
    except (ValueError, yaml.YAMLError) as error:
        raise PromptError(f"{label} must be front matter (name, version, purpose, variables) and a text") from error
    if start or (meta.name, meta.version) != (name, version):
        raise PromptError(f"{label} must start with front matter that names it so")
    if not valid or found != set(meta.variables):
        raise PromptError(f"{label} lists the variables {sorted(meta.variables)}, its text has {sorted(found)}")
    return Prompt(
        name=name,
        version=version,
        purpose=meta.purpose,
        variables=frozenset(found),
        text=body.strip(),
        output=meta.output,
        changed=meta.changed,
        score=meta.score,
        digest=hashlib.sha256(raw).hexdigest(),
    )
