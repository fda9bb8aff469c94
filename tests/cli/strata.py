"""Runs `strata` as a person does, with an environment that holds nothing but what a test says.

Most commands run in this process through the real entry point, because loading the program anew takes seconds; those
that serve or wait for signals run as processes of their own.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from bot.bootstrap.core import open_core
from bot.cli import main
from bot.record.record import Record
from bot.settings import Settings

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
CANARY = "canary-7f3a"
"""Every secret has it in it: no output may."""
SECRETS = {
    "SLACK_BOT_TOKEN": f"xoxb-{CANARY}",
    "SLACK_SIGNING_SECRET": f"signing-{CANARY}",
    "GITHUB_READ_TOKEN": f"read-{CANARY}",
    "GITHUB_WRITE_TOKEN": f"write-{CANARY}",
    "GITHUB_WEBHOOK_SECRET": f"hook-{CANARY}",
    "STRATA_SECRET": f"our-own-secret-{CANARY}",
}
COMPLETE = {**SECRETS, "SLACK_CHANNEL": "C01TRIAGE", "GITHUB_REPOSITORIES": "acme/assistant"}
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there."""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def sentences(self) -> list[str]:
        """What was told on standard error, without log lines."""
        return [line for line in self.err.splitlines() if line.startswith("strata: ")]


def checked(ended: Ended) -> Ended:
    """No output holds a secret or a traceback, whatever the test is about."""
    assert CANARY not in ended.out + ended.err, "a secret is shown"
    assert "Traceback" not in ended.err, ended.err
    return ended


Strata = Callable[..., Ended]


@pytest.fixture
def strata(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Strata:
    """`strata("doctor", "--json", SLACK_CHANNEL="C01TRIAGE")`, in this process and in an empty folder."""

    def run(*arguments: str, **settings: str) -> Ended:
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in {"STRATA_DIRECTORY": str(tmp_path / "data"), **settings}.items():
            monkeypatch.setitem(os.environ, name, value)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["strata", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        return checked(Ended(int(caught.value.code or 0), said.out, said.err))

    return run


def with_record(folder: Path, do: Callable[[Record], Awaitable[T]]) -> T:
    """Does something to the record that a command finds in this folder."""

    async def run() -> T:
        settings = Settings(_env_file=None, strata_directory=folder / "data", strata_secret=COMPLETE["STRATA_SECRET"])
        async with open_core(settings) as core:
            return await do(core.record)

    return asyncio.run(run())
