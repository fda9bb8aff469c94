"""HTML that escapes by itself: whatever is not `Html` already is text, wherever it came from.

Owns escaping. Must not know what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias


class Html(str):
    """Finished HTML. Made here, by the renderer of messages and from a style sheet of ours, and nowhere else."""

    __slots__ = ()


Child: TypeAlias = str | Iterable["Child"] | None
Attribute: TypeAlias = str | int | bool | None
VOID = frozenset({"br", "hr", "input", "link", "meta"})


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """`tag("a", "text", href="/", class_="x", aria_label="y")`; True is a bare attribute, None and False are none."""
    opened = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Html(opened if name in VOID else f"{opened}{joined(children)}</{name}>")


def joined(children: Child) -> Html:
    """Children one after the other; text among them is escaped."""
    if children is None:
        return Html("")
    if isinstance(children, Html):
        return children
    if isinstance(children, str):
        return Html(escape(children))
    return Html("".join(joined(child) for child in children))


def document(html: Html) -> str:
    return f"<!doctype html>\n{html}"


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
