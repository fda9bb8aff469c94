"""Characters that people do not see, or see as other ones: folds the look-alikes, removes and counts the hidden ones.

Owns code points only; markup is `graphs.hygiene.markup`. Must not touch what carries meaning: fullwidth punctuation of
Chinese and Japanese text, joiners that Persian and Indic scripts need, emoji. Every pattern runs in linear time.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache

TAGS_START, FIRST_TAG, LAST_TAG = 0xE0000, "\U000e0020", "\U000e007e"
"""Tag characters: an unseen copy of ASCII. The two marks are its space and its tilde."""
_FOLDED = (
    (0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A),  # fullwidth digits and letters
    (0xFF65, 0xFF9F),                                      # halfwidth katakana
    # letter-like signs, but neither ™ nor ℃
    (0x2102, 0x2102), (0x210A, 0x2115), (0x2119, 0x211D), (0x2124, 0x2125), (0x2128, 0x2128), (0x212C, 0x2134),
    (0x1D400, 0x1D7FF),                                    # mathematical letters and digits
    (0x24B6, 0x24E9), (0x1F110, 0x1F149),                  # letters in circles, brackets and squares
    (0xFB00, 0xFB06),                                      # ligatures such as ﬁ
    (0xFB50, 0xFDC7), (0xFE70, 0xFEFC),                    # Arabic presentation forms of letters
    (0x1D2C, 0x1D6A), (0x02B0, 0x02B8), (0x02E0, 0x02E4),  # raised letters
)  # fmt: skip
_SPACES = (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_JOINED = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1800-\u18aa"
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf"
    "\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_HIDDEN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("terminal_codes", re.compile(r"\x1b(?:\[[0-9;:?]{0,60}[ -/]?[@-~]|\][^\x07\x1b\n]{0,300}(?:\x07|\x1b\\))")),
    ("tag_characters", re.compile("[\U000e0000-\U000e007f]")),
    (
        "variation_selectors",
        re.compile(
            f"(?<![{_EMOJI}0-9#*])\ufe0f|(?<=[0-9#*])\ufe0f(?!\u20e3)"
            "|[\ufe00-\ufe0e\u180b-\u180d\u180f\U000e0100-\U000e01ef]"
        ),
    ),
    ("bidi", re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")),
    (
        "zero_width",
        re.compile(
            f"(?<![{_JOINED}])\u200c|\u200c(?![{_JOINED}])"
            f"|(?<![{_JOINED}{_EMOJI}\ufe0f])\u200d|\u200d(?![{_JOINED}{_EMOJI}])"
            "|[\u200b\u2060-\u2064\ufeff\u180e\u00ad\u034f\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5]"
        ),
    ),
    ("control", re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f]")),
    (
        "invisible",
        re.compile(
            "[\ufff9-\ufffb\u206a-\u206f\U0001d173-\U0001d17a\U0001bca0-\U0001bca3\ufdd0-\ufdef\ufffe\uffff"
            "\ufff0-\ufff8\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
        ),
    ),
    ("surrogates", re.compile("[\ud800-\udfff]")),
)
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f")
_PLAIN_SELECTOR = re.compile(
    f"(?<=[{_EMOJI}])\ufe0e|(?<=[\u3400-\u9fff\uf900-\ufaff])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
)
_ORDINARY = re.compile("[\n\t\x20-\x7e]*")
_MOST_MARKS = 8


def fold(text: str) -> str:
    """Line ends as `\n`, special spaces as plain ones, look-alike letters as the letters they imitate."""
    return _LINE_ENDS.sub("\n", text).translate(_table())


def compose(text: str) -> str:
    """NFC. Only after `strip_hidden`: sorting an endless pile of marks would take for ever."""
    return unicodedata.normalize("NFC", text)


def strip_hidden(text: str) -> tuple[str, Counter[str], str]:
    """The text without characters that nobody sees, how many of which kind, and what tag characters spelled out."""
    counts: Counter[str] = Counter()
    if _ORDINARY.fullmatch(text):
        return text, counts, ""
    text = _PLAIN_SELECTOR.sub("", _FLAG.sub("\U0001f3f4", text.lstrip("\ufeff")))
    spelled = "".join(chr(ord(char) - TAGS_START) for char in text if FIRST_TAG <= char <= LAST_TAG)
    for kind, pattern in _HIDDEN:
        text, found = pattern.subn("", text)
        if found:
            counts[kind] = found
    text, stacked = _stacks().subn(lambda run: run[0][:_MOST_MARKS], text)
    if stacked:
        counts["stacked_marks"] = stacked
    return text, counts, spelled


@cache
def _table() -> dict[int, str]:
    table = dict.fromkeys(_SPACES, " ")
    for first, last in _FOLDED:
        for code in range(first, last + 1):
            folded = unicodedata.normalize("NFKC", chr(code))
            if folded != chr(code):
                table[code] = folded
    return table


@cache
def _stacks() -> re.Pattern[str]:
    """Piles of combining marks. They deface a card, and sorting them makes normalising slow beyond any bound."""
    marks = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}]{{{_MOST_MARKS + 1},}}")
