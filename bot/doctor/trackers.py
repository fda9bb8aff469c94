"""Checks of the trackers' settings, without a network. One that has no projects is not set up, and is passed over.

Where none is set up, GitHub is asked for, because most people start with it.
"""

from __future__ import annotations

import re

from bot.doctor import jira, linear, zendesk
from bot.doctor.finding import Check, broken, good, warning
from bot.settings import Secret, Settings
from bot.trackers.github.capabilities import GITHUB
from bot.trackers.gitlab.capabilities import GITLAB
from bot.trackers.gitlab.names import is_project
from bot.trackers.linear.capabilities import LINEAR
from bot.trackers.zendesk.capabilities import ZENDESK

_REPOSITORY = re.compile(r"[A-Za-z0-9_.*?-]+/[A-Za-z0-9_.*?-]+")
_WILD = re.compile(r"[*?]")


def uses_gitlab(settings: Settings) -> bool:
    return bool(settings.gitlab_projects)


def uses_github(settings: Settings) -> bool:
    others = (uses_gitlab, linear.uses, jira.uses, zendesk.uses)
    return bool(settings.github_repositories) or not any(one(settings) for one in others)


def projects(settings: Settings) -> list[Check]:
    return [
        *([_github_repositories(settings)] if uses_github(settings) else []),
        *([_gitlab_projects(settings)] if uses_gitlab(settings) else []),
        *([linear.teams(settings)] if linear.uses(settings) else []),
        *([jira.projects(settings)] if jira.uses(settings) else []),
        *([zendesk.account(settings)] if zendesk.uses(settings) else []),
        *_names(settings),
    ]


def read_credentials(settings: Settings) -> list[Check]:
    gitlab = _gitlab_token("read", "read_api", settings.gitlab_read_token)
    return [
        *([_read_credential(settings)] if uses_github(settings) else []),
        *([gitlab] if uses_gitlab(settings) else []),
        *([linear.key("read", settings.linear_read_token)] if linear.uses(settings) else []),
        *([jira.token(settings, "read", settings.jira_read_token)] if jira.uses(settings) else []),
        *([zendesk.token("read", settings.zendesk_read_token)] if zendesk.uses(settings) else []),
    ]


def write_credentials(settings: Settings) -> list[Check]:
    gitlab = _gitlab_token("write", "api", settings.gitlab_write_token)
    return [
        *([write_credential(settings)] if uses_github(settings) else []),
        *([gitlab] if uses_gitlab(settings) else []),
        *([linear.key("write", settings.linear_write_token)] if linear.uses(settings) else []),
        *([jira.token(settings, "write", settings.jira_write_token)] if jira.uses(settings) else []),
        *([zendesk.token("write", settings.zendesk_write_token)] if zendesk.uses(settings) else []),
    ]


def webhook_secrets(settings: Settings) -> list[Check]:
    return [
        *([_webhook_secret(settings)] if uses_github(settings) else []),
        *([_gitlab_secret(settings)] if uses_gitlab(settings) else []),
        *([linear.secret(settings)] if linear.uses(settings) else []),
        *([jira.secret(settings)] if jira.uses(settings) else []),
        *([zendesk.secret(settings)] if zendesk.uses(settings) else []),
    ]


def limits(settings: Settings) -> list[Check]:
    """What each tracker cannot do, so that nobody waits for it."""
    used = [
        *([GITHUB] if uses_github(settings) else []),
        *([GITLAB] if uses_gitlab(settings) else []),
        *([LINEAR] if linear.uses(settings) else []),
        *([jira.capabilities(settings)] if jira.uses(settings) else []),
        *([ZENDESK] if zendesk.uses(settings) else []),
    ]
    return [good(f"Limits of {one.title}", "; ".join(sorted(it.words for it in one.cannot))) for one in used]


def tokens_apart(settings: Settings) -> list[Check]:
    """The agent's token must not be the executor's."""
    github = _apart("GITHUB", settings.github_read_token, settings.github_write_token)
    gitlab = _apart("GITLAB", settings.gitlab_read_token, settings.gitlab_write_token)
    lin = _apart("LINEAR", settings.linear_read_token, settings.linear_write_token)
    atlassian = _apart("JIRA", settings.jira_read_token, settings.jira_write_token)
    support = _apart("ZENDESK", settings.zendesk_read_token, settings.zendesk_write_token)
    return [
        *([github] if uses_github(settings) else []),
        *([gitlab] if uses_gitlab(settings) else []),
        *([lin] if linear.uses(settings) else []),
        *([atlassian] if jira.uses(settings) else []),
        *([support] if zendesk.uses(settings) else []),
    ]


def _github_repositories(settings: Settings) -> Check:
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


def _gitlab_projects(settings: Settings) -> Check:
    name = "GitLab projects"
    wrong = [one for one in settings.gitlab_projects if not is_project(_WILD.sub("x", one))]
    if wrong:
        return broken(name, f"{wrong[0]!r} is not group/project", "Write acme/assistant, acme/team/search or acme/*.")
    return good(name, ", ".join(settings.gitlab_projects))


def _names(settings: Settings) -> list[Check]:
    """Of the trackers in use, where there are several."""
    used = {
        **({"GITHUB": settings.github_install} if uses_github(settings) else {}),
        **({"GITLAB": settings.gitlab_install} if uses_gitlab(settings) else {}),
        **({"LINEAR": settings.linear_install} if linear.uses(settings) else {}),
        **({"JIRA": settings.jira_install} if jira.uses(settings) else {}),
        **({"ZENDESK": settings.zendesk_install} if zendesk.uses(settings) else {}),
    }
    if len(used) == 1:
        return []
    name, names = "Names of the trackers", [*used.values()]
    alike = [f"{prefix}_INSTALL" for prefix, install in used.items() if names.count(install) > 1]
    if alike:
        fix = "Give each a name of its own: it is part of the webhook's address and of every ticket's key."
        return [broken(name, f"{' and '.join(alike)} are the same", fix)]
    return [good(name, ", ".join(names))]


def _gitlab_token(use: str, scope: str, token: Secret) -> Check:
    name = f"GitLab {use} token"
    if token is None:
        fix = f"Make a project access token with the role Reporter and the scope {scope}."
        return broken(name, f"GITLAB_{use.upper()}_TOKEN is not set", fix)
    return good(name, "set")


def _gitlab_secret(settings: Settings) -> Check:
    name, path = "GitLab webhook secret", f"/hooks/gitlab/{settings.gitlab_install}"
    if settings.gitlab_webhook_signing_token is not None:
        return good(name, f"deliveries are signed; the webhook's address ends in {path}, events: issues, comments")
    if settings.gitlab_webhook_secret is None:
        fix = "Set it here and in the webhook's settings; until then lost and new tickets are found by reading only."
        return warning(name, "neither GITLAB_WEBHOOK_SIGNING_TOKEN nor GITLAB_WEBHOOK_SECRET is set", fix)
    fix = "Where your GitLab offers a signing token for webhooks, use it: a secret token proves nothing about the body."
    return warning(name, f"only a secret token is set; the webhook's address ends in {path}", fix)


def _apart(prefix: str, read: Secret, write: Secret) -> Check:
    name = "Reading and writing apart"
    if read and write and read.get_secret_value() == write.get_secret_value():
        fix = "Make a second token that can only read, so that the agent cannot write even if it is taken over."
        return warning(name, f"{prefix}_READ_TOKEN and {prefix}_WRITE_TOKEN are the same token", fix)
    return good(name, "two credentials" if read and write else "nothing is shared")
