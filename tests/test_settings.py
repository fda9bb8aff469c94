"""Settings are read from the environment and `.env`, odd ones are refused by name, secrets are never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-canary-1",
    "SLACK_APP_TOKEN": "xapp-canary-2",
    "SLACK_SIGNING_SECRET": "canary-3",
    "GITHUB_READ_TOKEN": "canary-4",
    "GITHUB_WRITE_TOKEN": "canary-5",
    "GITHUB_WEBHOOK_SECRET": "canary-6",
    "GITHUB_WEBHOOK_SECRET_PREVIOUS": "canary-7",
    "STRATA_SECRET": "canary-8",
    "STRATA_RECORD_URL": "postgresql+psycopg://strata:canary-9@127.0.0.1/strata",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests, and no `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_there_are_safe_defaults() -> None:
    found = Settings()
    assert found.strata_host == "127.0.0.1"
    assert not found.strata_paused
    assert found.secrets == ()
    assert found.record_url == "sqlite+aiosqlite:///.strata/record.db"
    assert found.checkpoints_path != Path(found.record_url.partition("///")[2])


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    found = Settings()
    assert len(found.secrets) == len(SECRETS)
    assert "canary" in "".join(found.secrets)
    for shown in (repr(found), str(found), repr(found.model_dump(exclude={"strata_record_url"}))):
        assert "canary" not in shown


def test_every_secret_field_is_among_the_secrets() -> None:
    """A new one that is a plain text would be shown."""
    plain = {name for name, field in Settings.model_fields.items() if "SecretStr" not in str(field.annotation)}
    assert not [name for name in plain if name.endswith(("token", "secret", "password"))]


def test_a_file_named_env_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("STRATA_PORT=1111\nSLACK_CHANNEL=C0ONE\nGITHUB_READ_TOKEN=\nUNKNOWN=1\n")
    monkeypatch.setenv("STRATA_PORT", "2222")
    found = Settings()
    assert (found.strata_port, found.slack_channel, found.github_read_token) == (2222, "C0ONE", None)


def test_blank_secrets_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "  " if name != "STRATA_RECORD_URL" else "")
    assert Settings().secrets == ()


def test_lists_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORIES", " acme/assistant , acme/*,, ")
    assert Settings().github_repositories == ("acme/assistant", "acme/*")


BROKEN = {
    "STRATA_PORT": ("abc", "70000", "-1"),
    "STRATA_CONCURRENCY": ("0", "65", "many"),
    "STRATA_LEASE_S": ("0", "-1", "soon"),
    "STRATA_PAUSED": ("perhaps",),
    "STRATA_LOG": ("verbose", "5"),
    "STRATA_CRASH_AT": ("somewhere",),
    "STRATA_RECORD_URL": ("sqlite:///x.db", "mysql://canary@host/db", "canary"),
    "GITHUB_API_URL": ("api.github.com", "http://api.github.com", "ftp://x", "https://u:canary@x", "https://["),
    "GITHUB_WEB_URL": ("http://github.com", "https://github.com?canary=1"),
    "SLACK_API_URL": ("slack.com", "http://slack.com/api/"),
    "GITHUB_INSTALL": ("a/b", "a b", "\u00fc"),
    "SLACK_BOT_TOKEN": ("xoxb-canary\u00e9", "xoxb-canary\nx"),
    "GITHUB_READ_TOKEN": (" canary", "canary\u200b"),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BROKEN.items() for value in values])
def test_a_setting_that_cannot_be_used_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setitem(os.environ, name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    (problem,) = caught.value.errors()
    assert problem["loc"] == (name.lower(),)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("GITHUB_API_URL", "http://127.0.0.1:99/"), ("STRATA_LOG", "DEBUG")])
def test_what_can_be_used_is_not_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert str(getattr(Settings(), name.lower())) == value.rstrip("/")
