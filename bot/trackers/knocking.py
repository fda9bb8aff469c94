"""What the webhook doors of several vendors have in common: a signature of the form `sha256=<hex>`, and complaints.

Pure. Any doubt in the check is `NotAuthentic`; nothing else is raised.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

from pydantic import ValidationError

from bot.events import NotAuthentic

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")


def check_hex_signature(header: str, found: str, body: bytes, secrets: Sequence[str]) -> None:
    """HMAC-SHA256 over the raw body, as WebSub (W3C, 2018, section 8) describes it. Raises `NotAuthentic`."""
    claim = _SIGNATURE.fullmatch(found)
    if claim is None:
        raise NotAuthentic(f"no {header} header of the right form")
    claimed = claim[1].encode("ascii")
    # Every secret is tried even after a match, so that timing does not tell which one is in use.
    matches = [hmac.compare_digest(_mac(secret, body), claimed) for secret in secrets if secret]
    if not any(matches):
        raise NotAuthentic("the signature matches no secret")


def complaint(error: ValidationError, vendor: str) -> str:
    """Where it went wrong and how; never what was there."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "the body"
    return f"{place} is not what {vendor} sends ({first['type']})"


def _mac(secret: str, body: bytes) -> bytes:
    try:
        return hmac.digest(secret.encode("utf-8", "surrogateescape"), body, "sha256").hex().encode("ascii")
    except UnicodeEncodeError:
        raise NotAuthentic("a configured webhook secret is not valid text") from None
