"""Checks of Jira's settings, without a network, and one that asks Jira what each account may do."""

from __future__ import annotations

import re
from typing import Final

from pydantic import SecretStr, TypeAdapter

from bot.bootstrap.jira import JiraAdapter
from bot.doctor.finding import Check, broken, good, warning
from bot.settings import Secret, Settings
from bot.trackers.credentials import StaticToken
from bot.trackers.jira.names import is_project
from bot.trackers.jira.vocabulary import FromJira
from bot.trackers.jira.wire import jira_transport
from bot.trackers.transport import open_http
from graphs.capabilities import Capabilities
from graphs.errors import TicketGone, TrackerError, TrackerRefused

_WILD: Final = re.compile(r"[*?]")
_EDITS: Final = "EDIT_ISSUES"
_NEEDED: Final = {
    "read": ("BROWSE_PROJECTS",),
    "write": ("BROWSE_PROJECTS", _EDITS, "ASSIGN_ISSUES", "ADD_COMMENTS", "DELETE_OWN_COMMENTS"),
}


class _Permission(FromJira):
    havePermission: bool = False  # noqa: N815  # Jira's own spelling


class _Permissions(FromJira):
    permissions: dict[str, _Permission]


_PERMISSIONS: Final = TypeAdapter(_Permissions)


def uses(settings: Settings) -> bool:
    return bool(settings.jira_projects or settings.jira_url)


def capabilities(settings: Settings) -> Capabilities:
    return JiraAdapter(settings).capabilities


def projects(settings: Settings) -> Check:
    name = "Jira projects"
    if not settings.jira_url:
        return broken(name, "JIRA_URL is not set", "Write https://acme.atlassian.net or the address of your server.")
    if not settings.jira_projects:
        return broken(name, "JIRA_PROJECTS is empty", "Write the keys that issues begin with: OPS or OPS,SUP.")
    wrong = [one for one in settings.jira_projects if not is_project(_WILD.sub("X", one))]
    if wrong:
        fix = "Write the keys that issues begin with, in capitals: OPS or OPS,SUP."
        return broken(name, f"{wrong[0]!r} is not the key of a project", fix)
    kind = "Cloud" if JiraAdapter(settings).site.is_cloud else "Data Center"
    return good(name, f"{', '.join(settings.jira_projects)}; spoken to as Jira {kind}")


def token(settings: Settings, use: str, found: Secret) -> Check:
    name, setting = f"Jira {use} token", f"JIRA_{use.upper()}_TOKEN"
    cloud = JiraAdapter(settings).site.is_cloud
    if found is None:
        form = "write it as account:token" if cloud else "a personal access token"
        return broken(name, f"{setting} is not set", f"Make one for an account that may {use} issues ({form}).")
    if cloud and ":" not in found.get_secret_value():
        fix = f"Write the account's address before it: {setting}=bot@acme.example:ATATT..."
        return broken(name, f"{setting} names no account", fix)
    return good(name, "set")


def secret(settings: Settings) -> Check:
    name, path = "Jira webhook secret", f"/hooks/jira/{settings.jira_install}"
    if settings.jira_webhook_secret is None:
        fix = "Set it here and in the webhook's settings; until then new tickets are found by looking only."
        return warning(name, "JIRA_WEBHOOK_SECRET is not set: webhooks are refused", fix)
    return good(name, f"set; the webhook's address ends in {path}, events: issues, comments created")


async def online(settings: Settings) -> list[Check]:
    """What each account may do in each project that the settings name in full."""
    if not settings.jira_url:
        return []
    tokens = {"read": settings.jira_read_token, "write": settings.jira_write_token}
    named = [one for one in settings.jira_projects if not _WILD.search(one)]
    return [await _may(settings, use, found, one) for one in named for use, found in tokens.items()]


async def _may(settings: Settings, use: str, found: Secret, project: str) -> Check:
    name = f"Jira {use} token for {project}"
    if found is None:
        return broken(name, "not set", f"Set JIRA_{use.upper()}_TOKEN.")
    try:
        held = await _held(settings, found, project)
    except TrackerRefused as error:
        return broken(name, str(error), "Make a new token, and paste it whole, with its account.")
    except TicketGone as error:
        return broken(name, str(error), "Give the account access to the project, or correct JIRA_PROJECTS.")
    except TrackerError as error:
        return broken(name, str(error), "Check the network, JIRA_URL and JIRA_FLAVOUR.")
    return _judged(name, use, held)


def _judged(name: str, use: str, held: frozenset[str]) -> Check:
    lacking = [one for one in _NEEDED[use] if one not in held]
    if lacking:
        return broken(name, f"may not: {', '.join(lacking)}", "Give the account's role these permissions there.")
    if use == "read" and _EDITS in held:
        fix = "Use an account that may only browse, so that the agent cannot write even if it is taken over."
        return warning(name, "the account may edit issues as well", fix)
    return good(name, "may do its part in the project")


async def _held(settings: Settings, found: SecretStr, project: str) -> frozenset[str]:
    site = JiraAdapter(settings).site
    asked = {"projectKey": project, "permissions": ",".join(_NEEDED["write"])}
    async with open_http(site.api, allowed=settings.strata_private_networks) as http:
        transport = jira_transport(http, site, StaticToken(found))
        answer = await transport.get("/mypermissions", asked)
    return frozenset(one for one, said in answer.read(_PERMISSIONS).permissions.items() if said.havePermission)
