"""The settings: the only reader of the environment.

Owns names, defaults and what is missing. Every value can also stand in a file named `.env`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _split(value: object) -> object:
    return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value


def _no_blank(value: SecretStr | None) -> SecretStr | None:
    """An empty variable, as an unfilled `.env` has it, counts as not set."""
    return value if value and value.get_secret_value().strip() else None


Secret = Annotated[SecretStr | None, AfterValidator(_no_blank)]


class Settings(BaseSettings):
    """Frozen; secrets are never printed."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    slack_bot_token: Secret = None
    slack_app_token: Secret = None
    slack_signing_secret: Secret = None
    slack_channel: str = ""
    slack_api_url: str = "https://slack.com/api/"

    github_install: str = "main"
    github_repositories: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    github_read_token: Secret = None
    github_write_token: Secret = None
    github_webhook_secret: Secret = None
    github_webhook_secret_previous: Secret = None
    github_api_url: str = "https://api.github.com"
    github_web_url: str = "https://github.com"
    github_app_id: str = ""
    github_app_installation_id: str = ""
    github_app_private_key_file: Path | None = None

    strata_directory: Path = Path(".strata")
    strata_record_url: str = ""
    strata_policies: Path | None = None
    strata_secret: Secret = None
    strata_host: str = "127.0.0.1"
    strata_port: int = Field(default=8080, ge=0, le=65535)
    strata_paused: bool = False
    strata_concurrency: int = Field(default=4, ge=1, le=64)
    strata_lease_s: float = Field(default=30.0, gt=0)
    strata_log: str = "info"
    strata_crash_at: str = ""
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
    def socket_mode(self) -> bool:
        return self.slack_app_token is not None
