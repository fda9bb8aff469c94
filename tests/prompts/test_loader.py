"""A released prompt never changes, an active one loads, and no place in it stays empty."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

from prompts.loader import FOLDER, PromptError, load, load_version

ACTIVE: dict[str, str] = tomllib.loads((FOLDER / "active.toml").read_text())
RELEASED: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "released.toml").read_text())
TEXT = """---
name: greeting
version: v1
purpose: Says hello.
variables: [who]
---
Hello $who, it is $$5.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of prompts with one released and active one."""
    release(tmp_path, TEXT)
    (tmp_path / "active.toml").write_text('greeting = "v1"\n')
    (tmp_path / "approved.toml").write_text('[greeting]\nv1 = "ml-lead"\n')
    return tmp_path


def release(folder: Path, text: str) -> None:
    (folder / "greeting").mkdir(exist_ok=True)
    (folder / "greeting" / "v1.md").write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    (folder / "released.toml").write_text(f'[greeting]\nv1 = "{digest}"\n')


# --- the prompts that ship ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIVE)
def test_every_active_prompt_loads_and_can_be_filled(name: str) -> None:
    prompt = load(name)
    assert prompt.label == f"{name}/{ACTIVE[name]}"
    assert prompt.purpose
    filled = prompt.fill(**{place: f"[{place}]" for place in prompt.variables})
    assert all(f"[{place}]" in filled for place in prompt.variables), "a variable without its place in the text"


def test_every_prompt_file_is_released_and_unchanged() -> None:
    files = {(file.parent.name, file.stem) for file in FOLDER.glob("*/*.md")}
    assert files == {(name, version) for name, versions in RELEASED.items() for version in versions}
    assert [load_version(*one).name for one in sorted(files)] == [name for name, _ in sorted(files)]


def test_every_prompt_has_an_active_version() -> None:
    assert set(ACTIVE) == set(RELEASED)


# --- what is refused ----------------------------------------------------------------------------------------------


def test_a_prompt_is_filled(folder: Path) -> None:
    prompt = load("greeting", folder)
    assert prompt.fill(who="$who <b>${x}") == "Hello $who <b>${x}, it is $5."


def test_a_released_file_that_changed_is_refused(folder: Path) -> None:
    (folder / "greeting" / "v1.md").write_text(TEXT.replace("Hello", "Approve"))
    with pytest.raises(PromptError, match=r"differs from its released hash.*next version"):
        load("greeting", folder)


def test_a_file_that_was_never_released_is_refused(folder: Path) -> None:
    (folder / "greeting" / "v2.md").write_text(TEXT.replace("v1", "v2"))
    with pytest.raises(PromptError, match="differs from its released hash"):
        load_version("greeting", "v2", folder)


@pytest.mark.parametrize("names", ["", "[greeting]\n", '[greeting]\nv2 = "ml-lead"\n', '[greeting]\nv1 = " "\n'])
def test_a_version_that_nobody_put_a_name_to_is_not_active(folder: Path, names: str) -> None:
    (folder / "approved.toml").write_text(names)
    with pytest.raises(PromptError, match="nobody has approved greeting/v1"):
        load("greeting", folder)


@pytest.mark.parametrize("score", ["0.93", "93 %", "report:", "report:0.93", "good"])
def test_a_score_is_a_report_or_nothing(folder: Path, score: str) -> None:
    release(folder, TEXT.replace("variables:", f"score: '{score}'\nvariables:"))
    with pytest.raises(PromptError):
        load("greeting", folder)


def test_a_score_may_be_a_report(folder: Path) -> None:
    release(folder, TEXT.replace("variables:", f"score: report:{'a' * 64}\nvariables:"))
    assert load("greeting", folder).score == f"report:{'a' * 64}"


@pytest.mark.parametrize("values", [{}, {"who": "x", "more": "y"}, {"whom": "x"}])
def test_a_missing_or_unknown_value_is_refused(folder: Path, values: dict[str, str]) -> None:
    with pytest.raises(PromptError, match="needs exactly"):
        load("greeting", folder).fill(**values)


@pytest.mark.parametrize(
    "text",
    [
        "Hello $who",
        TEXT.replace("name: greeting", "name: other"),
        TEXT.replace("version: v1", "version: v2"),
        TEXT.replace("---\nHello", "Hello"),
        "---\n- a\n- list\n---\nHello",
        "---\nname: [\n---\nHello",
        TEXT.replace("[who]", "who"),
        TEXT.replace("[who]", "[]"),
        TEXT.replace("[who]", "[who, whom]"),
        TEXT.replace("$$5", "$5"),
        "",
    ],
)
def test_a_malformed_file_is_refused(folder: Path, text: str) -> None:
    release(folder, text)
    with pytest.raises(PromptError):
        load("greeting", folder)


@pytest.mark.parametrize("active", ["", "greeting = 1\n", 'greeting = "v9"\n', 'other = "v1"\n', "greeting ="])
def test_a_prompt_without_a_usable_version_is_refused(folder: Path, active: str) -> None:
    (folder / "active.toml").write_text(active)
    with pytest.raises(PromptError):
        load("greeting", folder)


def test_a_list_of_releases_that_cannot_be_read_is_refused(folder: Path) -> None:
    (folder / "released.toml").write_text("[greeting\n")
    with pytest.raises(PromptError):
        load("greeting", folder)


def test_bytes_that_are_no_text_are_refused(folder: Path) -> None:
    raw = TEXT.encode() + b"\xff"
    (folder / "greeting" / "v1.md").write_bytes(raw)
    (folder / "released.toml").write_text(f'[greeting]\nv1 = "{hashlib.sha256(raw).hexdigest()}"\n')
    with pytest.raises(PromptError):
        load("greeting", folder)
