"""What will be written, exactly as the executor will write it.

Owns the rendering of operations and its inverse, `operations_shown`. Everything comes from the proposal's
operations, never from a model's words. Names and comments stand in code style, spelled so that nothing hides;
all other words in the block are ours, so nothing a stranger wrote can look like an operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import assert_never

from bot.slack.blocks.as_text import height
from bot.slack.blocks.elements import bold, boxed, code, line, literal, rich
from bot.slack.blocks.message import Json
from bot.slack.escape import spelled, unspelled
from bot.slack.ids import Block
from graphs.model import (
    AddLabel,
    Assign,
    Comment,
    Login,
    Operation,
    RemoveComment,
    RemoveLabel,
    Unassign,
    Value,
)

TITLE = "Approve writes"
ADDS = "+ "
ASSIGNS = "→ assign "
COMMENTS = "+ comment"
CREATES = " (new label, will be created)"
MOST_LINES = 5
"""Lines of a card that operations may take before they push everything else out."""
COMMENT_LIMIT = 150
COMMENT_LINES = 2
LONGEST_SPELLING = 10
"""Characters that one character can take when it is spelled out."""
MOST_COMMENT = 20_000
"""Characters of a comment, spelled, that the Why screen can show whole."""


class CutComment(Value):
    """A comment too long for the card: what is seen of it and how long all of it is."""

    start: str
    length: int


def showable(operations: Sequence[Operation]) -> bool:
    """False when a person could not see all of it: then the card must not offer to approve it either."""
    comments = [spelled(one.body, keep_newlines=True) for one in operations if isinstance(one, Comment)]
    fits = height([rich(_parts(operations, TITLE))]) <= MOST_LINES
    return fits and len(comments) <= 1 and all(len(one) <= MOST_COMMENT for one in comments)


def cut_comments(operations: Sequence[Operation]) -> list[Comment]:
    """Comments the card shows only the start of; the Why screen has them whole."""
    return [one for one in operations if isinstance(one, Comment) and _start(one.body) != one.body]


def operations_block(operations: Sequence[Operation], title: str = TITLE) -> Json:
    if not operations:
        return rich([line(bold(f"{title}: "), literal("nothing, all of it is set already"))], Block.OPERATIONS)
    if not showable(operations):
        said = "more than a card can show, so it cannot be approved here. Edit… makes a shorter proposal."
        return rich([line(bold(f"{title}: "), literal(said))], Block.OPERATIONS)
    return rich(_parts(operations, title), Block.OPERATIONS)


def elements_of(operation: Operation) -> list[Json]:
    """One operation inside a line of text; of a comment only that there is one."""
    match operation:
        case AddLabel():
            return [literal(ADDS), code(_name(operation)), *([literal(CREATES)] if operation.creates else [])]
        case Assign():
            return [literal(ASSIGNS), code(_name(operation))]
        case Comment():
            return [literal(COMMENTS)]
        case RemoveLabel() | Unassign() | RemoveComment():
            return named(operation)
        case _:
            assert_never(operation)


def named(operation: Operation) -> list[Json]:
    """The same without a sign, for a line that says what became of it."""
    match operation:
        case AddLabel() | RemoveLabel():
            return [literal("label "), code(_name(operation))]
        case Assign() | Unassign():
            return [literal("assignee "), code(_name(operation))]
        case Comment() | RemoveComment():
            return [literal("comment")]
        case _:
            assert_never(operation)


def in_words(operation: Operation) -> str:
    """For notifications and screen readers: spelled, but without any block."""
    match operation:
        case AddLabel():
            return f"label {_name(operation)}" + (" (new)" if operation.creates else "")
        case Assign():
            return f"assign {_name(operation)}"
        case Comment():
            return "a comment"
        case RemoveLabel():
            return f"take off label {_name(operation)}"
        case Unassign():
            return f"unassign {_name(operation)}"
        case RemoveComment():
            return "delete the comment"
        case _:
            assert_never(operation)


def spelled_out(operation: Operation) -> str:
    """All of it on one line, the comment too."""
    if isinstance(operation, Comment):
        return f"comment “{spelled(operation.body)}”"
    return in_words(operation)


def operations_shown(blocks: Sequence[Json]) -> list[Operation | CutComment]:
    """Reads a card back: what a person who looks at it believes will be written."""
    shown: list[Operation | CutComment] = []
    for part, following in pairwise([*_parts_of(blocks), {}]):
        elements = _elements(part) if part.get("type") == "rich_text_section" else []
        for at, element in enumerate(elements):
            after = elements[at + 1] if at + 1 < len(elements) else {}
            match element.get("text"):
                case str() as text if text == ADDS and not _styled(element):
                    creates = at + 2 < len(elements) and elements[at + 2].get("text") == CREATES
                    shown.append(AddLabel(label=unspelled(_text(after)), creates=creates))
                case str() as text if text == ASSIGNS and not _styled(element):
                    shown.append(Assign(login=Login(unspelled(_text(after)))))
                case str() as text if text.startswith(COMMENTS) and not _styled(element):
                    shown.append(_comment_shown(text, unspelled(_text(_elements(following)[0]))))
    return shown


def _parts(operations: Sequence[Operation], title: str) -> Iterator[Json]:
    row: list[Json] = [bold(f"{title}:  ")]
    for operation in operations:
        if isinstance(operation, Comment):
            start = _start(operation.body)
            label = literal(_comment_label(operation.body, start))
            if len(row) > 1:
                yield line(*row)
                row = []
            yield line(*row, label)
            yield boxed(spelled(start, keep_newlines=True))
            row = []
        else:
            row += [*elements_of(operation), literal("   ")]
    if row:
        yield line(*row)


def _comment_label(body: str, start: str) -> str:
    if start == body:
        return f"{COMMENTS}:"
    return f"{COMMENTS}, its first {len(start)} of {len(body)} characters, the rest is under Why:"


def _comment_shown(label: str, start: str) -> Comment | CutComment:
    if label == f"{COMMENTS}:":
        return Comment(body=start)
    length = label.split(" of ", 1)[1].split(" ", 1)[0]
    return CutComment(start=start, length=int(length))


def _start(body: str) -> str:
    """As much of a comment as a card has room for."""
    start = "\n".join(body.split("\n")[:COMMENT_LINES])[:COMMENT_LIMIT]
    while (over := len(spelled(start, keep_newlines=True)) - COMMENT_LIMIT) > 0:
        start = start[: -(over // LONGEST_SPELLING + 1)]
    return start


def _name(operation: AddLabel | Assign | RemoveLabel | Unassign) -> str:
    return spelled(operation.label if isinstance(operation, AddLabel | RemoveLabel) else operation.login)


def _parts_of(blocks: Sequence[Json]) -> list[Json]:
    found = [block for block in blocks if block.get("block_id") == Block.OPERATIONS]
    return [part for block in found for part in _elements(block)]


def _elements(holder: Json) -> list[Json]:
    inner = holder.get("elements")
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []


def _text(element: Json) -> str:
    text = element.get("text")
    return text if isinstance(text, str) else ""


def _styled(element: Json) -> bool:
    return "style" in element
