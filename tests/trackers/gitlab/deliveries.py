"""GitLab's deliveries as its documentation describes them. Constructed: none of these was recorded from a real one."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from pydantic import JsonValue

from graphs.model import InstallId, TicketRef, TrackerName

INSTALL = InstallId("main")
TOKEN = "a secret token"
KEY = "whsec_" + base64.b64encode(b"thirty-two bytes of a signing key").decode()
PROJECT = "acme/team/assistant"
REF = TicketRef(tracker=TrackerName.GITLAB, install=INSTALL, project=PROJECT, number="23")

Payload = dict[str, JsonValue]


def signed(body: bytes, key: str = KEY, name: str = "f5e5f430-f57b", at: str = "1767225600") -> dict[str, str]:
    """An independent reading of Standard Webhooks."""
    secret = base64.b64decode(key.removeprefix("whsec_"))
    mac = hmac.new(secret, name.encode() + b"." + at.encode() + b"." + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(mac).decode()
    return {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": signature}


def issue(action: str | None, changes: Mapping[str, JsonValue] | None = None, **attributes: JsonValue) -> Payload:
    shown: Payload = {"id": 301, "iid": 23, "title": "Answers are cut off", "state": "opened", "type": "Issue"}
    return {
        "object_kind": "issue",
        "event_type": "issue",
        "user": {"id": 1, "username": "on-duty", "name": "On duty"},
        "project": {"id": 5, "path_with_namespace": PROJECT, "visibility_level": 0},
        "object_attributes": {**shown, **({"action": action} if action else {}), **attributes},
        "changes": dict(changes or {}),
    }


def note(body: str, kind: str = "Issue", action: str | None = "create") -> Payload:
    return {
        "object_kind": "note",
        "user": {"id": 1, "username": "on-duty"},
        "project": {"id": 5, "path_with_namespace": PROJECT},
        "object_attributes": {"id": 9, "note": body, "noteable_type": kind, "action": action},
        **({"issue": {"id": 301, "iid": 23}} if kind == "Issue" else {"merge_request": {"iid": 23}}),
    }


def headers(event: str = "Issue Hook") -> dict[str, str]:
    return {"x-gitlab-event": event, "x-gitlab-event-uuid": "13792a34", "content-type": "application/json"}
