"""Jira's deliveries as Atlassian documents them. Constructed: none of these was recorded from a real one."""

from __future__ import annotations

import hashlib
import hmac

from pydantic import JsonValue

from graphs.model import InstallId, TicketRef, TrackerName

INSTALL = InstallId("main")
SECRET = "a hook secret"
REF = TicketRef(tracker=TrackerName.JIRA, install=INSTALL, project="ASSIST", number="23")

Payload = dict[str, JsonValue]


def signature(body: bytes, secret: str = SECRET) -> str:
    """An independent reading of WebSub."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(name: str = "b1946ac9-2d5b") -> dict[str, str]:
    return {"x-atlassian-webhook-identifier": name, "content-type": "application/json; charset=utf-8"}


def item(field: str, before: str | None, after: str | None) -> JsonValue:
    return {"field": field, "fieldtype": "jira", "from": None, "fromString": before, "to": None, "toString": after}


def event(name: str, *items: JsonValue, status: str = "new", **fields: JsonValue) -> Payload:
    shown: Payload = {
        "summary": "Answers are cut off",
        "status": {"name": "To Do", "statusCategory": {"key": status}},
        "issuetype": {"name": "Task", "subtask": False},
        **fields,
    }
    return {
        "timestamp": 1767225600000,
        "webhookEvent": name,
        "user": {"accountId": "on-duty", "displayName": "On duty"},
        "issue": {"id": "10002", "key": "ASSIST-23", "fields": shown},
        **({"changelog": {"id": "10100", "items": [*items]}} if items else {}),
    }


def comment(body: JsonValue) -> Payload:
    return {**event("comment_created"), "comment": {"id": "10000", "author": {"accountId": "on-duty"}, "body": body}}
