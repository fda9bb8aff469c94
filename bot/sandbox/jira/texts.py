"""Texts as Jira's Cloud holds them: documents in, wiki markup out to webhooks. Strict as Jira is; must not act."""

from __future__ import annotations

Json = dict[str, object]
_INLINE = frozenset({"text", "hardBreak"})


def document(text: str) -> Json:
    """What a person types, as the editor stores it."""
    blocks = [{"type": "paragraph", "content": _lines(one)} for one in text.split("\n\n")]
    return {"type": "doc", "version": 1, "content": blocks}


def is_document(value: object) -> bool:
    """Paragraphs of texts, links and line breaks; anything else Jira would call INVALID_INPUT here."""
    if not isinstance(value, dict) or (value.get("type"), value.get("version")) != ("doc", 1):
        return False
    blocks = value.get("content")
    return isinstance(blocks, list) and all(_is_paragraph(one) for one in blocks)


def wiki(value: object) -> str:
    """A document as webhooks tell it."""
    blocks = value.get("content", []) if isinstance(value, dict) else []
    return "\n\n".join("".join(_inline(it) for it in one.get("content", [])) for one in blocks)


def _lines(text: str) -> list[Json]:
    found: list[Json] = []
    for index, line in enumerate(text.split("\n")):
        found += [{"type": "hardBreak"}] if index else []
        found += [{"type": "text", "text": line}] if line else []
    return found


def _is_paragraph(value: object) -> bool:
    if not isinstance(value, dict) or value.get("type") != "paragraph":
        return False
    content = value.get("content", [])
    return isinstance(content, list) and all(_is_inline(one) for one in content)


def _is_inline(value: object) -> bool:
    if not isinstance(value, dict) or value.get("type") not in _INLINE:
        return False
    return value["type"] == "hardBreak" or (isinstance(value.get("text"), str) and value["text"] != "")


def _inline(value: Json) -> str:
    if value.get("type") == "hardBreak":
        return "\n"
    text, marks = str(value.get("text", "")), value.get("marks", [])
    link = marks[0] if isinstance(marks, list) and marks else None
    return f"[{text}|{link['attrs']['href']}]" if isinstance(link, dict) else text
