"""Which path is which feature: the API's table of contents."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.github.answers import Answer
from bot.sandbox.github.api import app_tokens, assignees, comments, history, hooks, issues, labels, repositories
from bot.sandbox.github.call import Call

Handler = Callable[[Call], Answer]

_REPO = "/repos/{owner}/{repo}"
_ISSUE = _REPO + "/issues/{number}"
_COMMENT = _REPO + "/issues/comments/{comment}"
_HOOK = _REPO + "/hooks/{hook}"
_DELIVERY = _HOOK + "/deliveries/{delivery}"

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/user", repositories.user),
    ("GET", "/rate_limit", repositories.rate_limit),
    ("GET", "/app", app_tokens.app),
    ("POST", "/app/installations/{installation}/access_tokens", app_tokens.mint),
    ("GET", _REPO, repositories.read),
    ("GET", _REPO + "/installation", app_tokens.installation_of_repository),
    ("GET", _REPO + "/labels", labels.list_labels),
    ("POST", _REPO + "/labels", labels.create),
    ("GET", _REPO + "/labels/{name:path}", labels.read),
    ("GET", _REPO + "/assignees", assignees.list_assignable),
    ("GET", _REPO + "/assignees/{login}", assignees.can_be_assigned),
    ("GET", _REPO + "/hooks", hooks.list_hooks),
    ("GET", _HOOK + "/deliveries", hooks.deliveries),
    ("GET", _DELIVERY, hooks.delivery),
    ("POST", _DELIVERY + "/attempts", hooks.redeliver),
    ("GET", _REPO + "/issues", issues.list_issues),
    ("POST", _REPO + "/issues", issues.file),
    ("GET", _COMMENT, comments.read),
    ("PATCH", _COMMENT, comments.change),
    ("DELETE", _COMMENT, comments.remove),
    ("GET", _ISSUE, issues.read),
    ("PATCH", _ISSUE, issues.change),
    ("GET", _ISSUE + "/labels", labels.list_on_issue),
    ("POST", _ISSUE + "/labels", labels.add),
    ("PUT", _ISSUE + "/labels", labels.replace_all),
    ("DELETE", _ISSUE + "/labels/{name:path}", labels.remove),
    ("POST", _ISSUE + "/assignees", assignees.add),
    ("DELETE", _ISSUE + "/assignees", assignees.remove),
    ("GET", _ISSUE + "/comments", comments.list_on_issue),
    ("POST", _ISSUE + "/comments", comments.add),
    ("GET", _ISSUE + "/events", history.events),
    ("GET", _ISSUE + "/timeline", history.timeline),
)
