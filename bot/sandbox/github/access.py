"""Who may do what: tokens, their permissions, the repositories they reach.

Owns the decision for each request. Must not know routes; `api` asks. What GitHub hides it answers with 404, what a
token may see but not do with 403.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from bot.sandbox.github.answers import bad_credentials, needs_authentication, not_accessible, not_found
from bot.sandbox.github.model import Repository


class Role(IntEnum):
    """What the person behind a token is in the repository; each may do what the ones before may."""

    READ = 1
    """File issues, comment, change one's own."""
    TRIAGE = 2
    """Also labels, assignees, closing other people's issues."""
    PUSH = 3
    """Also make labels."""


@dataclass(frozen=True, slots=True)
class Token:
    """Deny by default: reads public repositories only, unless told more."""

    login: str
    is_app: bool = False
    issues: Literal["none", "read", "write"] = "read"
    repos: Sequence[str] = ()
    """Full names (`owner/name`) of the repositories it was given for."""
    role: Role = Role.PUSH
    """An app's installation token counts as PUSH where it has `issues: write`."""
    hooks: bool = False
    """May see and resend webhook deliveries."""
    expires_at: float | None = None

    def covers(self, repo: str) -> bool:
        return repo.lower() in {one.lower() for one in self.repos}


NOBODY = Token(login="", issues="none", role=Role.READ)
"""A request without credentials: it sees public repositories."""


class Tokens:
    """The secrets that were handed out. They are made at run time and never shown in a repr."""

    def __init__(self) -> None:
        self._known: dict[str, Token] = {}

    def grant(self, token: Token) -> str:
        """Returns the secret to put into `Authorization: Bearer ...`."""
        prefix = "ghs_" if token.is_app else "github_pat_"
        secret = prefix + secrets.token_hex(20)
        self._known[secret] = token
        return secret

    def revoke(self, secret: str) -> None:
        self._known.pop(secret, None)

    def expire_all(self) -> None:
        """All tokens are bad from now on, as after their hour or a revocation."""
        self._known.clear()

    def of(self, authorization: str | None, now: float) -> Token:
        if authorization is None:
            return NOBODY
        scheme, _, secret = authorization.partition(" ")
        token = self._known.get(secret.strip()) if scheme.lower() in {"bearer", "token"} else None
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            raise bad_credentials()
        return token


def may_see(token: Token, repo: Repository) -> None:
    if repo.private and not (token.covers(repo.full_name) and token.issues != "none"):
        raise not_found()


def may_take_part(token: Token, repo: Repository) -> None:
    """File an issue, comment."""
    may_see(token, repo)
    if token is NOBODY:
        raise needs_authentication()
    if not (token.covers(repo.full_name) and token.issues == "write"):
        raise not_accessible(is_app=token.is_app)


def can_triage(token: Token, repo: Repository) -> bool:
    return token.covers(repo.full_name) and token.issues == "write" and token.role >= Role.TRIAGE


def can_push(token: Token, repo: Repository) -> bool:
    return can_triage(token, repo) and token.role >= Role.PUSH


def may_triage(token: Token, repo: Repository) -> None:
    """Label, assign, change somebody else's issue."""
    may_take_part(token, repo)
    if not can_triage(token, repo):
        raise not_accessible(is_app=token.is_app)


def may_push(token: Token, repo: Repository) -> None:
    """Make a label."""
    may_take_part(token, repo)
    if not can_push(token, repo):
        raise not_accessible(is_app=token.is_app)


def may_see_hooks(token: Token, repo: Repository) -> None:
    may_see(token, repo)
    if not (token.hooks and token.covers(repo.full_name)):
        raise not_found()
