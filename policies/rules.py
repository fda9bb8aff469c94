"""The Cedar rules of a policy folder as text.

Owns which `.cedar` files apply and their version. Must not parse or judge them: `graphs.gate` does.
A team's folder may add files of its own, and those may only forbid: the shipped rules and the schema stay as they
are, so no folder can open what they close. A team's file that ends in `.trial.cedar` is on trial: its rules are asked
and what they would have refused is told, but they refuse nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from policies.problems import PolicyError, Problem

SHIPPED = Path(__file__).parent
SCHEMA = "strata.cedarschema"
TRIAL = ".trial.cedar"
MAX_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Rules:
    files: dict[str, str]
    """Text by file name, in the order of names."""
    schema: str
    own: frozenset[str] = frozenset()
    """Names of the files that the team added."""

    @property
    def text(self) -> str:
        """The rules in force."""
        return "\n".join(text for name, text in self.files.items() if not self._on_trial(name))

    @property
    def trial(self) -> str:
        return "\n".join(text for name, text in self.files.items() if self._on_trial(name))

    def _on_trial(self, name: str) -> bool:
        return name in self.own and name.endswith(TRIAL)

    @property
    def version(self) -> str:
        """Short hash of the exact text of rules and schema."""
        tried = f"\n{self.trial}" if self.trial else ""
        return hashlib.sha256(f"{self.schema}\n{self.text}{tried}".encode()).hexdigest()[:16]


def read_rules(folder: Path | None = None) -> Rules:
    """Raises `PolicyError` when a file cannot be read."""
    shipped = {file.name: file for file in SHIPPED.glob("*.cedar")}
    added = {file.name: file for file in folder.glob("*.cedar")} if folder else {}
    fix = "rename it; the shipped rules stay, your own can only forbid more"
    problems = [Problem(name, "", "has the name of a shipped file", fix) for name in sorted(shipped.keys() & added)]
    if folder is not None and (folder / SCHEMA).exists():
        problems.append(Problem(SCHEMA, "", "the schema cannot be replaced", "remove it from your policy folder"))
    files = {name: _text(file, problems) for name, file in sorted((shipped | added).items())}
    schema = _text(SHIPPED / SCHEMA, problems)
    if problems:
        raise PolicyError(problems)
    return Rules(files, schema, frozenset(added))


def _text(file: Path, problems: list[Problem]) -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            problems.append(Problem(file.name, "", f"is larger than {MAX_BYTES // 1024} KB", "split it up"))
            return ""
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        problems.append(Problem(file.name, "", "cannot be read as UTF-8 text", "check its permissions and encoding"))
        return ""
