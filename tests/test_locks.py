"""What gets installed is pinned, hashed, up to date with pyproject.toml, and names no place to fetch it from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT: Final = Path(__file__).resolve().parents[1]
LOCKS: Final = ("requirements.txt", "requirements-stacked.txt", "requirements-test.txt", "requirements-bootstrap.txt")


def pins(lock: str) -> dict[str, list[Version]]:
    """A package may be pinned twice, for different platforms."""
    found: dict[str, list[Version]] = {}
    for entry in entries(lock):
        requirement = Requirement(entry.partition(" --hash")[0])
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", entry
        found.setdefault(canonicalize_name(requirement.name), []).append(Version(specifier.version))
    return found


def entries(lock: str) -> list[str]:
    text = re.sub(r"\s*\\\n\s*", " ", (ROOT / lock).read_text())
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_line_of_a_lock_is_pinned_and_hashed(lock: str) -> None:
    line = re.compile(r"[\w.-]+==\S+( ; [^\\]+?)?( --hash=sha256:[0-9a-f]{64})+")
    assert entries(lock)
    assert not [entry[:80] for entry in entries(lock) if not line.fullmatch(entry)]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place(lock: str) -> None:
    """Whoever installs says where from; the hashes say what."""
    assert "://" not in (ROOT / lock).read_text()


@pytest.mark.parametrize(("smaller", "larger"), [("", "-stacked"), ("-stacked", "-test")])
def test_tests_run_on_the_versions_that_users_get(smaller: str, larger: str) -> None:
    few, more = pins(f"requirements{smaller}.txt"), pins(f"requirements{larger}.txt")
    assert {name: more.get(name) for name in few} == few


@pytest.mark.parametrize(
    ("lock", "groups", "extras", "with_project"),
    [
        ("requirements.txt", ["build"], [], True),
        ("requirements-stacked.txt", ["build"], ["stacked"], True),
        ("requirements-test.txt", ["build", "test"], ["stacked"], True),
        ("requirements-bootstrap.txt", ["bootstrap"], [], False),
    ],
)
def test_the_locks_follow_pyproject(
    lock: str,
    groups: list[str],
    extras: list[str],
    with_project: bool,  # noqa: FBT001  # a table
) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [text for group in groups for text in declared["dependency-groups"][group]]
    wanted += [text for extra in extras for text in declared["project"]["optional-dependencies"][extra]]
    wanted += declared["project"]["dependencies"] if with_project else []
    locked = pins(lock)
    missing = []
    for requirement in map(Requirement, wanted):
        versions = locked.get(canonicalize_name(requirement.name), [])
        if not versions or not all(requirement.specifier.contains(version) for version in versions):
            missing.append(str(requirement))
    assert not missing, f"{lock} is out of date, run `make lock`: {missing}"


def test_the_node_lock_is_checked_and_names_no_place() -> None:
    packages = json.loads((ROOT / "tests/node/package-lock.json").read_text())["packages"]
    del packages[""]
    assert packages
    assert not [name for name, package in packages.items() if "resolved" in package or not package.get("integrity")]
