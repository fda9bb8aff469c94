"""Rules of the repository itself: its listing, its files, and what import-linter cannot say.

Owns what holds for every file, whoever wrote it. Must not test what the program does.
"""

from __future__ import annotations

import ast
import re
import subprocess
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("bot", "graphs", "prompts", "policies")

# Fixed: a listing of the top level shows the parts of the product and what convention expects, nothing else.
TOP_LEVEL: Final = {
    *("bot", "graphs", "prompts", "policies", "tests", "docs", "pyproject.toml", "Dockerfile"),
    *(
        "README.md",
        "SECURITY.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "compose.yaml",
        "compose.scale.yaml",
    ),
    *("requirements.txt", "requirements-test.txt", "requirements-stacked.txt", "requirements-bootstrap.txt"),
    *(".ci", ".dockerignore", ".env.example", ".gitignore", ".importlinter"),
}

# Where packages come from and where somebody's checkout lies is a matter of the machine. Written so that this file
# does not match itself.
FORBIDDEN: Final = {
    "the address of a package registry": re.compile(
        r"pypi[.]org|python[h]osted[.]org|registry[.]npm|npmjs[.](?:com|org)"
    ),
    "an absolute path of somebody's machine": re.compile(
        r"(?<![\w./*-])/(?:root|work|home/\w+|Users/\w+|opt/wheels)[/]"
    ),
    "a token that looks real": re.compile(
        r"ghp_[A-Za-z0-9]{36}|xox[bp]-\d{9,}-\d{9,}-\w{20,}|^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----\s*$"
    ),
}

LINES_AT_MOST: Final = 400
LINES_TO_THINK_ABOUT: Final = 250


def tracked() -> list[Path]:
    """What belongs to the repository; in an unpacked archive, where git knows nothing, whatever is not ignored."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode == 0 and (ROOT / ".git").exists():
        listed = [ROOT / name for name in done.stdout.decode().split("\0") if name]
        return [file for file in listed if file.is_file()]
    return list(walked(ROOT, (ROOT / ".gitignore").read_text().split()))


def walked(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for child in folder.iterdir():
        if child.name == ".git" or any(child.match(pattern.rstrip("/")) for pattern in ignored):
            continue
        if child.is_dir():
            yield from walked(child, ignored)
        else:
            yield child


FILES: Final = tracked()
MODULES: Final = [file for file in FILES if file.suffix == ".py"]
SHIPPED: Final = [file for file in MODULES if file.relative_to(ROOT).parts[0] in PACKAGES]


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


@cache
def imports(file: Path) -> frozenset[str]:
    """Full names of modules, and of what is taken from them."""
    found: set[str] = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def test_the_top_level_is_as_fixed() -> None:
    listed = {file.relative_to(ROOT).parts[0] for file in FILES}
    assert listed == TOP_LEVEL


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = []
    for file in FILES:
        try:
            lines = file.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{named(file)}:{number}" for number, line in enumerate(lines, 1) if FORBIDDEN[what].search(line)]
    assert not found, f"{what} in {found}"


def test_each_module_says_what_it_owns() -> None:
    silent = [named(module) for module in MODULES if tree(module).body and not ast.get_docstring(tree(module))]
    assert not silent, f"no docstring at the top of {silent}"


def test_modules_are_short() -> None:
    lengths = {named(module): len(module.read_text().splitlines()) for module in MODULES}
    long = {name: length for name, length in lengths.items() if length > LINES_TO_THINK_ABOUT}
    if long:
        warnings.warn(f"over {LINES_TO_THINK_ABOUT} lines, is it still one thing? {long}", stacklevel=1)
    assert not {name: length for name, length in long.items() if length > LINES_AT_MOST}


@pytest.mark.parametrize("word", ["utils", "common", "helpers", "manager", "misc"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    assert not [named(module) for module in MODULES if word in (module.stem, module.parent.name)]


# --- imports that import-linter cannot judge ------------------------------------------------------------------------


def test_only_the_settings_read_the_environment() -> None:
    readers = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}
    found = []
    for module in SHIPPED:
        spoken = {
            f"{node.value.id}.{node.attr}"
            for node in ast.walk(tree(module))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        if (spoken | imports(module)) & readers:
            found.append(named(module))
    assert not set(found) - {"bot/settings.py"}


DOORS: Final = ("bot.intake", "bot.models", "bot.slack", "bot.trackers")
PURE: Final = "bot.slack.blocks."
"""Values in, Slack's blocks out: knowing it is not knowing Slack."""


def test_only_bootstrap_names_concrete_classes_together() -> None:
    """A module that knows two doors of the house puts parts together, and that is one module's work."""
    found = {}
    for module in SHIPPED:
        names = {f"{name}." for name in imports(module) | {module_name(module)}}
        known = {door for door in DOORS for name in names if name.startswith(f"{door}.") and not name.startswith(PURE)}
        if len(known) > 1 and not module_name(module).startswith("bot.bootstrap."):
            found[named(module)] = sorted(known)
    assert not found


@pytest.mark.xdist_group("together")
def test_groups_of_tests_run_in_one_process(request: pytest.FixtureRequest) -> None:
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@together"), "this pytest does not read what xdist writes"
