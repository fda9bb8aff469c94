"""What a person can put into interactive elements: state values, and the checks a Slack client makes before sending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from bot.sandbox.slack.blockkit.elements import STATEFUL
from bot.sandbox.slack.message import Element, elements_in
from bot.sandbox.slack.narrow import Json, as_object, as_objects, as_text
from bot.sandbox.slack.refusal import PersonCannot

Entry: TypeAlias = str | list[str] | Json | None
Values: TypeAlias = Mapping[str, Mapping[str, Entry]]

FIELD_OF = {
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "datetimepicker": "selected_date_time",
    "external_select": "selected_option",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "multi_external_select": "selected_options",
    "multi_static_select": "selected_options",
    "multi_users_select": "selected_users",
    "checkboxes": "selected_options",
    "overflow": "selected_option",
    "radio_buttons": "selected_option",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "timepicker": "selected_time",
    "users_select": "selected_user",
}
SEVERAL = frozenset(name for name, field in FIELD_OF.items() if field.endswith("s"))


def state_of(blocks: list[Json], values: Values | None = None) -> Json:
    """`state.values`: what is entered where given, else what the view starts with."""
    given = values or {}
    places = {(element.block_id, element.action_id): element for element in elements_in(blocks)}
    for block_id, fields in given.items():
        for action_id in fields:
            if (block_id, action_id) not in places:
                raise PersonCannot(f"the view has no element {action_id} in block {block_id}: it has {sorted(places)}")
    state: dict[str, Json] = {}
    for (block_id, action_id), element in places.items():
        if element.type in STATEFUL:
            entered = action_id in given.get(block_id, {})
            value = entry(element, given[block_id][action_id]) if entered else initial(element)
            state.setdefault(block_id, {})[action_id] = value
    return dict(state)


def entry(element: Element, value: Entry) -> Json:
    """One element's state value; a mapping is taken as the finished state value itself."""
    field = FIELD_OF.get(element.type, "value")
    if isinstance(value, dict):
        return {"type": element.type, **value}
    if field in {"selected_option", "selected_options"}:
        return {"type": element.type, field: _chosen(element, value)}
    if isinstance(value, str):
        _fits(element, value)
    return {"type": element.type, field: value}


def initial(element: Element) -> Json:
    field = FIELD_OF.get(element.type, "value")
    start = field.replace("selected", "initial") if field.startswith("selected") else "initial_value"
    return {"type": element.type, field: element.body.get(start, _blank(element))}


def left_empty(blocks: list[Json], state: Json) -> Iterator[str]:
    """Block ids of required inputs without a value; a Slack client does not send such a form."""
    for block in blocks:
        if block.get("type") != "input" or block.get("optional") is True:
            continue
        block_id = as_text(block.get("block_id"))
        for value in as_object(state.get(block_id)).values():
            filled = {name: item for name, item in as_object(value).items() if name != "type"}
            if not any(filled.values()):
                yield block_id


def options_of(element: Element) -> list[Json]:
    grouped = as_objects(element.body.get("option_groups"))
    return [
        *as_objects(element.body.get("options")),
        *(item for group in grouped for item in as_objects(group["options"])),
    ]


def _blank(element: Element) -> object:
    return [] if element.type in SEVERAL else None


def _chosen(element: Element, value: str | list[str] | None) -> object:
    if value is None:
        return _blank(element)
    if element.type in SEVERAL:
        return [_option(element, item) for item in ([value] if isinstance(value, str) else value)]
    if not isinstance(value, str):
        raise PersonCannot(f"{element.action_id} takes one choice")
    return _option(element, value)


def _option(element: Element, value: str) -> Json:
    """The offered option with this value; an external select offers whatever its bot would answer."""
    if element.type.endswith("external_select"):
        return {"text": {"type": "plain_text", "text": value}, "value": value}
    for option in options_of(element):
        if option.get("value") == value:
            return option
    offered = [option.get("value") for option in options_of(element)]
    raise PersonCannot(f"{element.action_id} does not offer {value!r}: it offers {offered}")


def _fits(element: Element, value: str) -> None:
    most, least = _bound(element, "max_length", 3000), _bound(element, "min_length", 0)
    if element.type == "plain_text_input" and not least <= len(value) <= most:
        raise PersonCannot(f"{element.action_id} takes {least} to {most} characters, not {len(value)}")


def _bound(element: Element, name: str, default: int) -> int:
    value = element.body.get(name)
    return value if isinstance(value, int) else default
