"""The settings: the only reader of the environment.

Owns names, defaults and what is missing. Every value can also stand in a file named `.env`.
"""

from __future__ import annotations

import base64
import logging
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, TypeAdapter
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.address import Address, Network
from bot.crash import POINTS
from graphs.errors import StrataError


class BadSetting(StrataError):
    """A setting turned out to be unusable when it was used; the text says how to mend it."""


def _split(value: object) -> object:
    return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value


def _no_blank(value: SecretStr | None) -> SecretStr | None:
    """An empty variable, as an unfilled `.env` has it, counts as not set."""
    return value if value and value.get_secret_value().strip() else None


def _header_safe(value: SecretStr | None) -> SecretStr | None:
    """Tokens travel in headers, where a line break or a foreign letter would break the request."""
    text = value.get_secret_value() if value else ""
    if not (text.isascii() and text.isprintable() and text == text.strip()):
        raise ValueError("has characters in it that no token has: paste it again")
    return value


def _signing(value: SecretStr | None) -> SecretStr | None:
    """As GitLab shows it: `whsec_` and the key in Base64."""
    text = value.get_secret_value() if value else ""
    if value and not (text.startswith("whsec_") and _is_base64(text.removeprefix("whsec_"))):
        raise ValueError("it begins with whsec_ and goes on in Base64: paste it as GitLab shows it")
    return value


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


def _level(value: str) -> str:
    if value.upper() not in logging.getLevelNamesMapping():
        raise ValueError("write debug, info, warning or error")
    return value


def _record(value: str) -> str:
    if value and not value.startswith(("sqlite+aiosqlite:///", "postgresql+psycopg://")):
        raise ValueError("write sqlite+aiosqlite:///path or postgresql+psycopg://user:password@host/name")
    return value


def _redis(value: SecretStr | None) -> SecretStr | None:
    if value and not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("write redis://:password@host:6379/0, rediss://… or unix:///path")
    return value


def _point(value: str) -> str:
    if value and value not in POINTS:
        raise ValueError(f"write one of {', '.join(sorted(POINTS))}")
    return value


def _model_address(value: str) -> str:
    """Plain http is taken for loopback and private addresses: a model server in one's own network seldom has TLS."""
    if not value or _PRIVATE.match(value):
        return value.rstrip("/")
    return _ADDRESS.validate_python(value)


def _optional_address(value: str) -> str:
    return _ADDRESS.validate_python(value) if value else ""


class Engine(StrEnum):
    """Who reads tickets. `local` is the best of the two after it that is installed. The last two ask a model;
    `cascade` lets the local engine settle what it may."""

    LOCAL = "local"
    LEXICAL = "lexical"
    STACKED = "stacked"
    CLAUDE = "claude"
    CASCADE = "cascade"

    @property
    def asks_a_model(self) -> bool:
        return self in (Engine.CLAUDE, Engine.CASCADE)


class JiraFlavour(StrEnum):
    """Which Jira is meant. `auto` tells it by the address: atlassian.net is the Cloud."""

    AUTO = "auto"
    CLOUD = "cloud"
    DATA_CENTER = "data_center"


class Provider(StrEnum):
    """Whose service the model is asked of."""

    ANTHROPIC = "anthropic"
    BEDROCK = "bedrock"
    VERTEX = "vertex"
    FOUNDRY = "foundry"


_MODEL = r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,119}$"
_PRIVATE = re.compile(r"http://(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}(?::\d{1,5})?(?:/[\w./-]*)?$")
_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)
Secret = Annotated[SecretStr | None, AfterValidator(_no_blank)]
Token = Annotated[SecretStr | None, AfterValidator(_no_blank), AfterValidator(_header_safe)]


