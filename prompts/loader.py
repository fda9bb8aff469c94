"""Loads the active version of a prompt and refuses one that changed after its release.

Owns the file format: front matter between `---` lines (name, version, purpose, variables), then the text with
`$variable` places. Must not know what a prompt is for.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

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

    @property
    def label(self) -> str:
        """What proposals and audit entries carry: `comment/v1`."""
        return f"{self.name}/{self.version}"

    def fill(self, **values: str) -> str:
        """The text with every place filled. Raises `PromptError` when a value is missing or unknown."""
        if set(values) != self.variables:
            raise PromptError(f"{self.label} needs exactly {sorted(self.variables)}, got {sorted(values)}")
        return Template(self.text).substitute(values)


def load(name: str, folder: Path = FOLDER) -> Prompt:
    """The active version of a prompt. Raises `PromptError`."""
    version = _lookup(folder / "active.toml", name)
    return load_version(name, version, folder)


def load_version(name: str, version: str, folder: Path = FOLDER) -> Prompt:
    """One released version of a prompt. Raises `PromptError`."""
    path = folder / name / f"{version}.md"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PromptError(f"prompt {name}/{version} is missing: {path.name} cannot be read") from error
    released = tomllib.loads((folder / "released.toml").read_text()).get(name, {}).get(version)
    if released != hashlib.sha256(raw).hexdigest():
        raise PromptError(
            f"prompt {name}/{version} differs from its released hash: undo the change, or write the next version, "
            "add its hash to prompts/released.toml and make it active in prompts/active.toml"
        )
    return _parse(name, version, raw.decode())


def _lookup(path: Path, name: str) -> str:
    version = tomllib.loads(path.read_text()).get(name)
    if not isinstance(version, str):
        raise PromptError(f"no active version of the prompt {name!r} in {path.name}")
    return version


def _parse(name: str, version: str, text: str) -> Prompt:
    start, front, body = [*text.split("---\n", 2), "", ""][:3]
    meta = yaml.safe_load(front) if not start else None
    if not isinstance(meta, dict) or (meta.get("name"), meta.get("version")) != (name, version):
        raise PromptError(f"prompt {name}/{version} must start with front matter that names it so")
    return Prompt(
        name=name,
        version=version,
        purpose=str(meta.get("purpose", "")),
        variables=frozenset(str(one) for one in meta.get("variables", [])),
        text=body.strip(),
    )
