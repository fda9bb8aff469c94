"""Markup that renders to nothing or to a picture: comments, hidden elements, titles, images. Takes it out, counts it.

Owns HTML and Markdown of untrusted text. Code stays untouched: what a tracker shows as code is not hidden. Works in
one pass from left to right; whatever the text, the work grows in line with its length.
"""

from __future__ import annotations

import re
import sys
from collections import Counter

from graphs.hygiene.characters import FIRST_TAG, LAST_TAG, TAGS_START
from graphs.hygiene.code_spans import CodeSpans
from graphs.hygiene.tags import Tag, TagReader

IMAGE = "[image]"
ZERO_WIDTH_SPACE = "\u200b"
_TOKEN = re.compile(
    r"""(?P<fence>^(?:[ ]{0,3}>){0,5}[ ]{0,3}(?:`{3,}|~{3,}))
      | (?P<ticks>`+)
      | (?P<comment><!--|<!\[CDATA\[|<\?|<![A-Za-z])
      | (?P<tag><[A-Za-z])
      | (?P<image>!\[)
      | (?P<link>\]\()
      | (?P<definition>^[ ]{0,3}\[[^\[\]\n]{1,300}\]:)
      | (?P<math>\\(?:[hv]?phantom|(?:text)?color\{(?:white|transparent)\})\s{0,5}\{)
      | (?P<entity>&[#A-Za-z])""",
    re.VERBOSE | re.MULTILINE,
)
_COMMENT_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_EMPTY_COMMENT = re.compile("<!---?>")
_LINE_START = re.compile(r"(?:^|\n) {0,3}\Z")
_PARENS = r"(?:[^\s()<>]|\([^\s()<>]{0,500}\))*+"
_TITLE = r"""(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'|\([^()\n]{0,300}\))"""
_IMAGE = re.compile(
    rf"!\[((?:[^\[\]\n]|\[[^\[\]\n]{{0,100}}\]){{0,500}}+)\]"
    rf"(?:\([ ]{{0,9}}(?:<[^<>\n]{{0,2000}}>|{_PARENS})[ ]{{0,9}}({_TITLE})?[ ]{{0,9}}\)|\[[^\[\]\n]{{0,300}}\])"
)
_LINK_TITLE = re.compile(rf"(\]\([ ]{{0,9}}(?:<[^<>\n]{{0,2000}}>|{_PARENS}))[ ]{{1,9}}({_TITLE})[ ]{{0,9}}\)")
_DEFINITION = re.compile(
    rf"([ ]{{0,3}}\[[^\[\]\n]{{1,300}}\]:[ \t]{{0,9}}(<[^<>\n]{{0,2000}}>|[^\s<]\S{{0,2000}}+|))"
    rf"(?:[ \t\n]{{1,9}}({_TITLE}))?"
    r"[ \t]{0,99}+(?=\n|\Z)"
)
_BRACED = re.compile(r"((?:[^{}\n]|\{[^{}\n]{0,300}\}){0,300}+)\}")
_ENTITY = re.compile(r"&(?:#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));?|(zwj|zwnj|lrm|rlm|shy|ZeroWidthSpace|NoBreak);)")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\x00-\x08\x0e-\x1f\x7f-\x9f\U000e0000-\U000e0fff]"
)
_TALK = re.compile(r"\S+\s+\S+\s+\S+\s+\S")


def talks(text: str) -> bool:
    """Four words or more: enough to say something."""
    return _TALK.search(text) is not None


