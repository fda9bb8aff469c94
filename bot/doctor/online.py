"""Checks that ask Slack, the trackers and the model service: are the tokens good, may the bot do its part there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import ClientError
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor import jira, linear, zendesk
from bot.doctor.asking import ask
from bot.doctor.finding import Check, broken, good, warning
from bot.doctor.model_online import models
from bot.settings import Secret, Settings
from bot.slack.desk import FIXES, open_client
from bot.slack.replies import parse_channel
from bot.slack.scopes import bot_scopes
from graphs.errors import StrataError


async def online(settings: Settings) -> list[Check]:
    """Asks each service once; a service that cannot be reached is a finding, never an exception."""
    found: list[Check] = []
    if settings.slack_bot_token:
        client = open_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        found += [await _slack(lambda: _scopes(client)), await _slack(lambda: _channel(client, settings.slack_channel))]
    for project in settings.gitlab_projects:
        if "*" not in project:
            found.append(await _gitlab(settings, "read", settings.gitlab_read_token, project))
            found.append(await _gitlab(settings, "write", settings.gitlab_write_token, project))
    if not settings.github_app_id:
        for repository in settings.github_repositories:
            if "*" not in repository:
                found.append(await _github(settings, "read", settings.github_read_token, repository))
                found.append(await _github(settings, "write", settings.github_write_token, repository))
    others = [*await linear.online(settings), *await jira.online(settings), *await zendesk.online(settings)]
    return [*found, *others, *await models(settings)]


async def _slack(ask: Callable[[], Awaitable[Check]]) -> Check:
    try:
        return await ask()
    except (SlackClientError, ClientError, StrataError, OSError, TimeoutError, UnicodeDecodeError) as error:
        response = getattr(error, "response", None)
        code = str(response.get("error", "")) if response is not None and hasattr(response, "get") else ""
        finding = f"Slack says {code}" if code else f"Slack cannot be reached ({type(error).__name__})"
        return broken("Slack", finding, FIXES.get(code, "Check the token and the network."))


async def _scopes(client: AsyncWebClient) -> Check:
    answer = await client.auth_test()
    granted = {one.strip() for one in answer.headers.get("x-oauth-scopes", "").split(",")}
    missing = sorted(set(bot_scopes()) - granted)
    if missing:
        fix = "Update the app with `strata manifest` and install it again."
        return broken("Slack scopes", f"missing: {', '.join(missing)}", fix)
    return good("Slack scopes", "all granted")


async def _channel(client: AsyncWebClient, channel: str) -> Check:
    facts = parse_channel((await client.conversations_info(channel=channel)).data)
    if facts.is_archived:
        return broken("Slack channel", f"{channel} is archived", "Choose another one in SLACK_CHANNEL.")
    if not facts.is_member:
        return broken("Slack channel", f"the bot is not in {channel}", "Invite it there: /invite @strata")
    if facts.is_shared_outside:
        fix = "Use a channel of your own, unless outsiders may read what tickets say."
        return warning("Slack channel", f"{channel} is shared with another company", fix)
    return good("Slack channel", f"the bot is in {channel}")


async def _github(settings: Settings, use: str, token: Secret, repository: str) -> Check:
    name = f"GitHub {use} token for {repository}"
    if token is None:
        return broken(name, "not set", f"Set GITHUB_{use.upper()}_TOKEN.")
    headers = {"Authorization": f"Bearer {token.get_secret_value()}", "Accept": "application/vnd.github+json"}
    url = f"{settings.github_api_url.rstrip('/')}/repos/{repository}/labels?per_page=1"
    fix = f"Give the token access to this repository with Issues: {use}."
    return await ask(settings, name, "GitHub", "GITHUB_API_URL", url, headers, fix)


async def _gitlab(settings: Settings, use: str, token: Secret, project: str) -> Check:
    name = f"GitLab {use} token for {project}"
    if token is None:
        return broken(name, "not set", f"Set GITLAB_{use.upper()}_TOKEN.")
    headers = {"PRIVATE-TOKEN": token.get_secret_value()}
    url = f"{settings.gitlab_url}/api/v4/projects/{quote(project, safe='')}/labels?per_page=1"
    scope = "read_api" if use == "read" else "api"
    fix = f"Make the token in this project with the role Reporter and the scope {scope}."
    return await ask(settings, name, "GitLab", "GITLAB_URL", url, headers, fix)
