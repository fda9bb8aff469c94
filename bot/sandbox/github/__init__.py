"""A local GitHub that speaks the issues part of the REST API and sends signed webhooks, on loopback only.

For the demo, the tests and the load benchmark; it stands alone and imports nothing of the bot.

    async with LocalGitHub() as github:
        repo = demo_repository(github)
        token = github.grant(Token("strata[bot]", is_app=True, issues="write", repos=[repo]))
        github.add_hook(repo, "http://127.0.0.1:8080/hooks/github/main", secret)
        number = await github.file(repo, "reporter-1", "Search is empty", "since this morning")

`local` is the object to hold, `api` the routes, `acts` what can happen, `faults` and `webhook_faults` what can go
wrong, `journal` what the bot did.

Where it differs from github.com, on purpose or to stay small: a locked issue takes no comment from any token
(there, people with write access may); unknown labels are refused unless `label_policy="create"`; a token carries its
own role instead of an organisation's teams; deliveries of one issue keep their order; delivery lists are paged by
number; the hourly budget is counted per login; no pull requests, milestones, issue types, projects, reactions,
search or GraphQL; `html_url` leads to a plain page of this server.
"""

from bot.sandbox.github.access import Role, Token
from bot.sandbox.github.faults import Faults
from bot.sandbox.github.journal import Call, Effect
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.model import Comment, Happening, Issue, LabelPolicy, UnknownAssignee
from bot.sandbox.github.seed import REPOSITORY, demo_repository
from bot.sandbox.github.webhook_faults import WebhookScript
from bot.sandbox.github.webhooks import Delivery, Hook

__all__ = [
    "REPOSITORY",
    "Call",
    "Comment",
    "Delivery",
    "Effect",
    "Faults",
    "Happening",
    "Hook",
    "Issue",
    "LabelPolicy",
    "LocalGitHub",
    "Role",
    "Token",
    "UnknownAssignee",
    "WebhookScript",
    "demo_repository",
]
