"""What a person entered into the controls of `controls`, as the values the local Slack takes.

Owns reading the names `press` and `in-<number>`. Whether a value may be chosen is the local Slack's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from bot.sandbox.slack.forms import SEVERAL, Entry, Values
from bot.sandbox.slack.message import Element
from bot.sandbox.slack.narrow import Json

FIELDS_AT_MOST = 1000


@dataclass(frozen=True)
class Sent:
    """A form as it came."""

    fields: Mapping[str, Sequence[str]]

    @classmethod
    def parse(cls, raw: bytes) -> Sent:
        """Raises ValueError for what is no form."""
        fields = parse_qs(raw.decode(), keep_blank_values=True, max_num_fields=FIELDS_AT_MOST)
        return cls({name: [one.replace("\r\n", "\n") for one in values] for name, values in fields.items()})

    def one(self, name: str, default: str = "") -> str:
        return (self.fields.get(name) or [default])[-1]

    def every(self, name: str) -> list[str]:
        return [one for one in self.fields.get(name, ()) if one]


@dataclass(frozen=True)
class Press:
    """Which element was pressed, and what was chosen in it."""

    element: Element
    value: str | None


def pressed(sent: Sent, elements: Sequence[Element]) -> Press | None:
    """The element behind the button; None where there is none of that number."""
    number, _, option = sent.one("press").partition(":")
    if not number.isdecimal() or int(number[:6]) >= len(elements):
        return None
    element = elements[int(number)]
    if element.type in {"button", "workflow_button"}:
        return Press(element, element.value or None)
    return Press(element, option or sent.one(f"in-{number}") or None)


def values_in(sent: Sent, elements: Sequence[Element], stateful: frozenset[str]) -> Values:
    """Everything that was entered, by block and action."""
    found: dict[str, dict[str, Entry]] = {}
    for number, element in enumerate(elements):
        if element.type in stateful:
            found.setdefault(element.block_id, {})[element.action_id] = _entry(sent, f"in-{number}", element.type)
    return found


def _entry(sent: Sent, name: str, kind: str) -> Entry:
    if kind in SEVERAL:
        return sent.every(name)
    value = sent.one(name) or None
    match kind:
        case "datetimepicker":
            return {"selected_date_time": _seconds(value)}
        case "rich_text_input":
            return {"rich_text_value": _rich(value)}
        case _:
            return value


def _seconds(value: str | None) -> int | None:
    """A moment without a zone is one in the zone of this machine, where the browser runs too."""
    try:
        return int(datetime.fromisoformat(value).astimezone().timestamp()) if value else None
    except ValueError:
        return None


def _rich(value: str | None) -> Json | None:
    if value is None:
        return None
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": value}]}],
    }
