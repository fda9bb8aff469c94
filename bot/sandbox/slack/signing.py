"""The signature Slack puts on every request it sends to an app: v0 HMAC-SHA256 over "v0:timestamp:raw body"."""

from __future__ import annotations

import hashlib
import hmac


def signature(secret: str, timestamp: str, body: bytes) -> str:
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(secret: str, timestamp: str, body: bytes) -> dict[str, str]:
    return {
        "X-Slack-Signature": signature(secret, timestamp, body),
        "X-Slack-Request-Timestamp": timestamp,
    }
