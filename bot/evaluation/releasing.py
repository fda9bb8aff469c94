"""Releases a version of a prompt: attaches its report, asks the gate, makes it the active one with a name to it.

Owns the files beside the prompts: `released.toml`, `approved.toml`, `active.toml`, `reports/<hash>.json`. A released
version is never edited. Nothing is written where the gate objects.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pydantic import ValidationError

from graphs.errors import StrataError
from graphs.evaluation.prompt_gate import objections
from graphs.evaluation.report import Report
from graphs.model import Value
from prompts.loader import FOLDER, Prompt, draft, load, table

REPORTS = "reports"
HANDLE = re.compile(r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")
UNMEASURED = "unmeasured"


class NotReleased(StrataError):
    """The gate or a file stands in the way; the text says which and how to mend it."""


class Line(Value):
    """One prompt as it is in use."""

    label: str
    approver: str
    score: str


def listed(folder: Path = FOLDER) -> list[Line]:
    """Raises `PromptError`."""
    approved = table(folder / "approved.toml")
    found = []
    for name in table(folder / "active.toml"):
        prompt, names = load(name, folder), approved[name]
        assert isinstance(names, dict), "it loaded, so there is a name to it"
        found.append(Line(label=prompt.marked, approver=str(names[prompt.version]), score=prompt.score))
    return found


def attach(name: str, version: str, report: Path, folder: Path = FOLDER) -> str:
    """Writes the report's hash into the front matter of a version that is not released; returns the hash.

    Raises `PromptError`, `NotReleased`.
    """
    prompt = draft(name, version, folder)
    if _released(name, version, folder) is not None:
        raise NotReleased(f"{prompt.label} is released and never edited: write the next version and measure that")
    raw = _bytes(report)
    if why := objections(None, _report(raw, report.name), prompt.marked):
        raise NotReleased("; ".join(why))
    digest = hashlib.sha256(raw).hexdigest()
    (folder / REPORTS).mkdir(exist_ok=True)
    (folder / REPORTS / f"{digest}.json").write_bytes(raw)
    file = folder / name / f"{version}.md"
    start, front, body = file.read_text().split("---\n", 2)
    rest = "".join(line for line in front.splitlines(keepends=True) if not line.startswith("score:"))
    file.write_text(f"{start}---\n{rest}score: report:{digest}\n---\n{body}")
    draft(name, version, folder)
    return digest


def reasons(name: str, version: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """What stands against activating a version; empty where nothing does. Raises `PromptError`, `NotReleased`."""
    new = draft(name, version, folder)
    known = _released(name, version, folder)
    if known is not None and known != new.digest:
        return (f"{new.label} differs from its released hash: undo the change, or write the next version",)
    active = None if name not in table(folder / "active.toml") else load(name, folder)
    if active is not None and active.version == version:
        return (f"{new.label} is active already",)
    return objections(None if active is None else _attached(active, folder), _attached(new, folder), new.marked)


def activate(name: str, version: str, by: str, folder: Path = FOLDER) -> Prompt:
    """Raises `PromptError`, `NotReleased`."""
    if not HANDLE.match(by):
        raise NotReleased(f"{by!r} is no role handle: write who approves it, for example ml-lead")
    if why := reasons(name, version, folder):
        raise NotReleased(f"{name}/{version} is not activated: {'; '.join(why)}")
    new = draft(name, version, folder)
    _put(folder / "released.toml", name, version, new.digest)
    _put(folder / "approved.toml", name, version, by)
    _switch(folder / "active.toml", name, version)
    return load(name, folder)


def _attached(prompt: Prompt, folder: Path) -> Report | None:
    if prompt.score == UNMEASURED:
        return None
    digest = prompt.score.removeprefix("report:")
    file = folder / REPORTS / f"{digest}.json"
    raw = _bytes(file)
    if hashlib.sha256(raw).hexdigest() != digest:
        raise NotReleased(f"{file.name} is not the report that {prompt.label} was measured with: its hash differs")
    return _report(raw, file.name)


def _report(raw: bytes, name: str) -> Report:
    try:
        return Report.model_validate_json(raw)
    except ValidationError:
        raise NotReleased(f"{name} is no report of this version: strata eval FILE --engine claude --json …") from None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotReleased(f"{file} cannot be read: {error.strerror}") from None


def _released(name: str, version: str, folder: Path) -> str | None:
    versions = table(folder / "released.toml").get(name)
    found = versions.get(version) if isinstance(versions, dict) else None
    return None if found is None else str(found)


def _put(file: Path, name: str, version: str, value: str) -> None:
    """A line in the prompt's own table; comments and the others stay as they are."""
    lines, header, entry = file.read_text().splitlines(), f"[{name}]", f'{version} = "{value}"'
    if header not in lines:
        lines += ["", header, entry]
    else:
        at = lines.index(header) + 1
        end = next((at + n for n, line in enumerate(lines[at:]) if line.startswith("[")), len(lines))
        kept = [line for line in lines[at:end] if line and not re.match(rf"{re.escape(version)}\s*=", line)]
        lines[at:end] = [*kept, entry, *([""] if end < len(lines) else [])]
    file.write_text("\n".join(lines) + "\n")


def _switch(file: Path, name: str, version: str) -> None:
    text, entry = file.read_text(), f'{name} = "{version}"'
    found, count = re.subn(rf"(?m)^{re.escape(name)}\s*=.*$", entry, text)
    file.write_text(found if count else f"{text.rstrip()}\n{entry}\n")
