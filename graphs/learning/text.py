"""What people wrote in a ticket, apart from forms, logs and links.

Owns the split of a body into prose lines, for the model's eyes and for quotes. Must not change the ticket: quotes are
cut from the original text, only what the model reads is washed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

BODY_CAP = 8_000
"""Characters of a body that are looked at; what comes later is nearly always a log."""
READ_CAP = 2_500
"""Characters of prose the models read: more did not help on real issues."""
FENCE_CAP = 300
"""Characters kept of each fenced block: the first error line helps, the rest of a log does not."""
LINE_CAP = 400

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)|<[^>\n]{1,300}>")
_LINK = re.compile(r"\[([^\]\n]{0,200})\]\([^)\n]{0,500}\)")
_URL = re.compile(r"https?://\S+")
_MENTION = re.compile(r"(?<!\w)@[\w-]+")
_HEADING = re.compile(r"#{1,6}\s|\*\*[^*]{2,60}\*\*[:：]?\s*$|(?:=|-){3,}$")  # noqa: RUF001  # Chinese colon
_FACT = re.compile(
    r"(?:[-*]\s*)?\**(?:os|system|python|version|browser|docker|platform|gpu|cpu|ram|node|device|操作系统|项目版本|版本)"
    r"\b[^:：\n]{0,30}[:：]",  # noqa: RUF001  # Chinese colon
    re.IGNORECASE,
)
_PLEDGE = re.compile(
    r"(?:[-*]\s*)?\[[ xX√✓]*\].{0,40}(?:i have|i've|i agree|i am willing|i searched|i confirm|我已|我确|是的|提交)",
    re.IGNORECASE,
)
_LOG = re.compile(
    r"\s*(?:\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|(?:INFO|DEBUG|WARN(?:ING)?|ERROR|TRACE)\b"
    r"|File \"|at \S+\(|Traceback |[$>] |\|)"
)
_PREFIX = re.compile(r"^\s*(?:\[[^\]]{1,30}\]|【[^】]{1,20}】)\s*[:：]?\s*")  # noqa: RUF001  # Chinese colon
_EMPTY = frozenset({"_no response_", "n/a", "none", "no response"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body, as it stands there. `prose` is False for forms, logs, code and headings."""

    text: str
    prose: bool
    fenced: bool


def lines_of(body: str) -> list[Line]:
    """The lines worth reading, without comments in markup, empty form fields and pledges."""
    found: list[Line] = []
    fenced, left = False, 0
    for raw in _COMMENT.sub("", body[:BODY_CAP]).split("\n"):
        text = raw.strip()
        if text.startswith(("```", "~~~")):
            fenced, left = not fenced, FENCE_CAP
            continue
        if fenced:
            if left > 0 and text:
                found.append(Line(text=text[: min(left, LINE_CAP)], prose=False, fenced=True))
                left -= len(text)
        elif text and text.lower() not in _EMPTY and not _PLEDGE.match(text):
            noise = _HEADING.match(text) or _FACT.match(text) or _LOG.match(text)
            found.append(Line(text=text[:LINE_CAP], prose=not noise, fenced=False))
    return found


def wash(text: str) -> str:
    """A line as a model reads it: words of links stay, addresses, images and mentions go."""
    return _MENTION.sub(" ", _URL.sub(" ", _LINK.sub(r"\1", _IMAGE.sub(" ", text))))


def bare_title(title: str) -> str:
    """A title without its form's prefix, such as `[Bug]:`."""
    return _PREFIX.sub("", title[:LINE_CAP]) or title[:LINE_CAP]


MARK_NAMES = ("headings", "fence", "link", "prefix", "image", "no_response", "checklist", "length", "error", "code")
_MARKS = (
    re.compile(r"^\s*#{1,6}\s", re.MULTILINE),
    re.compile(r"```"),
    re.compile(r"https?://"),
    None,
    re.compile(r"!\[|<img"),
    re.compile(r"_No response_"),
    re.compile(r"^\s*- \[", re.MULTILINE),
    None,
    re.compile(r"traceback|exception|error", re.IGNORECASE),
    re.compile(r"`"),
)
_ROUGH = (0, 1, 2, 3, 4, 5)
_FORM_TITLE = re.compile(
    r"^\s*[\[【(<]\s*([^\]】)>\n]{1,30})[\]】)>]|^\s*(\w[\w ]{1,20}?)\s*(?:\([^)\n]*\))?\s*[:：]"  # noqa: RUF001
)
_FORM_HEADING = re.compile(r"^\s*(?:#{1,6}\s*(.+)|\*\*(.{2,60})\*\*[:：]?\s*)$", re.MULTILINE)  # noqa: RUF001
_FORM_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+|[^\W_]+")
HEADINGS = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """The two texts a model reads, and what the form around them looks like."""

    title: str
    body: str
    marks: tuple[float, ...] = (0.0,) * len(MARK_NAMES)
    """In the order of `MARK_NAMES`."""
    forms: tuple[str, ...] = ()
    """Words of the title's prefix and of headings, marked as such."""

    @property
    def rough(self) -> bool:
        """Whether it looks like a tracker's ticket, with forms, links, logs or pictures, and not like a plain note."""
        return any(self.marks[at] for at in _ROUGH)

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.body}"


def read(title: str, body: str) -> Reading:
    """What the models read: prose, the start of fenced blocks and bare log lines; no headings, no lists of versions."""
    kept = [wash(line.text) for line in lines_of(body) if line.prose or line.fenced or _LOG.match(line.text)]
    seen = body[:BODY_CAP]
    return Reading(
        title=wash(bare_title(title)),
        body="\n".join(kept)[:READ_CAP],
        marks=_marks(title, seen),
        forms=tuple(_forms(title[:LINE_CAP], seen)),
    )


def _marks(title: str, body: str) -> tuple[float, ...]:
    found = [float(bool(pattern and pattern.search(body))) for pattern in _MARKS]
    found[MARK_NAMES.index("prefix")] = float(bool(_PREFIX.match(title)))
    found[MARK_NAMES.index("length")] = math.log1p(len(body)) / 8
    return tuple(found)


def _forms(title: str, body: str) -> Iterator[str]:
    named = _FORM_TITLE.match(title)
    if named:
        yield from (f"prefix:{word}" for word in _FORM_WORD.findall((named[1] or named[2]).lower()))
    for heading in islice(_FORM_HEADING.finditer(body), HEADINGS):
        found = _FORM_WORD.findall((heading[1] or heading[2])[:LINE_CAP].lower())
        yield from (f"heading:{word}" for word in found)
        yield f"headings:{'_'.join(found)[:40]}"
