"""Interactive elements as form controls: buttons, selects, text fields, pickers, overflow menus.

Owns their names in the form: `press` is a button by its number, `in-3` the field of element 3. What comes back is
read by `entered`. Must not know messages or modals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.demo.page.reader import Reader
from bot.markup import Child, Html, joined, tag
from bot.sandbox.slack.forms import initial, options_of
from bot.sandbox.slack.message import Element, elements_in
from bot.sandbox.slack.narrow import Json, as_object, as_objects, as_text

_ODD = re.compile(r"[^\w.-]")
SMALL_CHOICE = 6
INPUT_TYPES = {
    "plain_text_input": "text",
    "email_text_input": "email",
    "url_text_input": "url",
    "number_input": "number",
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "datetime-local",
    "external_select": "text",
}


@dataclass(frozen=True)
class Surface:
    """The blocks of one message or view, with what was entered into them and what is wrong with it."""

    reader: Reader
    blocks: tuple[Json, ...]
    prefix: str
    """Makes ids unique on the page, and the same from one look to the next."""
    entered: Mapping[str, Json] = field(default_factory=dict)
    """State values by block id, as Slack keeps them."""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def elements(self) -> tuple[Element, ...]:
        return tuple(elements_in(self.blocks))

    def number(self, body: Json) -> int:
        """Which element this is; the same number finds it again when the form comes back."""
        return next((at for at, one in enumerate(self.elements) if one.body is body), -1)

    def id_of(self, body: Json) -> str:
        element = self.elements[self.number(body)]
        return _ODD.sub("_", f"{self.prefix}-{element.block_id}-{element.action_id}")

    def state(self, body: Json) -> Json:
        element = self.elements[self.number(body)]
        kept = as_object(self.entered.get(element.block_id, {})).get(element.action_id)
        return as_object(kept) or initial(element)


def control(body: Json, surface: Surface) -> Html:
    """An element in a message or beside a text: a choice gets a button that sends it."""
    kind = as_text(body.get("type"))
    if kind in {"button", "workflow_button"}:
        return _button(body, surface)
    if kind == "overflow":
        return _overflow(body, surface)
    if kind == "image":
        return picture(body)
    name = _words(body.get("placeholder")) or as_text(body.get("action_id"))
    send = tag("button", "Choose", type="submit", name="press", value=surface.number(body), class_="button")
    return tag("span", entry_field(body, surface, label=name), send, class_="choice")


def entry_field(body: Json, surface: Surface, *, label: str = "", described_by: str = "") -> Html:
    """The field alone. `label` is for a field without a visible one."""
    kind = as_text(body.get("type"))
    extra: dict[str, str | None] = {"aria_label": label or None, "aria_describedby": described_by or None}
    draw = _FIELDS.get(kind)
    if draw is not None:
        return draw(body, surface, extra)
    return tag("em", f"The demo has no field of the kind {kind}.", class_="unknown")


def picture(body: Json) -> Html:
    """Pictures lie outside this machine: their words are shown."""
    return tag("span", f"picture: {as_text(body.get('alt_text')) or 'without words'}", class_="away")


def _button(body: Json, surface: Surface) -> Html:
    look = {"primary": "button primary", "danger": "button danger"}.get(as_text(body.get("style")), "button")
    return tag(
        "button",
        _words(body.get("text")),
        type="submit",
        name="press",
        value=surface.number(body),
        class_=look,
        id=surface.id_of(body),
        aria_label=as_text(body.get("accessibility_label")) or None,
    )


def _overflow(body: Json, surface: Surface) -> Html:
    number = surface.number(body)
    choices = [
        tag("button", _words(one.get("text")), type="submit", name="press", value=f"{number}:{as_text(one['value'])}")
        for one in options_of(surface.elements[number])
        if as_text(one.get("value"))
    ]
    more = tag("summary", "⋯", class_="button", aria_label="More actions", id=surface.id_of(body))
    return tag("details", more, tag("div", choices, class_="menu"), class_="overflow")


Extra = dict[str, str | None]


def _select(body: Json, surface: Surface, extra: Extra) -> Html:
    several = as_text(body.get("type")).startswith("multi_")
    chosen = chosen_values(surface.state(body))
    blank = None if several else tag("option", _words(body.get("placeholder")) or "Choose", value="")
    groups = as_objects(body.get("option_groups"))
    options: Child = _options(as_objects(body.get("options")), chosen)
    if groups:
        options = [
            tag("optgroup", _options(as_objects(one.get("options")), chosen), label=_words(one.get("label")))
            for one in groups
        ]
    return _dropdown(body, surface, [blank, options], extra, several=several)


def _people(body: Json, surface: Surface, extra: Extra) -> Html:
    return _named_select(body, surface, extra, {key: f"@{name}" for key, name in surface.reader.handles.items()})


def _channels(body: Json, surface: Surface, extra: Extra) -> Html:
    return _named_select(body, surface, extra, {key: f"#{name}" for key, name in surface.reader.channels.items()})


def _named_select(body: Json, surface: Surface, extra: Extra, names: Mapping[str, str]) -> Html:
    chosen = chosen_values(surface.state(body))
    several = as_text(body.get("type")).startswith("multi_")
    blank = None if several else tag("option", "Choose", value="")
    options = [tag("option", name, value=key, selected=key in chosen) for key, name in names.items()]
    return _dropdown(body, surface, [blank, options], extra, several=several)


def _dropdown(body: Json, surface: Surface, options: Child, extra: Extra, *, several: bool) -> Html:
    return tag(
        "select",
        options,
        name=f"in-{surface.number(body)}",
        id=surface.id_of(body),
        multiple=several,
        size=SMALL_CHOICE if several else None,
        autofocus=body.get("focus_on_load") is True,
        **extra,
    )


def _options(options: list[Json], chosen: frozenset[str]) -> Html:
    shown = []
    for one in options:
        value = as_text(one.get("value"))
        shown.append(tag("option", _words(one.get("text")), value=value, selected=value in chosen))
    return joined(shown)


def _ticks(body: Json, surface: Surface, extra: Extra) -> Html:
    """Check boxes and radio buttons."""
    kind = "radio" if body.get("type") == "radio_buttons" else "checkbox"
    chosen, name = chosen_values(surface.state(body)), f"in-{surface.number(body)}"
    rows = []
    for one in as_objects(body.get("options")):
        value = as_text(one.get("value"))
        tick = tag("input", type=kind, name=name, value=value, checked=value in chosen)
        words = tag("span", _words(one.get("text")), tag("small", _words(one.get("description"))))
        rows.append(tag("label", tick, words, class_="tick"))
    return tag("div", rows, role="group", id=surface.id_of(body), **extra)


def _typed(body: Json, surface: Surface, extra: Extra) -> Html:
    kind = as_text(body.get("type"))
    entered = next(iter(chosen_values(surface.state(body))), "")
    shared: dict[str, str | int | bool | None] = {
        "name": f"in-{surface.number(body)}",
        "id": surface.id_of(body),
        "placeholder": _words(body.get("placeholder")) or None,
        "minlength": _whole(body.get("min_length")),
        "maxlength": _whole(body.get("max_length")),
        "autofocus": body.get("focus_on_load") is True,
        **extra,
    }
    if body.get("multiline") is True or kind == "rich_text_input":
        return tag("textarea", "\n" if entered.startswith("\n") else None, entered, rows=4, **shared)
    step = "any" if body.get("is_decimal_allowed") is True else None
    return tag("input", type=INPUT_TYPES.get(kind, "text"), value=entered or None, step=step, **shared)


def chosen_values(state: Json) -> frozenset[str]:
    """The values behind a state entry, whatever kind of element it belongs to."""
    found: set[str] = set()
    for name, value in state.items():
        if name == "type" or value is None:
            continue
        items = value if isinstance(value, list) else [value]
        found |= {as_text(as_object(one).get("value")) if isinstance(one, dict) else str(one) for one in items}
    return frozenset(found - {""})


def _words(text: object) -> str:
    return as_text(as_object(text).get("text"))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


_FIELDS: Mapping[str, Callable[[Json, Surface, Extra], Html]] = MappingProxyType(
    {
        **dict.fromkeys(("static_select", "multi_static_select"), _select),
        **dict.fromkeys(("users_select", "multi_users_select"), _people),
        **dict.fromkeys(
            ("channels_select", "conversations_select", "multi_channels_select", "multi_conversations_select"),
            _channels,
        ),
        **dict.fromkeys(("checkboxes", "radio_buttons"), _ticks),
        **dict.fromkeys((*INPUT_TYPES, "rich_text_input"), _typed),
    }
)
