"""Checks of the settings, without a network: what `strata run` insists on, and more that `strata doctor` says."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.doctor.finding import Check, broken, good, warning
from bot.doctor.model import model, notes
from bot.keys import MIN_LENGTH
from bot.roles import Role
from bot.settings import Secret, Settings
from graphs.errors import EngineUnavailable
from graphs.gate import Gate
from graphs.learning.artefact import load as load_engine
from graphs.learning.engine import untrained
from graphs.model import LayerId
from policies.loader import load as load_policies
from policies.problems import PolicyError

_REPOSITORY = re.compile(r"[A-Za-z0-9_.*?-]+/[A-Za-z0-9_.*?-]+")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,30}")


EVERY_ROLE = frozenset(Role)
SHORTEST_LEASE_S = 25.0
"""One request to a tracker may take 20 s; a shorter lease can end while a write is on its way."""


def _starts(secret: Secret, prefix: str) -> bool:
    return secret is not None and secret.get_secret_value().startswith(prefix)


def _bot_token(settings: Settings) -> Check:
    name = "Slack bot token"
    if settings.slack_bot_token is None:
        return broken(
            name,
            "SLACK_BOT_TOKEN is not set",
            "Create the app with `strata manifest --link`, install it, copy the token.",
        )
    if not _starts(settings.slack_bot_token, "xoxb-"):
        return broken(
            name,
            "SLACK_BOT_TOKEN is not a bot token",
            "It starts with xoxb-; see OAuth & Permissions in the app's settings.",
        )
    return good(name, "set")


def _slack_door(settings: Settings) -> Check:
    name = "How Slack reaches the bot"
    if settings.slack_app_token is not None:
        if not _starts(settings.slack_app_token, "xapp-"):
            return broken(
                name, "SLACK_APP_TOKEN is not an app-level token", "It starts with xapp-; see Basic Information."
            )
        return good(name, "Socket Mode")
    if settings.slack_signing_secret is not None:
        return good(name, "HTTP, at /slack/events")
    return broken(
        name,
        "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set",
        "Set SLACK_APP_TOKEN (Socket Mode, no public address needed), or SLACK_SIGNING_SECRET for HTTP.",
    )


def _channel(settings: Settings) -> Check:
    name = "Slack channel"
    fix = "Set it to the id of the channel for cards (its details end with it), and invite the bot there."
    if not settings.slack_channel:
        return broken(name, "SLACK_CHANNEL is not set", fix)
    if not _CHANNEL_ID.fullmatch(settings.slack_channel):
        return broken(name, f"SLACK_CHANNEL is {settings.slack_channel!r}, which is no channel's id", fix)
    return good(name, settings.slack_channel)


def _repositories(settings: Settings) -> Check:
    name = "GitHub repositories"
    if not settings.github_repositories:
        return broken(name, "GITHUB_REPOSITORIES is empty", "List them: acme/assistant,acme/search or acme/*.")
    wrong = [one for one in settings.github_repositories if not _REPOSITORY.fullmatch(one)]
    if wrong:
        return broken(name, f"{wrong[0]!r} is not owner/name", "Write acme/assistant or acme/*.")
    return good(name, ", ".join(settings.github_repositories))


def _app(settings: Settings) -> Check | None:
    """The GitHub App, where one is set up instead of tokens."""
    if not settings.github_app_id:
        return None
    name, file = "GitHub App", settings.github_app_private_key_file
    if not settings.github_app_installation_id.isdigit():
        return broken(
            name,
            "GITHUB_APP_INSTALLATION_ID is not a number",
            "It is the last part of the installation page's address.",
        )
    if file is None or not file.is_file():
        return broken(
            name, "GITHUB_APP_PRIVATE_KEY_FILE does not name a file", "Download the app's private key and mount it."
        )
    return good(name, "tokens are minted from the app, for reading and for writing apart")


def _read_credential(settings: Settings) -> Check:
    found = _app(settings)
    if found is not None:
        return found
    if settings.github_read_token is None:
        return broken(
            "GitHub read token", "GITHUB_READ_TOKEN is not set", "Make a fine-grained token with Issues: read."
        )
    return good("GitHub read token", "set")


def write_credential(settings: Settings) -> Check:
    found = _app(settings)
    if found is not None:
        return found
    if settings.github_write_token is None:
        fix = "Make a second fine-grained token with Issues: write; only the executor sees it."
        return broken("GitHub write token", "GITHUB_WRITE_TOKEN is not set", fix)
    return good("GitHub write token", "set")


def _webhook_secret(settings: Settings) -> Check:
    name = "GitHub webhook secret"
    if settings.github_webhook_secret is None:
        fix = "Set it here and in the webhook's settings; until then only /triage starts a triage."
        return warning(name, "GITHUB_WEBHOOK_SECRET is not set: webhooks are refused", fix)
    path = f"/hooks/github/{settings.github_install}"
    return good(name, f"set; the webhook's address ends in {path}, events: issues, issue comments")


def _secret(settings: Settings) -> Check:
    name = "Key for cards and markers"
    if settings.strata_secret is None:
        fix = "Set STRATA_SECRET when several machines share one record."
        return warning(name, f"STRATA_SECRET is not set: a key is kept in {settings.strata_directory}", fix)
    if len(settings.strata_secret.get_secret_value()) < MIN_LENGTH:
        return broken(name, "STRATA_SECRET is too short", f"Use at least {MIN_LENGTH} characters.")
    return good(name, "set")


def _two_tokens(settings: Settings) -> Check:
    name = "Reading and writing apart"
    read, write = settings.github_read_token, settings.github_write_token
    if read and write and read.get_secret_value() == write.get_secret_value():
        fix = "Make a second token that can only read, so that the agent cannot write even if it is taken over."
        return warning(name, "GITHUB_READ_TOKEN and GITHUB_WRITE_TOKEN are the same token", fix)
    return good(name, "two credentials" if read and write else "nothing is shared")


def _lease(settings: Settings) -> Check:
    name = "Lease of a job"
    if settings.strata_lease_s < SHORTEST_LEASE_S:
        fix = f"Set STRATA_LEASE_S to {SHORTEST_LEASE_S:.0f} or more: a request to a tracker may take 20 s."
        return warning(name, f"STRATA_LEASE_S is {settings.strata_lease_s:g} s, shorter than a slow request", fix)
    return good(name, f"{settings.strata_lease_s:g} s")


def _policies(settings: Settings) -> Check:
    name = "Policies"
    try:
        found = load_policies(settings.strata_policies)
        Gate.load(settings.strata_policies)
    except PolicyError as error:
        return broken(name, str(error), "Mend the files named there.")
    if found.example_owners:
        fix = "Copy policies/owners.yaml into a folder of your own, put your people in, set STRATA_POLICIES to it."
        return warning(name, "the owners are the example's", fix)
    return good(name, f"{len(found.layers)} layers, {len(found.owners)} owners, version {found.version}")


def _engine(settings: Settings) -> list[Check]:
    """Whether the local engine is there, and which layers of the team it can propose."""
    name = "Local engine"
    try:
        trained = load_engine().layers
        layers = [LayerId(one.id) for one in load_policies(settings.strata_policies).layers]
    except EngineUnavailable as error:
        return [broken(name, str(error), "Install Strata again, or run `strata train`.")]
    except PolicyError:
        return []  # told by the check of the policies
    strange = untrained(layers, trained)
    if len(strange) == len(layers):
        return [broken(name, "it knows none of the layers in layers.yaml", "Keep some of the shipped layers' ids.")]
    if strange:
        fix = "People can choose them with Edit…; every card says that its guess needs care."
        return [warning(name, f"it cannot propose {', '.join(strange)}: it was not trained for them", fix)]
    return [good(name, f"knows all {len(layers)} layers")]


_SLACK_SPEAKERS = frozenset({Role.WEB, Role.WORKER})
_ESSENTIAL: tuple[tuple[frozenset[Role], Callable[[Settings], Check]], ...] = (
    (_SLACK_SPEAKERS, _bot_token),
    (frozenset({Role.WEB}), _slack_door),
    (_SLACK_SPEAKERS, _channel),
    (_SLACK_SPEAKERS, _repositories),
    (frozenset({Role.WORKER}), _read_credential),
    (frozenset({Role.WORKER}), model),
    (frozenset({Role.EXECUTOR}), write_credential),
)


def essentials(settings: Settings, roles: frozenset[Role] = EVERY_ROLE) -> list[Check]:
    """What these roles cannot start without."""
    return [check(settings) for needed_by, check in _ESSENTIAL if needed_by & roles]


def offline(settings: Settings) -> list[Check]:
    """Everything that can be said without asking anybody."""
    return [
        *essentials(settings),
        _webhook_secret(settings),
        _secret(settings),
        _two_tokens(settings),
        _lease(settings),
        _policies(settings),
        *_engine(settings),
        notes(settings),
    ]
