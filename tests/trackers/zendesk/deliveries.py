"""Zendesk's events as it documents them. Constructed: none of these was recorded from a real account."""

from __future__ import annotations

import base64
import hashlib
import hmac

from pydantic import JsonValue

from graphs.model import InstallId, TicketRef, TrackerName

INSTALL = InstallId("main")
SECRET, PLACE, AT = "a hook secret", "acme.zendesk.com", "2026-01-01T00:00:00Z"
REF = TicketRef(tracker=TrackerName.ZENDESK, install=INSTALL, project=PLACE, number="23")

Payload = dict[str, JsonValue]


def signed(body: bytes, secret: str = SECRET, at: str = AT) -> dict[str, str]:
    """An independent reading of Zendesk's page on verifying webhooks."""
    mac = hmac.new(secret.encode(), at.encode() + body, hashlib.sha256).digest()
    return {
        "x-zendesk-webhook-signature": base64.b64encode(mac).decode(),
        "x-zendesk-webhook-signature-timestamp": at,
    }


def headers(name: str = "0a1b2c") -> dict[str, str]:
    return {"x-zendesk-webhook-invocation-id": name, "content-type": "application/json; charset=utf-8"}


def event(kind: str, happened: JsonValue = None, **detail: JsonValue) -> Payload:
    return {
        "type": f"zen:event-type:{kind}",
        "account_id": 22129848,
        "id": "2b24ef10-19be-499f-af7e-c1ea3c8e3b4e",
        "subject": "zen:ticket:23",
        "time": AT,
        "detail": {"id": "23", "actor_id": "7", "subject": "Answers are cut off", **detail},
        "event": happened or {},
    }
