"""Forms of the page itself: where they go, and the two hidden fields that keep one's place."""

from __future__ import annotations

from bot.demo.page.reader import Reader
from bot.markup import Attribute, Child, Html, tag


def form(reader: Reader, action: str, *children: Child, **attributes: Attribute) -> Html:
    """A form that is sent without a page of its own where the script runs (`data-live`)."""
    place = [hidden("as", reader.user), hidden("ticket", str(reader.ticket)) if reader.ticket else None]
    return tag("form", place, children, action=action, method="post", data_live=True, **attributes)


def hidden(name: str, value: str) -> Html:
    return tag("input", type="hidden", name=name, value=value)


def button(words: str, *, name: str | None = None, value: str | None = None, look: str = "button") -> Html:
    return tag("button", words, type="submit", name=name, value=value, class_=look)


def chooser(name: str, label: str, choices: dict[str, str], *, chosen: str = "") -> Html:
    options = [tag("option", words, value=value, selected=value == chosen) for value, words in choices.items()]
    return tag("label", tag("span", label), tag("select", options, name=name))


def region(name: str, label: str, *children: Child, class_: str = "") -> Html:
    """A part of the page that the script replaces when it has changed."""
    return tag("section", children, id=name, data_region=True, aria_label=label or None, class_=class_ or None)
