"""Composition objects: text, options, confirmation dialogs."""

from __future__ import annotations

from bot.sandbox.slack.blockkit.problem import Problem, Problems, count, length, one_of, only, required
from bot.sandbox.slack.narrow import Json, as_object

PLAIN = frozenset({"plain_text"})
ANY_TEXT = frozenset({"plain_text", "mrkdwn"})
OPTION_TEXT = 75
OPTION_VALUE = 150
SELECT_OPTIONS = 100


def text(value: object, pointer: str, most: int, *, kinds: frozenset[str] = PLAIN) -> Problems:
    """An optional text object; a present one is never empty."""
    if value is None:
        return
    if not isinstance(value, dict):
        yield Problem(pointer, "invalid_type", "must be an object")
        return
    yield from required(value, pointer, "type", "text")
    yield from one_of(value.get("type"), f"{pointer}/type", kinds)
    yield from length(value.get("text"), f"{pointer}/text", most, least=1)
    fits = {"plain_text": {"emoji"}, "mrkdwn": {"verbatim"}}.get(str(value.get("type")), set())
    yield from only(value, pointer, frozenset({"type", "text"} | fits))


def option(value: object, pointer: str, *, kinds: frozenset[str] = PLAIN) -> Problems:
    if not isinstance(value, dict):
        yield Problem(pointer, "invalid_type", "must be an object")
        return
    yield from required(value, pointer, "text", "value")
    yield from text(value.get("text"), f"{pointer}/text", OPTION_TEXT, kinds=kinds)
    yield from length(value.get("value"), f"{pointer}/value", OPTION_VALUE)
    yield from text(value.get("description"), f"{pointer}/description", OPTION_TEXT, kinds=kinds)
    yield from length(value.get("url"), f"{pointer}/url", 3000)
    yield from only(value, pointer, frozenset({"text", "value", "description", "url"}))


def options(body: Json, pointer: str, most: int, *, kinds: frozenset[str] = PLAIN) -> Problems:
    """The options of an element, and an initial choice that must be among them."""
    given = body.get("options")
    yield from count(given, f"{pointer}/options", most)
    known: list[object] = given if isinstance(given, list) else []
    for at, item in enumerate(known):
        yield from option(item, f"{pointer}/options/{at}", kinds=kinds)
    yield from _initial(body, pointer, known)


def option_groups(body: Json, pointer: str) -> Problems:
    groups = body.get("option_groups")
    yield from count(groups, f"{pointer}/option_groups", SELECT_OPTIONS)
    known: list[object] = []
    for at, group in enumerate(groups if isinstance(groups, list) else []):
        place = f"{pointer}/option_groups/{at}"
        yield from required(as_object(group), place, "label", "options")
        yield from text(as_object(group).get("label"), f"{place}/label", 75)
        yield from options(as_object(group), place, SELECT_OPTIONS)
        inner = as_object(group).get("options")
        known += inner if isinstance(inner, list) else []
    yield from _initial(body, pointer, known)


def _initial(body: Json, pointer: str, known: list[object]) -> Problems:
    several = body.get("initial_options")
    chosen = [body["initial_option"]] if body.get("initial_option") is not None else []
    for item in [*chosen, *(several if isinstance(several, list) else [])]:
        values = {as_object(candidate).get("value") for candidate in known}
        if as_object(item).get("value") not in values:
            yield Problem(pointer, "failed_constraint", "initial option was not found in the options")


def confirm(value: object, pointer: str) -> Problems:
    if value is None:
        return
    body = as_object(value)
    yield from required(body, pointer, "title", "text", "confirm", "deny")
    yield from text(body.get("title"), f"{pointer}/title", 100)
    yield from text(body.get("text"), f"{pointer}/text", 300, kinds=ANY_TEXT)
    yield from text(body.get("confirm"), f"{pointer}/confirm", 30)
    yield from text(body.get("deny"), f"{pointer}/deny", 30)
    yield from one_of(body.get("style"), f"{pointer}/style", frozenset({"primary", "danger"}))
