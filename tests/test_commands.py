"""What a person types or fills in exists and is described: make targets, settings, the image."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml

from bot.roles import Role
from bot.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[1]


def targets() -> dict[str, str]:
    return dict(re.findall(r"^([a-z][\w-]*):[^=\n]*?(?:## (.*))?$", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_make_help_knows_every_target() -> None:
    assert targets()
    assert not [name for name, description in targets().items() if not description]
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not [name for name in targets() if not re.search(rf"^  {name}\s+\S", shown, re.MULTILINE)]


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_documents_name_only_targets_that_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    code = re.findall(r"```[^\n]*\n(.*?)```", text, re.DOTALL) + [
        f"\n{span}" for span in re.findall(r"`([^`\n]+)`", text)
    ]
    typed = {
        name for piece in code for name in re.findall(r"(?:^|\n|&& )\s*(?:\$ )?make(?: -\w+)* ([a-z][\w-]*)", piece)
    }
    assert typed <= targets().keys()


def test_env_example_lists_each_setting_with_its_default() -> None:
    listed = set(re.findall(r"^([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    for_crash_tests_only = {"STRATA_CRASH_AT"}
    assert listed == {name.upper() for name in Settings.model_fields} - for_crash_tests_only


def test_env_example_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied as it is, it leaves every default in place."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    assert Settings(_env_file=ROOT / ".env.example") == Settings(_env_file=None)


def test_the_image_is_built_from_files_that_exist_and_that_docker_may_see() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert names == allowed
    assert not [name for name in names if not (ROOT / name).exists()]


def test_the_image_does_not_run_as_root() -> None:
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert re.findall(r"^USER (.+)$", stages[-1], re.MULTILINE) == ["10001:10001"]


ROLES = [("compose.yaml", "strata"), *(("compose.scale.yaml", role) for role in Role)]


@pytest.mark.parametrize(("file", "name"), ROLES)
def test_compose_publishes_on_loopback_only_and_drops_every_right(file: str, name: str) -> None:
    service = yaml.safe_load((ROOT / file).read_text())["services"][name]
    assert service.get("command", [name])[0] == name
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True


def test_apart_only_the_executor_is_given_the_write_credential() -> None:
    services = yaml.safe_load((ROOT / "compose.scale.yaml").read_text())["services"]
    given = {name: service.get("env_file", []) for name, service in services.items()}
    assert [name for name, files in given.items() if "executor.env" in files] == ["executor"]
    assert "GITHUB_WRITE_TOKEN" not in str(services)
