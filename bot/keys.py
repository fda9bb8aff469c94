"""The secret that seals cards and comment markers: from the settings, or made once and kept in the data folder."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from bot.settings import BadSetting

KEY_BYTES = 32
MIN_LENGTH = 16
FILE = "secret.key"


class BadKey(BadSetting):
    """The secret cannot be used; the text says how to mend it."""


def root_key(configured: SecretStr | None, folder: Path) -> bytes:
    """The configured secret, or the one in `folder`, which is made at the first start. Raises `BadKey`."""
    if configured is not None:
        if len(configured.get_secret_value()) < MIN_LENGTH:
            raise BadKey(f"STRATA_SECRET must have at least {MIN_LENGTH} characters")
        return configured.get_secret_value().encode()
    path = folder / FILE
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise BadKey(
            f"{path} cannot be used ({error.strerror}): set STRATA_DIRECTORY to a folder of your own"
        ) from None
    if len(key) < MIN_LENGTH:
        raise BadKey(f"{path} is damaged: restore it, or delete it (open cards then have to be made anew)")
    return key


def _make(path: Path) -> None:
    """Whole or not at all: of two processes that start at once, the second one reads what the first one made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(KEY_BYTES).encode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # another process was quicker: its key is the key
    finally:
        draft.unlink()


def derived(root: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose: HMAC-SHA256(root, purpose)."""
    return hmac.new(root, purpose.encode(), hashlib.sha256).digest()
