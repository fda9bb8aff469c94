"""Checks of Linear's settings, without a network, and one that asks Linear with each key."""

from __future__ import annotations

import re

import httpx
from pydantic import SecretStr

from bot.doctor.finding import Check, broken, good, warning
from bot.limits.rates import Unlimited
from bot.settings import Secret, Settings
from bot.trackers.credentials import StaticToken
from bot.trackers.linear import answers, documents
from bot.trackers.linear.names import is_team
from bot.trackers.linear.site import LinearSite
from bot.trackers.linear.wire import LinearBudget, linear_transport
from bot.trackers.transport import open_http
from graphs.errors import TrackerError, TrackerRefused

_WILD = re.compile(r"[*?]")


def uses(settings: Settings) -> bool:
    return bool(settings.linear_teams)


def teams(settings: Settings) -> Check:
    name = "Linear teams"
    wrong = [one for one in settings.linear_teams if not is_team(_WILD.sub("x", one))]
    if wrong:
        fix = "Write the keys that issues begin with: ENG or ENG,OPS."
        return broken(name, f"{wrong[0]!r} is not the key of a team", fix)
    return good(name, ", ".join(settings.linear_teams))


def key(use: str, token: Secret) -> Check:
    name = f"Linear {use} key"
    if token is None:
        rights = "Read" if use == "read" else "Read and Write"
        fix = f"Make one in Linear under Settings > Security & access > API keys, with the permission {rights} only."
        return broken(name, f"LINEAR_{use.upper()}_TOKEN is not set", fix)
    return good(name, "set")


def secret(settings: Settings) -> Check:
    name, path = "Linear webhook secret", f"/hooks/linear/{settings.linear_install}"
    if settings.linear_webhook_secret is None:
        fix = "Copy the signing secret of the webhook; until then new tickets are found by looking only."
        return warning(name, "LINEAR_WEBHOOK_SECRET is not set: webhooks are refused", fix)
    return good(name, f"set; the webhook's address ends in {path}, events: issues, comments")


async def online(settings: Settings) -> list[Check]:
    """Whether each key sees the teams that the settings name in full."""
    wanted = [one.upper() for one in settings.linear_teams if not _WILD.search(one)]
    if not wanted:
        return []
    tokens = {"read": settings.linear_read_token, "write": settings.linear_write_token}
    return [await _sees(settings, use, token, wanted) for use, token in tokens.items()]


async def _sees(settings: Settings, use: str, token: SecretStr | None, wanted: list[str]) -> Check:
    name = f"Linear {use} key"
    if token is None:
        return broken(name, "not set", f"Set LINEAR_{use.upper()}_TOKEN.")
    site = LinearSite(web=settings.linear_web_url, api=settings.linear_api_url)
    try:
        async with open_http(site.api, allowed=settings.strata_private_networks) as http:
            seen = await _teams(http, site, token, wanted)
    except TrackerRefused as error:
        return broken(name, str(error), "Make a new key, and paste it whole.")
    except TrackerError as error:
        return broken(name, str(error), "Check the network and LINEAR_API_URL.")
    unseen = [one for one in wanted if one not in seen]
    if unseen:
        fix = "Give the key access to the team, or take the team out of LINEAR_TEAMS."
        return broken(name, f"it does not see {', '.join(unseen)}", fix)
    return good(name, f"sees {', '.join(wanted)}")


async def _teams(http: httpx.AsyncClient, site: LinearSite, token: SecretStr, wanted: list[str]) -> frozenset[str]:
    transport = linear_transport(http, site, StaticToken(token), budget=LinearBudget(Unlimited(), "doctor"))
    answer = await transport.query(documents.TEAMS, answers.TEAMS, filter={"key": {"in": [*wanted]}})
    return frozenset(one.key for one in answer.data.teams.nodes)
