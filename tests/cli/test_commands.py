"""Every command ends in a sentence and a documented exit code, and shows no secret."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from bot.cli.exits import DONE, REFUSED, UNREACHABLE, WRONG
from bot.slack.scopes import bot_scopes
from tests.cli.strata import CANARY, COMPLETE, NOWHERE, SECRETS, Strata

# --- settings that cannot be used ---------------------------------------------------------------------------------

BROKEN = {
    "STRATA_PORT": "abc",
    "STRATA_LOG": "verbose",
    "STRATA_CRASH_AT": "somewhere",
    "STRATA_RECORD_URL": f"mysql://user:{CANARY}@host/db",
    "GITHUB_API_URL": "http://api.github.com",
    "SLACK_API_URL": "slack.com",
    "GITHUB_READ_TOKEN": f"{CANARY}\u00e9",
    "GITHUB_INSTALL": "a/b",
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("command", [["run"], ["doctor"], ["executor"], ["triage", "acme/assistant#1"], ["health"]])
def test_a_broken_setting_is_named(strata: Strata, name: str, command: list[str]) -> None:
    ended = strata(*command, **COMPLETE | {name: BROKEN[name]})
    assert ended.code == WRONG
    assert [line.split(":")[1].strip() for line in ended.sentences] == [name]


def test_all_broken_settings_are_named_at_once(strata: Strata) -> None:
    ended = strata("run", **COMPLETE | BROKEN)
    assert ended.code == WRONG
    assert {line.split(":")[1].strip() for line in ended.sentences} == set(BROKEN)


def test_a_file_of_settings_that_is_no_text(strata: Strata, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SLACK_CHANNEL=\xff\xfe\n")
    ended = strata("doctor")
    assert (ended.code, len(ended.sentences)) == (WRONG, 1)


def test_run_names_everything_that_is_missing(strata: Strata) -> None:
    ended = strata("run")
    assert ended.code == WRONG
    for name in (
        *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_CHANNEL"),
        *("GITHUB_REPOSITORIES", "GITHUB_READ_TOKEN", "GITHUB_WRITE_TOKEN"),
    ):
        assert any(name in line for line in ended.sentences), name
    assert not list(Path.cwd().glob("data/*")), "nothing is made before the settings are complete"


@pytest.mark.parametrize("missing", sorted(set(COMPLETE) - {"GITHUB_WEBHOOK_SECRET", "STRATA_SECRET"}))
def test_run_names_the_one_thing_that_is_missing(strata: Strata, missing: str) -> None:
    ended = strata("run", **{name: value for name, value in COMPLETE.items() if name != missing})
    assert ended.code == WRONG
    assert len(ended.sentences) == 2
    assert missing in ended.sentences[0]


def test_without_its_own_executor_the_bot_needs_no_write_token(strata: Strata) -> None:
    settings = {name: value for name, value in COMPLETE.items() if name not in ("GITHUB_WRITE_TOKEN", "SLACK_CHANNEL")}
    ended = strata("run", "--no-executor", **settings)
    assert (ended.code, len(ended.sentences)) == (WRONG, 2)
    assert "SLACK_CHANNEL" in ended.sentences[0]


def test_the_executor_needs_its_credential_and_no_other(strata: Strata) -> None:
    ended = strata("executor", **{name: value for name, value in COMPLETE.items() if name != "GITHUB_WRITE_TOKEN"})
    assert (ended.code, len(ended.sentences)) == (WRONG, 2)
    assert "GITHUB_WRITE_TOKEN" in ended.sentences[0]


LATE = {
    "a secret that is too short": ({"STRATA_SECRET": "short"}, "STRATA_SECRET"),
    "a data folder that is a file": ({"STRATA_DIRECTORY": "in-the-way"}, "STRATA_DIRECTORY"),
    "a data folder that is a file, without a secret": (
        {"STRATA_DIRECTORY": "in-the-way", "STRATA_SECRET": ""},
        "STRATA_DIRECTORY",
    ),
    "policies that are not there": ({"STRATA_POLICIES": "nowhere"}, "in the policies"),
    "a record in a place that is none": ({"STRATA_RECORD_URL": "sqlite+aiosqlite:////proc/none/x.db"}, "RECORD_URL"),
    "a database address that is none": ({"STRATA_RECORD_URL": "postgresql+psycopg://h:port/x"}, "RECORD_URL"),
}


@pytest.mark.parametrize("case", LATE)
def test_what_shows_only_when_it_is_used_is_told_all_the_same(strata: Strata, tmp_path: Path, case: str) -> None:
    (tmp_path / "in-the-way").write_text("")
    changed, word = LATE[case]
    ended = strata("triage", "acme/assistant#1", **COMPLETE | changed)
    assert ended.code == WRONG
    assert len([line for line in ended.sentences if word in line]) == 1


def test_an_app_key_that_is_none(strata: Strata, tmp_path: Path) -> None:
    (tmp_path / "app.pem").write_text(f"-----BEGIN {CANARY}")
    app = {"GITHUB_APP_ID": "1", "GITHUB_APP_INSTALLATION_ID": "2", "GITHUB_APP_PRIVATE_KEY_FILE": "app.pem"}
    ended = strata("executor", **COMPLETE | app)
    assert ended.code == WRONG
    assert "GITHUB_APP_PRIVATE_KEY_FILE" in ended.sentences[0]


def test_a_database_that_cannot_be_reached(strata: Strata) -> None:
    url = f"postgresql+psycopg://strata:{CANARY}@127.0.0.1:9/strata?connect_timeout=2"
    ended = strata("triage", "acme/assistant#1", **COMPLETE | {"STRATA_RECORD_URL": url})
    assert ended.code == UNREACHABLE
    assert "STRATA_RECORD_URL" in ended.sentences[0]


def test_slack_cannot_be_reached_when_the_bot_starts(strata: Strata) -> None:
    ended = strata("run", **COMPLETE | {"SLACK_API_URL": NOWHERE, "STRATA_PORT": "0"})
    assert ended.code == UNREACHABLE
    assert "Slack" in ended.sentences[0]


def test_a_port_that_is_in_use(strata: Strata) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = strata("run", **COMPLETE | {"SLACK_API_URL": NOWHERE, "STRATA_PORT": port})
    assert ended.code == WRONG
    assert "STRATA_PORT" in ended.sentences[0]
    assert port in ended.sentences[0]


@pytest.mark.parametrize("host", ["not a host", "203.0.113.9"])
def test_an_address_that_is_not_ours(strata: Strata, host: str) -> None:
    ended = strata("run", **COMPLETE | {"SLACK_API_URL": NOWHERE, "STRATA_HOST": host})
    assert ended.code == WRONG
    assert "STRATA_HOST" in ended.sentences[0]


# --- how a command is called --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["run", "--no-such-option"], ["triage"], ["manifest", "--mode", "pigeon"]]
)
def test_a_wrong_call(strata: Strata, arguments: list[str]) -> None:
    assert strata(*arguments).code == WRONG


def test_help_names_every_command(strata: Strata) -> None:
    ended = strata("--help")
    assert ended.code == DONE
    for name in ("run", "executor", "triage", "demo", "doctor", "manifest", "train", "health"):
        assert f" {name} " in ended.out


# --- manifest -----------------------------------------------------------------------------------------------------


def test_the_manifest_for_socket_mode(strata: Strata) -> None:
    ended = strata("manifest")
    described = json.loads(ended.out)
    assert ended.code == DONE
    assert described["oauth_config"]["scopes"]["bot"] == bot_scopes()
    assert described["settings"]["socket_mode_enabled"] is True
    assert "url" not in described["features"]["slash_commands"][0]


def test_the_manifest_for_http(strata: Strata) -> None:
    described = json.loads(strata("manifest", "--mode", "http", "--url", "https://bot.example.com/").out)
    assert described["settings"]["socket_mode_enabled"] is False
    assert described["settings"]["interactivity"]["request_url"] == "https://bot.example.com/slack/events"
    assert described["features"]["slash_commands"][0]["url"] == "https://bot.example.com/slack/events"


@pytest.mark.parametrize("url", ["", "http://bot.example.com", "bot.example.com", "https://", "https://["])
def test_a_manifest_for_http_needs_a_public_address(strata: Strata, url: str) -> None:
    ended = strata("manifest", "--mode", "http", "--url", url)
    assert (ended.code, ended.out, len(ended.sentences)) == (WRONG, "", 1)


def test_a_link_that_creates_the_app(strata: Strata) -> None:
    assert strata("manifest", "--link").out.startswith("https://api.slack.com/apps?new_app=1&manifest_json=%7B")


# --- doctor -------------------------------------------------------------------------------------------------------


def test_the_doctor_says_what_is_missing_and_how_to_mend_it(strata: Strata) -> None:
    ended = strata("doctor", "--no-online")
    assert ended.code == REFUSED
    assert "✗ Slack bot token: SLACK_BOT_TOKEN is not set" in ended.out
    assert ended.out.count("✗") <= ended.out.count("→")


def test_the_doctor_for_programs(strata: Strata) -> None:
    ended = strata("doctor", "--json", "--no-online")
    checks = json.loads(ended.out)
    assert ended.code == REFUSED
    assert {one["grade"] for one in checks} == {"good", "warning", "broken"}
    assert all(one["fix"] for one in checks if one["grade"] != "good")


def test_a_complete_set_of_settings_is_good_enough(strata: Strata) -> None:
    ended = strata("doctor", "--json", "--no-online", **COMPLETE)
    assert ended.code == DONE
    assert not [one for one in json.loads(ended.out) if one["grade"] == "broken"]


def test_services_that_cannot_be_reached_are_findings(strata: Strata) -> None:
    ended = strata("doctor", "--json", **COMPLETE | {"SLACK_API_URL": NOWHERE, "GITHUB_API_URL": NOWHERE})
    findings = [one["finding"] for one in json.loads(ended.out) if one["grade"] == "broken"]
    assert ended.code == REFUSED
    assert len([one for one in findings if "cannot be reached" in one]) == 4


# --- health -------------------------------------------------------------------------------------------------------


def test_health_without_a_bot(strata: Strata) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    ended = strata("health", STRATA_PORT=port)
    assert (ended.code, len(ended.sentences)) == (REFUSED, 1)


def test_the_canary_is_in_every_secret() -> None:
    assert all(CANARY in value for value in SECRETS.values())
