"""Linear's deliveries after its published types. Constructed: none of these was recorded from the real service."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from pydantic import JsonValue

from graphs.model import InstallId, TicketRef, TrackerName

INSTALL = InstallId("main")
SECRET = "lin_wh_a-signing-secret"
REF = TicketRef(tracker=TrackerName.LINEAR, install=INSTALL, project="ENG", number="23")
SENT_AT = 1_767_225_600_000
BUG, DOCS, PERSON = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")

Payload = dict[str, JsonValue]


def signature(body: bytes, secret: str = SECRET) -> str:
    """An independent reading of what Linear documents."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(body: bytes = b"", secret: str = SECRET, event: str = "Issue") -> dict[str, str]:
    return {
        "content-type": "application/json; charset=utf-8",
        "linear-delivery": "234d1a4e-b617-4388-90fe-adc3633d6b72",
        "linear-event": event,
        "linear-signature": signature(body, secret),
    }


def account(login: str = "on-duty") -> Payload:
    return {"id": PERSON, "name": "On Duty", "type": "user", "url": f"https://linear.app/acme/profiles/{login}"}


def issue(action: str, before: Mapping[str, JsonValue] | None = None, **data: JsonValue) -> Payload:
    shown: Payload = {
        "id": "44444444-0000-4000-8000-000000000000",
        "identifier": "ENG-23",
        "number": 23,
        "title": "Answers are cut off",
        "description": None,
        "teamId": "55555555-0000-4000-8000-000000000000",
        "state": {"id": "66666666-0000-4000-8000-000000000000", "name": "Todo", "type": "unstarted"},
        "labels": [],
        "labelIds": [],
    }
    whole: Payload = {
        "action": action,
        "type": "Issue",
        "actor": account(),
        "data": {**shown, **data},
        "organizationId": "77777777-0000-4000-8000-000000000000",
        "webhookId": "88888888-0000-4000-8000-000000000000",
        "webhookTimestamp": SENT_AT,
    }
    return whole if before is None else {**whole, "updatedFrom": dict(before)}


def comment(body: str, action: str = "create", on: JsonValue = "ENG-23") -> Payload:
    about: JsonValue = {"id": "44444444-0000-4000-8000-000000000000", "identifier": on}
    data: Payload = {"id": "99999999-0000-4000-8000-000000000000", "body": body, "issue": about if on else None}
    return {"action": action, "type": "Comment", "actor": account(), "data": data, "webhookTimestamp": SENT_AT}
