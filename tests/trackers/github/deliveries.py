"""Webhook deliveries as GitHub would send them, made by an independent few lines: what the door is tested with."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlencode

from pydantic import JsonValue

from graphs.model import InstallId, TicketRef, TrackerName

SECRET = "a webhook secret"
INSTALL = InstallId("main")
PROJECT = "acme/assistant"
REF = TicketRef(tracker=TrackerName.GITHUB, install=INSTALL, project=PROJECT, number="12")


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(event: str, body: bytes, content_type: str = "application/json") -> dict[str, str]:
    return {
        "content-type": content_type,
        "x-github-event": event,
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": signature(body),
    }


def payload(action: str, **more: JsonValue) -> dict[str, JsonValue]:
    """An `issues` or `issue_comment` payload about `REF`, with only what GitHub always sends."""
    return {
        "action": action,
        "issue": {"number": 12, "title": "Answers are cut off", "body": "since Monday", "state": "open"},
        "repository": {"full_name": PROJECT, "private": False},
        "sender": {"login": "on-duty", "type": "User"},
        **more,
    }


def as_json(said: object) -> bytes:
    return json.dumps(said).encode()


def as_form(document: bytes) -> bytes:
    return urlencode({"payload": document}).encode()
