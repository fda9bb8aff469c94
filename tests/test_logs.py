"""No secret gets into a log line, whoever writes it and however it is wrapped."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import structlog

from bot.logs import cleaned, configure, without
from graphs.hygiene.redact import Redactor

HOOK_SECRET = "canary-hook-secret-with-no-pattern"
TOKEN = "ghp_" + "a1B2" * 9


def redact(text: str) -> str:
    return Redactor(b"tests").redact(without([HOOK_SECRET, "short"])(text)).text


@pytest.fixture(autouse=True)
def fresh_logging(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Logging is set up once for a process: here it is put back after each test."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


@dataclass
class Wrapped:
    inside: str


HIDDEN_IN = {
    "a text": f"before {TOKEN} after",
    "an own secret": f"x{HOOK_SECRET}x",
    "a list": ["a", [f"{TOKEN}"]],
    "a tuple": (HOOK_SECRET,),
    "a set": {HOOK_SECRET},
    "a dictionary": {"deep": {"deeper": TOKEN}},
    "a key": {TOKEN: 1},
    "an exception": ValueError(f"could not send {TOKEN}"),
    "an object": Wrapped(HOOK_SECRET),
    "bytes": HOOK_SECRET.encode(),
}


@pytest.mark.parametrize("place", HIDDEN_IN)
@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
def test_a_secret_is_taken_out_of(place: str, capsys: pytest.CaptureFixture[str], *, as_json: bool) -> None:
    configure("info", redact, as_json=as_json)
    structlog.get_logger().info("something happened", what=HIDDEN_IN[place])
    written = capsys.readouterr().err
    assert "something happened" in written
    assert TOKEN not in written
    assert HOOK_SECRET not in written


def test_a_secret_is_taken_out_of_the_message_and_of_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", redact, as_json=True)
    log = structlog.get_logger()
    try:
        int(f"sent {TOKEN} with {HOOK_SECRET}")
    except ValueError:
        log.exception(f"failed with {TOKEN}")  # noqa: G004  # that is what careless code does
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert TOKEN not in written
    assert HOOK_SECRET not in written


def test_libraries_are_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", redact, as_json=True)
    try:
        int(HOOK_SECRET)
    except ValueError:
        logging.getLogger("slack_bolt.app").exception("unhandled request %s", {"token": TOKEN})
    written = capsys.readouterr().err
    assert "slack_bolt.app" in written
    assert TOKEN not in written
    assert HOOK_SECRET not in written


def test_json_lines_can_be_read_by_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", redact, as_json=True)
    structlog.get_logger().warning("late", seconds=1.5, count=3, ok=True, who=None, names=["a", "b"])
    said = json.loads(capsys.readouterr().err)
    assert said["level"] == "warning"
    assert (said["seconds"], said["count"], said["ok"], said["who"], said["names"]) == (1.5, 3, True, None, ["a", "b"])


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    configure("error", redact, as_json=True)
    structlog.get_logger().warning("hidden")
    structlog.get_logger().error("shown")
    written = capsys.readouterr().err
    assert "hidden" not in written
    assert "shown" in written


def test_the_longest_secret_goes_first_and_a_tiny_one_would_do_more_harm_than_good() -> None:
    clean = without(["abcdef", "abcdefgh", "abc", ""])
    assert clean("abcdefgh abcdef abc") == "[SECRET] [SECRET] abc"


def test_plain_values_stay_what_they_are() -> None:
    assert cleaned({"a": (1, 2.5, None, True)}, redact) == {"a": [1, 2.5, None, True]}
