"""GitHub Apps: a seeded public key, an installation, and short-lived tokens narrowed to what was asked for.

Owns checking the app's JWT (RS256, issuer, expiry at most ten minutes ahead). Private keys never come here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import jwt

from bot.sandbox.github.access import Role, Token
from bot.sandbox.github.answers import Refused, not_found

MAX_AHEAD_S = 600
TOKEN_LIVES_S = 3600
Level = Literal["none", "read", "write"]
STRENGTH: dict[str, int] = {"none": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class Installation:
    id: int
    app_id: int
    slug: str
    public_key_pem: str = field(repr=False)
    repos: tuple[str, ...]
    permissions: Mapping[str, str]
    client_id: str

    @property
    def login(self) -> str:
        return f"{self.slug}[bot]"


@dataclass
class Apps:
    clock: Callable[[], float]
    _installed: dict[int, Installation] = field(default_factory=dict)

    def install(self, installation: Installation) -> None:
        self._installed[installation.id] = installation

    def covering(self, repo: str) -> Installation | None:
        return next((one for one in self._installed.values() if repo in one.repos), None)

    def by_jwt(self, authorization: str | None) -> Installation:
        """The installation of the app that signed. 401 in GitHub's words when it did not."""
        _, _, token = (authorization or "").partition(" ")
        refusal = Refused(401, "A JSON web token could not be decoded")
        for one in self._installed.values():
            try:
                claims = jwt.decode(
                    token,
                    one.public_key_pem,
                    algorithms=["RS256"],
                    options={"require": ["exp", "iat", "iss"], "verify_exp": False, "verify_iat": False},
                )
            except jwt.InvalidTokenError:
                continue
            self._check(claims, one)
            return one
        raise refusal

    def _check(self, claims: Mapping[str, object], installation: Installation) -> None:
        now = self.clock()
        if str(claims["iss"]) not in {str(installation.app_id), installation.client_id}:
            raise Refused(401, "Integration not found")
        expires, issued = claims["exp"], claims["iat"]
        if not isinstance(expires, int | float) or expires <= now:
            raise Refused(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time")
        if expires > now + MAX_AHEAD_S:
            raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
        if not isinstance(issued, int | float) or issued > now:
            raise Refused(401, "'Issued at' claim ('iat') must be an Integer representing the assertion time")

    def narrowed(
        self,
        installation: Installation,
        repositories: Sequence[str] | None,
        permissions: Mapping[str, str] | None,
    ) -> tuple[Token, dict[str, str], tuple[str, ...]]:
        """The token asked for, its permissions and its repositories; 422 for more than was installed."""
        repos = installation.repos if repositories is None else _subset(installation, repositories)
        granted = dict(installation.permissions if permissions is None else permissions)
        for name, level in granted.items():
            if STRENGTH.get(level, 9) > STRENGTH[installation.permissions.get(name, "none")]:
                raise Refused(422, "The permissions requested are not granted to this installation.")
        granted.setdefault("metadata", "read")
        token = Token(
            login=installation.login,
            is_app=True,
            issues=_level(granted.get("issues", "none")),
            repos=repos,
            role=Role.PUSH,
            expires_at=self.clock() + TOKEN_LIVES_S,
        )
        return token, granted, repos

    def find(self, installation_id: int, signer: Installation) -> Installation:
        found = self._installed.get(installation_id)
        if found is None or found.app_id != signer.app_id:
            raise not_found()
        return found


def _level(text: str) -> Level:
    match text:
        case "write":
            return "write"
        case "read":
            return "read"
        case _:
            return "none"


def _subset(installation: Installation, names: Sequence[str]) -> tuple[str, ...]:
    """Repositories are asked for by their bare names."""
    by_name = {full.split("/", 1)[1].lower(): full for full in installation.repos}
    missing = [name for name in names if name.lower() not in by_name]
    if missing or not names:
        message = (
            "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
        raise Refused(422, message)
    return tuple(by_name[name.lower()] for name in names)