class Stripper:
    """One pass over one text; read `text`, `counts`, `removed` and `collapsed` after it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tags = TagReader(source)
        self._code_spans = CodeSpans(source)
        self._parts: list[str] = []
        self._endless: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.removed: list[str] = []
        self.collapsed = 0
        handlers = {
            "fence": self._code,
            "ticks": self._code,
            "comment": self._comment,
            "tag": self._element,
            "image": self._image,
            "link": self._link_title,
            "definition": self._definition,
            "math": self._math,
            "entity": self._entity,
        }
        at = 0
        while token := _TOKEN.search(source, at):
            self._parts.append(source[at : token.start()])
            at = handlers[token.lastgroup or ""](token)
        self._parts.append(source[at:])
        self.text = "".join(self._parts)

    def _keep(self, start: int, end: int) -> int:
        self._parts.append(self._source[start:end])
        return end

    def _drop(self, kind: str, end: int, what: str, instead: str = "") -> int:
        self.counts[kind] += 1
        self.removed.append(what)
        self._parts.append(instead)
        return end

    def _code(self, token: re.Match[str]) -> int:
        return self._keep(token.start(), self._code_spans.end(token))

    def _comment(self, token: re.Match[str]) -> int:
        start, opening = token.start(), token[0]
        if short := _EMPTY_COMMENT.match(self._source, start):
            return self._drop("html_comment", short.end(), "")
        ending = _COMMENT_ENDS.get(opening, ">")
        end = -1 if ending in self._endless else self._source.find(ending, token.end())
        if end >= 0:
            return self._drop("html_comment", end + len(ending), self._source[token.end() : end])
        self._endless.add(ending)
        if opening == "<!--" and _LINE_START.search(self._source, max(0, start - 4), start):
            return self._drop("html_comment", len(self._source), self._source[token.end() :])
        return self._keep(start, token.end())

    def _element(self, token: re.Match[str]) -> int:
        tag = self._tags.read(token.start())
        if tag is None:
            return self._keep(token.start(), token.end())
        if tag.name == "img":
            if talks(tag.text):
                self.counts["image_text"] += 1
                self.removed.append(tag.text)
            self._parts.append(IMAGE)
            return tag.end
        if tag.name == "wbr":
            return tag.end
        if tag.hides and (end := self._tags.close(tag)) > (tag.end if tag.needs_end else -1):
            return self._drop("hidden_element", end, self._source[token.start() : end])
        if tag.name == "details":
            self.collapsed += 1
        return self._without_text(tag)

    def _without_text(self, tag: Tag) -> int:
        if not talks(tag.text):
            return self._keep(tag.start, tag.end)
        return self._drop("attribute_text", tag.end, tag.text, f"<{tag.name}>")

    def _image(self, token: re.Match[str]) -> int:
        image = _IMAGE.match(self._source, token.start())
        if image is None:
            return self._keep(token.start(), token.end())
        if talks(words := f"{image[1]} {(image[2] or '')[1:-1]}"):
            self.counts["image_text"] += 1
            self.removed.append(words)
        self._parts.append(IMAGE)
        return image.end()

    def _link_title(self, token: re.Match[str]) -> int:
        link = _LINK_TITLE.match(self._source, token.start())
        if link is None:
            return self._keep(token.start(), token.end())
        return self._drop("link_title", link.end(), link[2][1:-1], f"{link[1]})")

    def _definition(self, token: re.Match[str]) -> int:
        found = _DEFINITION.match(self._source, token.start())
        if found is None:
            return self._keep(token.start(), token.end())
        if found[2] in {"", "#", "<>", "/", "."} and found[3]:
            return self._drop("link_comment", found.end(), found[3][1:-1])
        if found[3]:
            return self._drop("link_title", found.end(), found[3][1:-1], found[1])
        return self._keep(token.start(), found.end())

    def _math(self, token: re.Match[str]) -> int:
        """A formula in the colour of the page, or one that only takes up room. Braces inside it end it early."""
        found = _BRACED.match(self._source, token.end())
        if found is None:
            return self._keep(token.start(), token.end())
        return self._drop("hidden_formula", found.end(), found[1])

    def _entity(self, token: re.Match[str]) -> int:
        entity = _ENTITY.match(self._source, token.start())
        if entity is None:
            return self._keep(token.start(), token.end())
        code = int(entity[1], 16) if entity[1] else int(entity[2]) if entity[2] else ord(ZERO_WIDTH_SPACE)
        char = chr(code) if code <= sys.maxunicode else IMAGE
        if not _UNSEEN.match(char):
            return self._keep(token.start(), entity.end())
        spelled = chr(code - TAGS_START) if FIRST_TAG <= char <= LAST_TAG else ""
        return self._drop("hidden_entity", entity.end(), spelled)
