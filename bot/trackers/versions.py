"""A ticket's version for trackers whose time of change does not move with every change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

_DIGITS = 20


def content_version(
    updated_at: datetime, title: str, body: str, state: str, labels: Iterable[str], assignees: Iterable[str]
) -> str:
    """SHA-256 over the time of change and the content, shortened; compared for equality only."""
    told = [updated_at.isoformat(), title, body, state, sorted(labels), sorted(assignees)]
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()[:_DIGITS]
