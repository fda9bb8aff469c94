"""The secret that seals cards and comment markers: from the settings, or made once and kept in the data folder."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from graphs.errors import StrataError

KEY_BYTES = 32
MIN_LENGTH = 16
FILE = "secret.key"


class BadKey(StrataError):
    """The secret cannot be used; the text says how to mend it."""


def root_key(configured: SecretStr | None, folder: Path) -> bytes:
    """The configured secret, or the one in `folder`, which is made at the first start. Raises `BadKey`."""
    if configured is not None:
        if len(configured.get_secret_value()) < MIN_LENGTH:
            raise BadKey(f"STRATA_SECRET must have at least {MIN_LENGTH} characters")
        return configured.get_secret_value().encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(KEY_BYTES).encode())
    key = path.read_bytes()
    if len(key) < MIN_LENGTH:
        raise BadKey(f"{path} is damaged: restore it, or delete it (open cards then have to be made anew)")
    return key


def derived(root: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose: HMAC-SHA256(root, purpose)."""
    return hmac.new(root, purpose.encode(), hashlib.sha256).digest()
