"""Checks of Zendesk's settings, without a network, and one that asks Zendesk who each token belongs to."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from bot.doctor.finding import Check, broken, good, warning
from bot.settings import Secret, Settings
from bot.trackers.credentials import StaticToken
from bot.trackers.transport import open_http
from bot.trackers.zendesk.payloads import FromZendesk
from bot.trackers.zendesk.site import ZendeskSite
from bot.trackers.zendesk.wire import zendesk_transport
from graphs.errors import TrackerError, TrackerRefused

_STAFF: Final = frozenset({"agent", "admin"})


class _User(FromZendesk):
    role: str = ""


class _Me(FromZendesk):
    user: _User


_ME: Final = TypeAdapter(_Me)


def uses(settings: Settings) -> bool:
    return bool(settings.zendesk_url)


def account(settings: Settings) -> Check:
    return good("Zendesk account", ZendeskSite(web=settings.zendesk_url).project)


def token(use: str, found: Secret) -> Check:
    name = f"Zendesk {use} token"
    if found is None:
        scopes = "read" if use == "read" else "read and tickets:write"
        fix = f"Make an OAuth token with the scopes {scopes} for an agent of the bot's own."
        return broken(name, f"ZENDESK_{use.upper()}_TOKEN is not set", fix)
    if use == "read" and ":" in found.get_secret_value():
        fix = "Use an OAuth token of scope read, so that the agent cannot write even if it is taken over."
        return warning(name, "an API token may do whatever its account may", fix)
    return good(name, "set")


def secret(settings: Settings) -> Check:
    name, path = "Zendesk webhook secret", f"/hooks/zendesk/{settings.zendesk_install}"
    if settings.zendesk_webhook_secret is None:
        fix = "Copy the signing secret of the webhook; until then new tickets are found by looking only."
        return warning(name, "ZENDESK_WEBHOOK_SECRET is not set: webhooks are refused", fix)
    return good(name, f"set; the webhook's address ends in {path}, subscribed to ticket events")


async def online(settings: Settings) -> list[Check]:
    """Whether each token belongs to somebody of the team."""
    if not uses(settings):
        return []
    tokens = {"read": settings.zendesk_read_token, "write": settings.zendesk_write_token}
    return [await _may(settings, use, found) for use, found in tokens.items()]


async def _may(settings: Settings, use: str, found: Secret) -> Check:
    name = f"Zendesk {use} token at Zendesk"
    if found is None:
        return broken(name, "not set", f"Set ZENDESK_{use.upper()}_TOKEN.")
    site = ZendeskSite(web=settings.zendesk_url)
    try:
        async with open_http(site.api, allowed=settings.strata_private_networks) as http:
            answer = await zendesk_transport(http, site, StaticToken(found)).get("/users/me")
            role = answer.read(_ME).user.role
    except TrackerRefused as error:
        return broken(name, str(error), "Make a new token, and paste it whole.")
    except TrackerError as error:
        return broken(name, str(error), "Check the network and ZENDESK_URL.")
    if role not in _STAFF:
        return broken(name, "it belongs to nobody of the team", "Make it for an agent.")
    return good(name, f"belongs to an {role}")
