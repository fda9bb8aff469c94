"""A secret and a mail address that people let slip are in no place where anything is kept or shown."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import httpx

from tests.e2e.stage import CHANNEL, HOOK_SECRET, ON_DUTY, PRODUCT_LEAD, Stage

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
MAIL = "maria.canary" + "@" + "acme-widgets.io"
TEXT = f"The index fails with {TOKEN}, ask {MAIL} about the embeddings."


def held(sink: bytes | str) -> list[str]:
    found = sink if isinstance(sink, bytes) else sink.encode()
    return [canary for canary in (TOKEN, MAIL) if canary.encode() in found]


def canaries_in(folder: Path) -> list[str]:
    """Files that hold one: the record with its log of writes, the checkpoints, whatever else there is."""
    return [file.name for file in folder.rglob("*") if file.is_file() and held(file.read_bytes())]


async def test_what_people_let_slip_is_kept_nowhere(stage: Stage, tmp_path: Path) -> None:
    number, card = await stage.file_and_wait("Key leaked", TEXT)
    view = await stage.form(PRODUCT_LEAD, card, "edit")
    await stage.slack.submit(PRODUCT_LEAD, view, {"comment": {"write_comment": TEXT}})
    await stage.card_says(card, "All of it is set")
    await stage.slack.slash(ON_DUTY, CHANNEL, "/triage", TEXT)
    await stage.told(ON_DUTY, "is no ticket I can read")
    await stage.quiet()
    assert "[SECRET:github_pat" in stage.github.issue(stage.repo, number).comments[0].body
    assert canaries_in(tmp_path) == []
    assert held(repr(stage.slack.journal.calls)) == []
    assert held(repr(stage.github.issue(stage.repo, number).comments)) == []


async def test_what_is_put_aside_or_unreadable_is_kept_by_its_hash_only(stage: Stage, tmp_path: Path) -> None:
    async def send(event: str, document: dict[str, str]) -> object:
        body = json.dumps(document).encode()
        mac = hmac.new(HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={mac}", "X-GitHub-Event": event, "X-GitHub-Delivery": event}
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{stage.url}/hooks/github/main", content=body, headers=headers)
        return answer.json()["outcome"]

    assert await send("ping", {"zen": TEXT}) == "ignored"
    assert await send("ping", {"zen": TEXT}) == "duplicate"
    assert await send("ping", {"zen": f"{TEXT}!"}) == "quarantined"
    assert await send("issues", {"action": "opened", "issue": TEXT}) == "malformed"
    assert canaries_in(tmp_path) == []
