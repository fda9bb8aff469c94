"""Repositories, the token's own account, rate limit."""

from __future__ import annotations

from bot.sandbox.github.access import can_push, can_triage
from bot.sandbox.github.answers import Answer, not_accessible
from bot.sandbox.github.call import Call, signed_in
from bot.sandbox.github.model import Json, iso


def read(call: Call) -> Answer:
    repo = call.repo()
    push = can_push(call.token, repo)
    rights = {"admin": False, "maintain": False, "push": push, "triage": can_triage(call.token, repo), "pull": True}
    return Answer(200, call.shapes.repository(repo) | {"permissions": rights})


def user(call: Call) -> Answer:
    """Whose personal token it is. An app's token has no user: 403, as on github.com."""
    token = signed_in(call)
    if token.is_app:
        raise not_accessible(is_app=True)
    at = iso(call.world.clock())
    more: Json = {"name": token.login, "company": None, "blog": None, "location": None, "email": None}
    more |= {"hireable": None, "bio": None, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0}
    return Answer(200, call.shapes.user(token.login) | more | {"created_at": at, "updated_at": at})


def rate_limit(call: Call) -> Answer:
    """Costs nothing."""
    shown = call.parts.limits.headers(call.token.login)
    core = {name: int(shown[f"x-ratelimit-{name}"]) for name in ("limit", "used", "remaining", "reset")}
    return Answer(200, {"resources": {"core": core, "search": core}, "rate": core})
