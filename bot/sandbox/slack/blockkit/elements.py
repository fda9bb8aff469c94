"""Interactive elements: the limits of each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.sandbox.slack.blockkit.problem import Problem, Problems, length, one_of, only, required
from bot.sandbox.slack.blockkit.texts import ANY_TEXT, SELECT_OPTIONS, confirm, option_groups, options, text
from bot.sandbox.slack.narrow import Json, as_text

ID_LENGTH = 255
INPUT_LENGTH = 3000
STYLES = frozenset({"primary", "danger"})
BUTTON_FIELDS = frozenset(
    {
        *("type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"),
        *("visible_to_user_ids", "agent_prompt"),
    }
)


def _button(body: Json, pointer: str) -> Problems:
    yield from required(body, pointer, "text")
    yield from text(body.get("text"), f"{pointer}/text", 75)
    yield from length(body.get("value"), f"{pointer}/value", 2000)
    yield from length(body.get("url"), f"{pointer}/url", 3000)
    yield from length(body.get("accessibility_label"), f"{pointer}/accessibility_label", 75)
    yield from one_of(body.get("style"), f"{pointer}/style", STYLES)
    yield from only(body, pointer, BUTTON_FIELDS)


def _static_select(body: Json, pointer: str) -> Problems:
    if "option_groups" in body:
        yield from option_groups(body, pointer)
    else:
        yield from options(body, pointer, SELECT_OPTIONS)


def _overflow(body: Json, pointer: str) -> Problems:
    yield from options(body, pointer, 5)


def _choices(body: Json, pointer: str) -> Problems:
    yield from options(body, pointer, 10, kinds=ANY_TEXT)


def _text_input(body: Json, pointer: str) -> Problems:
    yield from length(body.get("initial_value"), f"{pointer}/initial_value", INPUT_LENGTH)
    for name, least in (("min_length", 0), ("max_length", 1)):
        value = body.get(name)
        if value is not None and not (isinstance(value, int) and least <= value <= INPUT_LENGTH):
            yield Problem(f"{pointer}/{name}", "failed_constraint", f"must be from {least} to {INPUT_LENGTH}")


def _free(_body: Json, _pointer: str) -> Problems:
    yield from ()


Rule = Callable[[Json, str], Problems]
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "button": _button,
        "static_select": _static_select,
        "multi_static_select": _static_select,
        "overflow": _overflow,
        "checkboxes": _choices,
        "radio_buttons": _choices,
        "plain_text_input": _text_input,
        **dict.fromkeys(
            (
                *("channels_select", "conversations_select", "external_select", "users_select"),
                *("multi_channels_select", "multi_conversations_select", "multi_external_select"),
                *("multi_users_select", "datepicker", "datetimepicker", "timepicker", "email_text_input"),
                *("feedback_buttons", "file_input", "icon_button", "image", "number_input", "rich_text_input"),
                *("url_text_input", "workflow_button"),
            ),
            _free,
        ),
    }
)

PICKERS = frozenset(name for name in RULES if name.endswith(("select", "picker"))) | {"checkboxes", "radio_buttons"}
INPUTS = PICKERS | {name for name in RULES if name.endswith("_input")}
IN_ACTIONS = PICKERS | {"button", "overflow", "workflow_button"}
IN_SECTION = IN_ACTIONS | {"image"}
STATEFUL = INPUTS


def element(body: Json, pointer: str, allowed: frozenset[str]) -> Problems:
    """Any element at a place where only some kinds may stand."""
    kind = as_text(body.get("type"))
    rule = RULES.get(kind)
    if rule is None or kind not in allowed:
        yield Problem(f"{pointer}/type", "invalid_enum", f"unsupported type: {kind or 'none'}")
        return
    yield from length(body.get("action_id"), f"{pointer}/action_id", ID_LENGTH, least=1)
    yield from text(body.get("placeholder"), f"{pointer}/placeholder", 150)
    yield from confirm(body.get("confirm"), f"{pointer}/confirm")
    yield from rule(body, pointer)
