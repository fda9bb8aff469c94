"""Who we are to GitHub: a token somebody made, or short tokens of a GitHub App.

Owns secrets at rest in memory: they are `SecretStr`, never in a repr, a log or an error. An app's token is narrowed to
what its holder needs, so the reading half cannot write even if it is taken over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AwareDatetime, JsonValue, SecretStr, TypeAdapter

from bot.trackers.answers import Answer
from bot.trackers.credentials import Access
from bot.trackers.github.deliveries import FromGitHub
from bot.trackers.transport import Transport
from graphs.errors import StrataError, TicketGone, TrackerRefused, TrackerRejected

_CLOCK_SLACK_S = 60
_JWT_LIFE_S = 540
"""GitHub refuses more than ten minutes; one is kept for clocks that disagree."""
_RENEW_BEFORE_S = 60


class BadKey(StrataError):
    """The private key of the app cannot be used."""


class AppIdentity:
    """The app itself, by a signed statement that is good for minutes. It can only ask for installation tokens."""

    def __init__(self, app_id: str, private_key: SecretStr, wall: Callable[[], float] = time.time) -> None:
        self._app_id = app_id
        self._key = _rsa_key(private_key)
        self._wall = wall

    async def token(self) -> SecretStr:
        now = int(self._wall())
        claims = {"iat": now - _CLOCK_SLACK_S, "exp": now + _JWT_LIFE_S, "iss": self._app_id}
        return SecretStr(jwt.encode(claims, self._key, algorithm="RS256"))

    def forget(self) -> None:
        """Each statement is made anew anyway."""

    def __repr__(self) -> str:
        return f"AppIdentity(app_id={self._app_id!r}, private_key=**********)"


class AppToken:
    """A token of one installation, narrowed to `access`, kept until a minute before it ends."""

    def __init__(
        self, app: Transport, installation_id: int, access: Access, wall: Callable[[], float] = time.time
    ) -> None:
        """`app` must carry an `AppIdentity`."""
        self._app = app
        self._installation = installation_id
        self._access = access
        self._wall = wall
        self._kept: _Minted | None = None
        self._minting = asyncio.Lock()

    async def token(self) -> SecretStr:
        async with self._minting:
            if self._kept is None or self._kept.ends_at - _RENEW_BEFORE_S <= self._wall():
                self._kept = await self._mint()
            return self._kept.token

    def forget(self) -> None:
        self._kept = None

    async def _mint(self) -> _Minted:
        path = f"/app/installations/{self._installation}/access_tokens"
        wanted: JsonValue = {"permissions": dict(permissions(self._access))}
        try:
            answer = await self._app.write("POST", path, wanted)
        except (TicketGone, TrackerRejected) as error:
            raise TrackerRefused(f"the app's installation {self._installation} gives no token: {error}") from error
        return self._checked(answer)

    def _checked(self, answer: Answer) -> _Minted:
        minted = answer.read(_MINTED)
        if minted.permissions != permissions(self._access):
            raise TrackerRefused(f"GitHub gave a token with other rights than {permissions(self._access)}")
        return minted

    def __repr__(self) -> str:
        return f"AppToken(installation_id={self._installation}, access={self._access.value})"


class _Minted(FromGitHub):
    token: SecretStr
    expires_at: AwareDatetime
    permissions: dict[str, str]

    @property
    def ends_at(self) -> float:
        return self.expires_at.timestamp()


_MINTED = TypeAdapter(_Minted)


def permissions(access: Access) -> dict[str, str]:
    """What a token is narrowed to."""
    return {"issues": access.value, "metadata": "read"}


def _rsa_key(pem: SecretStr) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.get_secret_value().encode(), password=None)
    except (ValueError, TypeError):
        # Without the cause: parsers like to quote what they were given.
        raise BadKey("the app's private key is not an unencrypted PEM file as GitHub hands it out") from None
    if not isinstance(key, RSAPrivateKey):
        raise BadKey("the app's private key is not an RSA key")
    return key
