"""CODEOWNERS: which paths of a repository are whose, in the form that code hosts read.

Owns reading and matching. The last rule that matches a path wins, as on the hosts; a rule without names takes a path
away from everybody. Must not judge who the names are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from policies.problems import Problem
from policies.shapes import CodeRule

MAX_BYTES = 512 * 1024
_NAME = re.compile(r"@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?|[^\s@]+@[^\s@]+")
_REFUSED = ("!", "[", "\\")


def read_code_owners(file: Path | None) -> tuple[tuple[CodeRule, ...], list[Problem]]:
    """The rules in the order of the file; none where there is no file. All mistakes are told."""
    if file is None or not file.exists():
        return (), []
    try:
        raw = file.read_bytes()
        text = raw.decode() if len(raw) <= MAX_BYTES else None
    except (OSError, UnicodeDecodeError):
        return (), [Problem(file.name, "", "cannot be read as UTF-8 text", "save it as UTF-8 and make it readable")]
    if text is None:
        return (), [Problem(file.name, "", f"is larger than {MAX_BYTES // 1024} KB", "remove what is not needed")]
    rules: list[CodeRule] = []
    problems: list[Problem] = []
    for number, content in enumerate(text.splitlines(), start=1):
        parts = content.partition(" #")[0].split() if not content.lstrip().startswith("#") else []
        if not parts:
            continue
        pattern, *names = parts
        if problem := _wrong(pattern, names):
            problems.append(Problem(file.name, f"line {number}", *problem))
        else:
            rules.append(CodeRule(line=number, pattern=pattern, names=tuple(names)))
    return tuple(rules), problems


def rule_for(path: str, rules: tuple[CodeRule, ...]) -> CodeRule | None:
    """The last rule that matches; None where no rule does."""
    return next((one for one in reversed(rules) if _compiled(one.pattern).match(path.lstrip("/"))), None)


def _wrong(pattern: str, names: list[str]) -> tuple[str, str] | None:
    if pattern.startswith(_REFUSED) or "[" in pattern or "***" in pattern:
        return "uses a pattern that code hosts do not support", "write a path with `*`, `**` or `?`, such as `/src/ui/`"
    if strange := [name for name in names if not _NAME.fullmatch(name)]:
        return f"has a name of the wrong form ({strange[0][:40]})", "write @account, @organisation/team or an address"
    return None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """As `.gitignore` reads it: rooted where a slash stands before the end, a folder means all that is below it."""
    rooted = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    steps = [".*" if step == "**" else _step(step) for step in body.split("/")] if body != "*" else [".*"]
    text = "/".join(steps).replace(".*/", "(?:.*/)?")
    below = "/.+" if pattern.endswith("/") else "" if pattern.endswith("*") and rooted else "(?:/.*)?"
    return re.compile(rf"{'' if rooted else '(?:.*/)?'}{text}{below}\Z")


def _step(step: str) -> str:
    wild = {"*": "[^/]*", "**": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(one) or re.escape(one) for one in re.split(r"(\*{1,2}|\?)", step))
