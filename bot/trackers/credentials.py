"""Who we are to a tracker: nobody, or whoever a token was made for. The token is never in a repr, a log or an error."""

from __future__ import annotations

import base64
from enum import StrEnum

from pydantic import SecretStr


class Access(StrEnum):
    """What a credential is for; never both."""

    READ = "read"
    WRITE = "write"


class Anonymous:
    """Nobody: enough to read a public issue, a few dozen times an hour."""

    async def token(self) -> None:
        return None

    def forget(self) -> None:
        """There is none."""


class StaticToken:
    """A personal or fine-grained token; what it may do was decided where it was made."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    async def token(self) -> SecretStr:
        return self._token

    def forget(self) -> None:
        """There is no other one."""

    def __repr__(self) -> str:
        return "StaticToken(**********)"


def authorization(token: SecretStr) -> str:
    """As Jira and Zendesk take it: `account:token` as Basic (RFC 7617), a token alone as Bearer (RFC 6750)."""
    secret = token.get_secret_value()
    if ":" not in secret:
        return f"Bearer {secret}"
    return f"Basic {base64.b64encode(secret.encode('ascii')).decode('ascii')}"
