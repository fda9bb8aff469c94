"""Finding the element a person presses, and the entry of `actions` that the press becomes."""

from __future__ import annotations

from bot.sandbox.slack.forms import entry, options_of
from bot.sandbox.slack.message import Element
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.refusal import PersonCannot


def find(elements: tuple[Element, ...], action_id: str, value: str | None) -> Element:
    """The element with this action id; among buttons that share one, `value` decides."""
    named = [element for element in elements if element.action_id == action_id]
    fitting = [item for item in named if item.type != "button" or value is None or item.value == value]
    if not fitting:
        raise PersonCannot(f"no {action_id} with value {value} to press: there are {[e.action_id for e in elements]}")
    return fitting[0]


def action(element: Element, value: str | None, action_ts: str) -> Json:
    """One entry of `actions`; what is static of the element is repeated, as Slack does."""
    pressed: Json = {"action_id": element.action_id, "block_id": element.block_id, "type": element.type}
    if element.type == "button":
        pressed |= {name: element.body[name] for name in ("text", "value", "style", "url") if name in element.body}
    else:
        if value is None and options_of(element):
            raise PersonCannot(f"choose a value for {element.action_id}")
        pressed |= entry(element, value)
    return pressed | {"action_ts": action_ts}
