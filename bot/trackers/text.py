"""Text that trackers send, made safe to compare, to store and to show. Knows no vendor; must not do I/O."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from graphs.names import same_name

LARGEST_EXACT = 2**53
"""Numbers from here on are not exact in every JSON reader."""
_FIRST_PRINTABLE = 0x20
_DELETE, _LAST_CONTROL = 0x7F, 0x9F
_SURROGATES = range(0xD800, 0xE000)

same = same_name


def has_control(text: str) -> bool:
    """C0 and C1 control characters, DEL, and lone surrogates, which no store can hold."""
    return any(_is_control(ord(one)) for one in text)


def storable(text: str) -> str:
    """NUL is legal in JSON and refused by PostgreSQL; it becomes the replacement character."""
    return text.replace("\0", "\ufffd")


def shortened(text: str, limit: int) -> str:
    """One printable line for an error: errors end up in logs and on cards."""
    plain = "".join(" " if has_control(one) or not one.isprintable() else one for one in text)
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def _plain(text: str) -> str:
    if not text or has_control(text):
        raise ValueError("empty, or with control characters")
    return text


def _is_control(code: int) -> bool:
    return code < _FIRST_PRINTABLE or _DELETE <= code <= _LAST_CONTROL or code in _SURROGATES


LabelName = Annotated[str, AfterValidator(_plain)]
FreeText = Annotated[str, AfterValidator(storable)]
