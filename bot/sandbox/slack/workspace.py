"""What a local Slack is seeded with: one team, its people, its channels and one installed app.

Frozen values only. What changes while the server runs (members, messages, views) lives in `store.py` and `views.py`.
"""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

ALL_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "reactions:write",
        "team:read",
        "users:read",
        "users:read.email",
    }
)


class Seed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class User(Seed):
    """A person or a bot. `name` is the handle, so in tests and demos it is a role, never a real name."""

    id: str
    name: str
    real_name: str = ""
    email: str = ""
    team_id: str = "T0LOCAL"
    tz: str = "Etc/UTC"
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False


class Channel(Seed):
    id: str
    name: str
    members: frozenset[str] = frozenset()
    is_private: bool = False
    is_archived: bool = False


class Workspace(Seed):
    """One team with one installed app; the tokens and the signing secret never show in a repr."""

    team_id: str = "T0LOCAL"
    team_name: str = "Local team"
    team_domain: str = "local-team"
    app_id: str = "A0LOCAL"
    bot_id: str = "B0LOCAL"
    bot: User = Field(default_factory=lambda: User(id="U0BOT", name="strata", real_name="Strata", is_bot=True))
    bot_token: SecretStr = SecretStr("xoxb-local-bot-token")
    app_token: SecretStr = SecretStr("xapp-local-app-token")
    signing_secret: SecretStr = SecretStr("local-signing-secret")
    verification_token: SecretStr = SecretStr("local-verification-token")
    scopes: frozenset[str] = ALL_SCOPES
    app_scopes: frozenset[str] = frozenset({"connections:write"})
    users: tuple[User, ...] = ()
    channels: tuple[Channel, ...] = ()

    @model_validator(mode="after")
    def _members_exist(self) -> Self:
        known = {user.id for user in self.everyone}
        for channel in self.channels:
            if missing := channel.members - known:
                raise ValueError(f"channel {channel.name} has members that no user has as id: {sorted(missing)}")
        return self

    @property
    def everyone(self) -> tuple[User, ...]:
        return (self.bot, *self.users)

    def without_scopes(self, *scopes: str) -> Workspace:
        """The same workspace where an administrator granted less."""
        return self.model_copy(update={"scopes": self.scopes - frozenset(scopes)})


def demo_workspace() -> Workspace:
    """Role handles, one public and one private channel; a guest, a stranger and a deactivated user to be refused."""
    people = (
        User(id="U01ONDUTY", name="on-duty", real_name="On Duty", email="on-duty@example.com"),
        User(id="U02MLLEAD", name="ml-lead", real_name="ML Lead", email="ml-lead@example.com"),
        User(id="U03DATALEAD", name="data-lead", real_name="Data Lead", email="data-lead@example.com"),
        User(id="U04PRODLEAD", name="product-lead", real_name="Product Lead", email="product-lead@example.com"),
        User(id="U05OPSLEAD", name="ops-lead", real_name="Ops Lead", email="ops-lead@example.com", is_admin=True),
        User(id="U06GUEST", name="guest", real_name="Guest", email="guest@example.com", is_restricted=True),
        User(id="U07STRANGER", name="stranger", real_name="Stranger", team_id="T0OTHER", is_stranger=True),
        User(id="U08GONE", name="deactivated", real_name="Deactivated", deleted=True),
    )
    everyone = frozenset({"U0BOT"} | {person.id for person in people if not person.deleted})
    leads = frozenset({"U0BOT", "U01ONDUTY", "U02MLLEAD", "U03DATALEAD", "U04PRODLEAD", "U05OPSLEAD"})
    return Workspace(
        users=people,
        channels=(
            Channel(id="C01TRIAGE", name="triage", members=everyone),
            Channel(id="C02GENERAL", name="general", members=everyone - {"U0BOT"}),
            Channel(id="G03LEADS", name="leads", members=leads, is_private=True),
        ),
    )
