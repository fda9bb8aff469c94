"""A browser without a script: reads a page as a tree, finds buttons by their words, sends forms as they stand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

VOID = frozenset({"br", "hr", "input", "link", "meta", "img"})
PATIENCE_S, LOOK_S = 60.0, 0.1


@dataclass
class Node:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    parent: Node | None = None

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, name: str, /, **wanted: str) -> list[Node]:
        """Elements of this name whose attributes have these values; `class_` means one of the classes."""
        return [one for one in self.walk() if one.name == name and one.fits(wanted)]

    def fits(self, wanted: dict[str, str]) -> bool:
        for key, value in wanted.items():
            has = self.attributes.get(key.rstrip("_").replace("_", "-"), "")
            if value not in (has.split() if key == "class_" else [has]):
                return False
        return True

    def region(self, name: str) -> Node:
        return next(one for one in self.walk() if one.attributes.get("id") == name)

    def above(self, name: str) -> Node:
        node = self.parent
        while node is not None and node.name != name:
            node = node.parent
        assert node is not None, f"no {name} around {self.name}"
        return node

    @property
    def text(self) -> str:
        return "".join(child.text if isinstance(child, Node) else child for child in self.children)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Node("root")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {key: value or "" for key, value in attrs}, parent=self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_endtag(self, tag: str) -> None:
        assert self.at.name == tag, f"</{tag}> closes <{self.at.name}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read(html: str) -> Node:
    """Every element that is opened is closed, in order: an escape that was forgotten would break that."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.at is reader.root
    return reader.root


def fields_of(form: Node) -> dict[str, list[str]]:
    """What a browser would send, before anything is changed."""
    sent: dict[str, list[str]] = {}
    for one in form.walk():
        name = one.attributes.get("name")
        if not name or one.name == "button":
            continue
        if one.name == "select":
            options = one.all("option")
            chosen = [item for item in options if "selected" in item.attributes]
            chosen = chosen or ([] if "multiple" in one.attributes else options[:1])
            sent.setdefault(name, []).extend(item.attributes.get("value", item.text) for item in chosen)
        elif one.name == "textarea":
            sent.setdefault(name, []).append(one.text.removeprefix("\n"))
        elif one.name == "input" and (
            one.attributes.get("type") not in {"checkbox", "radio"} or "checked" in one.attributes
        ):
            sent.setdefault(name, []).append(one.attributes.get("value", ""))
    return sent


@dataclass
class Screen:
    """One person's window."""

    http: httpx.AsyncClient
    user: str
    ticket: int | None = None
    page: Node = field(default_factory=lambda: Node("root"))

    async def look(self) -> Node:
        asked = {"as": self.user} | ({"ticket": str(self.ticket)} if self.ticket else {})
        answer = await self.http.get("/", params=asked)
        assert answer.status_code == 200
        self.page = read(answer.text)
        return self.page

    async def until(self, seen: Callable[[Node], object]) -> Node:
        """Looks again and again, as a person does who waits."""
        for _ in range(int(PATIENCE_S / LOOK_S)):
            if seen(await self.look()):
                return self.page
            await asyncio.sleep(LOOK_S)
        raise AssertionError(f"{self.user} waited in vain; the page says\n{self.page.text}")

    async def press(self, words: str, *, within: Node | None = None, **changed: str) -> Node:
        """The button with these words; `changed` are fields filled in before."""
        buttons = [one for one in (within or self.page).all("button") if one.text.strip() == words]
        assert buttons, f"no button {words!r}: there are {[one.text for one in (within or self.page).all('button')]}"
        return await self.send(buttons[0], **changed)

    async def send(self, button: Node, **changed: str) -> Node:
        form = button.above("form")
        sent = fields_of(form) | {name: [value] for name, value in changed.items()}
        if name := button.attributes.get("name"):
            sent[name] = [button.attributes.get("value", "")]
        answer = await self.http.post(form.attributes["action"], data=sent, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        self.page = read(answer.text)
        return self.page

    def message(self, *words: str) -> Node:
        """The last message that says all this."""
        found = [one for one in self.page.all("article", class_="message") if all(word in one.text for word in words)]
        assert found, f"no message says {words}:\n{self.page.region('messages').text}"
        return found[-1]
