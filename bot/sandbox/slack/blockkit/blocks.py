"""Blocks: what each kind must have and how much of it, and on which surface it may appear."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from bot.sandbox.slack.blockkit.elements import ID_LENGTH, IN_ACTIONS, IN_SECTION, INPUTS, element
from bot.sandbox.slack.blockkit.problem import Problem, Problems, count, length, only, required
from bot.sandbox.slack.blockkit.texts import ANY_TEXT, text
from bot.sandbox.slack.narrow import Json, as_object, as_text

TEXT_LENGTH = 3000
FIELD_LENGTH = 2000
MARKDOWN_LENGTH = 12_000


class Surface(StrEnum):
    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


BLOCK_LIMIT: Mapping[Surface, int] = MappingProxyType({Surface.MESSAGE: 50, Surface.MODAL: 100, Surface.HOME: 100})


def _section(body: Json, pointer: str) -> Problems:
    if body.get("text") is None and body.get("fields") is None:
        yield from required(body, pointer, "text")
    yield from text(body.get("text"), f"{pointer}/text", TEXT_LENGTH, kinds=ANY_TEXT)
    fields = body.get("fields")
    if fields is not None:
        yield from count(fields, f"{pointer}/fields", 10)
    for at, item in enumerate(fields if isinstance(fields, list) else []):
        yield from text(item, f"{pointer}/fields/{at}", FIELD_LENGTH, kinds=ANY_TEXT)
    if body.get("accessory") is not None:
        yield from element(as_object(body["accessory"]), f"{pointer}/accessory", frozenset(IN_SECTION))
    yield from only(body, pointer, frozenset({"type", "block_id", "text", "fields", "accessory", "expand"}))


def _header(body: Json, pointer: str) -> Problems:
    yield from required(body, pointer, "text")
    yield from text(body.get("text"), f"{pointer}/text", 150)
    yield from only(body, pointer, frozenset({"type", "block_id", "text", "level"}))


def _actions(body: Json, pointer: str) -> Problems:
    yield from _elements(body, pointer, "elements", 25, frozenset(IN_ACTIONS))
    yield from only(body, pointer, frozenset({"type", "block_id", "elements"}))


def _context_actions(body: Json, pointer: str) -> Problems:
    yield from _elements(body, pointer, "elements", 5, frozenset({"feedback_buttons", "icon_button"}))


def _context(body: Json, pointer: str) -> Problems:
    items = body.get("elements")
    yield from count(items, f"{pointer}/elements", 10)
    for at, item in enumerate(items if isinstance(items, list) else []):
        place = f"{pointer}/elements/{at}"
        if as_object(item).get("type") == "image":
            yield from required(as_object(item), place, "alt_text")
        else:
            yield from text(item, place, TEXT_LENGTH, kinds=ANY_TEXT)
    yield from only(body, pointer, frozenset({"type", "block_id", "elements"}))


def _divider(body: Json, pointer: str) -> Problems:
    yield from only(body, pointer, frozenset({"type", "block_id"}))


def _image(body: Json, pointer: str) -> Problems:
    yield from required(body, pointer, "alt_text")
    yield from length(body.get("alt_text"), f"{pointer}/alt_text", 2000)
    yield from length(body.get("image_url"), f"{pointer}/image_url", 3000)
    yield from text(body.get("title"), f"{pointer}/title", 2000)


def _input(body: Json, pointer: str) -> Problems:
    yield from required(body, pointer, "label", "element")
    yield from text(body.get("label"), f"{pointer}/label", 2000)
    yield from text(body.get("hint"), f"{pointer}/hint", 2000)
    if body.get("element") is not None:
        yield from element(as_object(body["element"]), f"{pointer}/element", frozenset(INPUTS))
    known = frozenset({"type", "block_id", "label", "element", "hint", "optional", "dispatch_action"})
    yield from only(body, pointer, known)


def _markdown(body: Json, pointer: str) -> Problems:
    yield from required(body, pointer, "text")
    yield from length(body.get("text"), f"{pointer}/text", MARKDOWN_LENGTH, least=1)


def _rich_text(body: Json, pointer: str) -> Problems:
    yield from count(body.get("elements"), f"{pointer}/elements", 1000)


def _table(body: Json, pointer: str) -> Problems:
    rows = body.get("rows")
    yield from count(rows, f"{pointer}/rows", 100)
    for at, row in enumerate(rows if isinstance(rows, list) else []):
        yield from count(row, f"{pointer}/rows/{at}", 20)


def _card(body: Json, pointer: str) -> Problems:
    for name, most in (("title", 150), ("subtitle", 150), ("body", 200)):
        yield from text(body.get(name), f"{pointer}/{name}", most, kinds=ANY_TEXT)
    if body.get("actions") is not None:
        yield from _elements(body, pointer, "actions", 5, frozenset({"button"}))


def _container(body: Json, pointer: str) -> Problems:
    yield from text(body.get("title"), f"{pointer}/title", 150, kinds=ANY_TEXT)
    yield from _children(body, pointer, "child_blocks", Surface.MESSAGE)


def _carousel(body: Json, pointer: str) -> Problems:
    yield from _children(body, pointer, "elements", Surface.MESSAGE)


def _free(_body: Json, _pointer: str) -> Problems:
    yield from ()


def _elements(body: Json, pointer: str, name: str, most: int, allowed: frozenset[str]) -> Problems:
    items = body.get(name)
    yield from count(items, f"{pointer}/{name}", most)
    seen: set[str] = set()
    for at, item in enumerate(items if isinstance(items, list) else []):
        place = f"{pointer}/{name}/{at}"
        yield from element(as_object(item), place, allowed)
        action_id = as_text(as_object(item).get("action_id"))
        if action_id and action_id in seen:
            yield Problem(f"{place}/action_id", "duplicate", f"`action_id` already exists in this block: {action_id}")
        seen.add(action_id)


def _children(body: Json, pointer: str, name: str, surface: Surface) -> Problems:
    items = body.get(name)
    yield from count(items, f"{pointer}/{name}", 10)
    for at, item in enumerate(items if isinstance(items, list) else []):
        yield from block(as_object(item), f"{pointer}/{name}/{at}", surface)


ALL = frozenset(Surface)
MESSAGES = frozenset({Surface.MESSAGE})
RULES: Mapping[str, tuple[Callable[[Json, str], Problems], frozenset[Surface]]] = MappingProxyType(
    {
        "section": (_section, ALL),
        "header": (_header, ALL),
        "actions": (_actions, ALL),
        "context": (_context, ALL),
        "context_actions": (_context_actions, MESSAGES),
        "divider": (_divider, ALL),
        "image": (_image, ALL),
        "input": (_input, ALL),
        "markdown": (_markdown, MESSAGES),
        "rich_text": (_rich_text, ALL),
        "table": (_table, MESSAGES),
        "card": (_card, ALL),
        "carousel": (_carousel, frozenset({Surface.MESSAGE, Surface.HOME})),
        "container": (_container, MESSAGES),
        "alert": (_free, frozenset({Surface.MODAL})),
        "video": (_free, ALL),
        **dict.fromkeys(("data_table", "data_visualization", "file", "plan", "task_card"), (_free, MESSAGES)),
    }
)


def block(body: Json, pointer: str, surface: Surface) -> Problems:
    kind = as_text(body.get("type"))
    rule, surfaces = RULES.get(kind, (_free, frozenset[Surface]()))
    if surface not in surfaces:
        yield Problem(f"{pointer}/type", "invalid_enum", f"unsupported type: {kind or 'none'}")
        return
    yield from length(body.get("block_id"), f"{pointer}/block_id", ID_LENGTH)
    yield from rule(body, pointer)


def blocks(given: object, pointer: str, surface: Surface) -> Problems:
    """All blocks of one surface: their number, each of them, and block ids that must differ."""
    yield from count(given, pointer, BLOCK_LIMIT[surface], least=0)
    seen: set[str] = set()
    for at, item in enumerate(given if isinstance(given, list) else []):
        body = as_object(item)
        yield from block(body, f"{pointer}/{at}", surface)
        block_id = as_text(body.get("block_id"))
        if block_id and block_id in seen:
            yield Problem(f"{pointer}/{at}/block_id", "duplicate", f"`block_id` already exists: {block_id}")
        seen.add(block_id)