class Settings(BaseSettings):
    """Frozen; secrets are never printed."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    slack_bot_token: Token = None
    slack_app_token: Token = None
    slack_signing_secret: Secret = None
    slack_channel: str = ""
    slack_api_url: Address = "https://slack.com/api/"

    github_install: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "main"
    github_repositories: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    github_read_token: Token = None
    github_write_token: Token = None
    github_webhook_secret: Secret = None
    github_webhook_secret_previous: Secret = None
    github_api_url: Address = "https://api.github.com"
    github_web_url: Address = "https://github.com"
    github_app_id: str = ""
    github_app_installation_id: str = ""
    github_app_private_key_file: Path | None = None

    gitlab_install: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "gitlab"
    gitlab_projects: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    gitlab_read_token: Token = None
    gitlab_write_token: Token = None
    gitlab_webhook_secret: Secret = None
    gitlab_webhook_secret_previous: Secret = None
    gitlab_webhook_signing_token: Annotated[Secret, AfterValidator(_signing)] = None
    gitlab_webhook_signing_token_previous: Annotated[Secret, AfterValidator(_signing)] = None
    gitlab_url: Address = "https://gitlab.com"

    linear_install: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "linear"
    linear_teams: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    linear_read_token: Token = None
    linear_write_token: Token = None
    linear_webhook_secret: Secret = None
    linear_webhook_secret_previous: Secret = None
    linear_api_url: Address = "https://api.linear.app"
    linear_web_url: Address = "https://linear.app"

    jira_install: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "jira"
    jira_projects: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    jira_url: Annotated[str, AfterValidator(_optional_address)] = ""
    jira_flavour: JiraFlavour = JiraFlavour.AUTO
    jira_gateway: Annotated[str, AfterValidator(_optional_address)] = ""
    """Where the Cloud takes tokens with scopes."""
    jira_read_token: Token = None
    jira_write_token: Token = None
    jira_webhook_secret: Secret = None
    jira_webhook_secret_previous: Secret = None

    zendesk_install: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "zendesk"
    zendesk_url: Annotated[str, AfterValidator(_optional_address)] = ""
    zendesk_read_token: Token = None
    zendesk_write_token: Token = None
    zendesk_webhook_secret: Secret = None
    zendesk_webhook_secret_previous: Secret = None

    anthropic_api_key: Token = None
    anthropic_base_url: Annotated[str, AfterValidator(_model_address)] = ""
    """A server of one's own that speaks the Messages API; the vendor's where empty."""
    strata_engine: Engine = Engine.LOCAL
    strata_model_provider: Provider = Provider.ANTHROPIC
    strata_model_region: str = ""
    strata_model_project: str = ""
    strata_model_fast: Annotated[str, Field(pattern=_MODEL)] = "claude-haiku-5-5"
    strata_model_strong: Annotated[str, Field(pattern=_MODEL)] = "claude-sonnet-5-5"
    """The word `none`: no second model."""
    strata_model_per_minute: int = Field(default=50, ge=1, le=100_000)
    strata_model_ticket_usd: float = Field(default=0.02, gt=0)
    strata_model_hour_usd: float = Field(default=1.0, gt=0)
    strata_model_day_usd: float = Field(default=5.0, gt=0)
    strata_notes: Path | None = None
    """Folder of Markdown files that the agent may search."""
    strata_notes_stale_days: int = Field(default=180, ge=1)

    strata_directory: Path = Path(".strata")
    strata_record_url: Annotated[str, AfterValidator(_record), Field(repr=False)] = ""
    """May hold a password."""
    strata_redis_url: Annotated[SecretStr | None, AfterValidator(_no_blank), AfterValidator(_redis)] = None
    """Carries wake-ups and shared limits between processes; may hold a password. Without it workers poll."""
    strata_policies: Path | None = None
    strata_secret: Secret = None
    strata_host: str = "127.0.0.1"
    strata_port: int = Field(default=8080, ge=0, le=65535)
    strata_paused: bool = False
    strata_private_networks: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_split)] = ()
    """Private networks that trackers may stand in; any other private address is refused."""
    strata_concurrency: int = Field(default=4, ge=1, le=64)
    strata_limits: bool = True
    """Keep to the rates that Slack and the trackers allow. False for benchmarks against doubles only."""
    strata_lease_s: float = Field(default=30.0, gt=0)
    strata_sweep_cards: int = Field(default=20, ge=1, le=10_000)
    """Cards of a sweep that wait for a decision at once; the others stay in line behind them."""
    strata_reconcile_s: float = Field(default=300.0, ge=10)
    """How often trackers are looked through for what no delivery told."""
    strata_keep_bodies_days: float = Field(default=14, ge=1)
    """How long the raw bodies of clicks and commands are kept."""
    strata_keep_work_days: float = Field(default=30, ge=1)
    """How long finished jobs, deliveries and the steps of closed triages are kept; decisions and the audit stay."""
    strata_anchors: Path | None = None
    """Where signed heads of the audit chain are kept; best on another disk than the record."""
    strata_log: Annotated[str, AfterValidator(_level)] = "info"
    strata_crash_at: Annotated[str, AfterValidator(_point)] = ""
    """For crash tests only: a name of `bot.crash.POINTS`."""

    @property
    def record_url(self) -> str:
        """SQLite in the data folder unless a database was named."""
        return self.strata_record_url or f"sqlite+aiosqlite:///{self.strata_directory / 'record.db'}"

    @property
    def checkpoints_path(self) -> Path:
        """Checkpoints have their own file: in one file with the record they would share one write lock."""
        return self.strata_directory / "checkpoints.db"

    @property
    def anchors_path(self) -> Path:
        return self.strata_anchors or self.strata_directory / "anchors.jsonl"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret in use, so that the log can be kept free of them."""
        values = (getattr(self, name) for name in type(self).model_fields)
        found = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        return (*found, *([self.strata_record_url] if self.strata_record_url else []))

    @property
    def socket_mode(self) -> bool:
        return self.slack_app_token is not None
