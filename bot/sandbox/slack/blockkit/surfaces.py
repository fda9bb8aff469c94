"""The two doors blocks come through, messages and views, and the ids Slack gives to what has none."""

from __future__ import annotations

import json
import secrets

from bot.sandbox.slack.blockkit.blocks import Surface, blocks
from bot.sandbox.slack.blockkit.problem import Problem, Problems, length, one_of, required
from bot.sandbox.slack.blockkit.texts import text
from bot.sandbox.slack.narrow import Json, as_object, as_objects, walk
from bot.sandbox.slack.refusal import Refusal

TITLE_LENGTH = 24
PRIVATE_METADATA = 3000
VIEW_BYTES = 250_000
INTERACTIVE_PARENTS = frozenset({"actions", "context_actions", "input", "section", "card"})


def refuse_bad_message(given: list[Json]) -> None:
    found = list(blocks(given, "/blocks", Surface.MESSAGE))
    if found:
        wire = [problem.wire() for problem in found]
        raise Refusal("invalid_blocks", tuple(problem.line() for problem in found), errors=wire)


def refuse_bad_view(view: Json) -> None:
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise Refusal("view_too_large")
    found = list(view_problems(view, "/view"))
    if found:
        raise Refusal("invalid_arguments", tuple(problem.line() for problem in found))


def view_problems(view: Json, pointer: str = "") -> Problems:
    kind = view.get("type")
    yield from required(view, pointer, "type", "blocks")
    yield from one_of(kind, f"{pointer}/type", frozenset({"modal", "home"}))
    yield from blocks(view.get("blocks"), f"{pointer}/blocks", Surface.HOME if kind == "home" else Surface.MODAL)
    yield from length(view.get("private_metadata"), f"{pointer}/private_metadata", PRIVATE_METADATA)
    for name in ("callback_id", "external_id"):
        yield from length(view.get(name), f"{pointer}/{name}", 255)
    if kind == "modal":
        yield from _modal_frame(view, pointer)


def _modal_frame(view: Json, pointer: str) -> Problems:
    yield from required(view, pointer, "title")
    for name in ("title", "submit", "close"):
        yield from text(view.get(name), f"{pointer}/{name}", TITLE_LENGTH)
    has_input = any(block.get("type") == "input" for block in as_objects(view.get("blocks")))
    if has_input and view.get("submit") is None:
        yield Problem(f"{pointer}/submit", "missing_field", "`submit` is required when a view has input blocks")


def with_ids(given: list[Json]) -> list[Json]:
    """A copy in which every block has a block_id and every interactive element an action_id."""
    copy = as_objects(json.loads(json.dumps(given)))
    for block in copy:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for part in walk(block):
            if part.get("type") in INTERACTIVE_PARENTS:
                _name_elements(part)
    return copy


def _name_elements(block: Json) -> None:
    singles = [as_object(block.get("accessory")), as_object(block.get("element"))]
    for body in [*singles, *as_objects(block.get("elements")), *as_objects(block.get("actions"))]:
        if body and body.get("type") not in {"image", "card", "mrkdwn", "plain_text"}:
            body.setdefault("action_id", secrets.token_urlsafe(4))
