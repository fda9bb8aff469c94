"""Other readings of a text: what it says once an encoding or a disguise is undone. For the detector only.

Owns the readings. Must not change the ticket: people write code, tables and jokes that look like any of these. Each
reading looks at a bounded stretch, and none is read a second time, so what is wrapped twice stays wrapped.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote_plus

_MOST = 20_000
_LOOK_ALIKES = str.maketrans(  # Cyrillic, Greek, small capitals, others
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u0432\u043a\u043c\u043d\u0442\u0433"
    "\u03bf\u03b1\u03b9\u03bd\u03c1\u03ba\u03c4\u03c5\u03c7\u03b5\u03b7"
    "\u026a\u0274\u0280\u1d00\u1d07\u1d0f\u1d1b\u1d1c\u029f\u1d0d\u1d18\u1d05\u1d04\u0262\u029c\u0299\u1d0b\u1d20\u1d21\u028f\u1d22"
    "\u0251\u0261\u0131",
    "aeopcyxijsdhvkmhtroaivpktyxeninraeotulmpdcghbkvwyzagi",
)
"""Letters of other alphabets that are drawn like a Latin one. Not all of them: those that a sentence needs."""
_BOXED = {
    code: chr(ord("a") + (code - first) % 26)
    for first, last in ((0x1F150, 0x1F169), (0x1F170, 0x1F189), (0x1F1E6, 0x1F1FF))
    for code in range(first, last + 1)
}
_UPSIDE_DOWN = str.maketrans(
    "\u01dd\u0250\u0254\u0279\u0265\u0287\u028c\u028d\u028e\u0131\u025f\u0183\u027e\u029e\u026f", "eacrhtvwyifgjkm"
)
_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_BROKEN_WORD = re.compile(r"(?<=\w)-\n\s{0,20}(?=\w)")
_EMPHASIS = re.compile(r"[*~^]{1,3}|(?<=\w)[_+](?=\w)")
_APART = re.compile(r"(?<![^\W_])[^\W_](?:[ .\u00b7*|/_-]{1,3}[^\W_]){9,2000}(?![^\W_])")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,8000}={0,2}(?![A-Za-z0-9+/])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9a-fA-F]{2}[ ,:]{0,2}){16,4000}(?![0-9A-Za-z])")
_BINARY = re.compile(r"(?<!\d)(?:[01]{8}[ ,]{0,2}){12,2000}(?!\d)")
_PRINTABLE = 0.9
_MOST_RUNS = 40


def readings(text: str) -> Iterator[str]:
    """Each other reading of the first 20,000 characters that differs from the text."""
    text = text[:_MOST]
    plain = _plain(text)
    found = (
        plain,
        plain.translate(_LEET),
        _together(plain),
        codecs.encode(plain, "rot13"),
        plain[::-1],
        text.translate(_UPSIDE_DOWN),
        text.translate(_UPSIDE_DOWN)[::-1],
        *_runs(text),
    )
    yield from dict.fromkeys(one for one in found if one.strip() and one != text)


def _plain(text: str) -> str:
    """Escapes undone, emphasis and marks taken off, look-alike letters as Latin ones."""
    text = html.unescape(text)
    if "%" in text:
        text = unquote_plus(text, errors="replace")
    text = _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
    text = _EMPHASIS.sub(lambda mark: " " if mark[0] in {"_", "+"} else "", _BROKEN_WORD.sub("", text))
    apart = unicodedata.normalize("NFKD", text.translate(_BOXED))
    return "".join(char for char in apart if not unicodedata.combining(char)).translate(_LOOK_ALIKES)


def _together(text: str) -> str:
    """Letters that stand apart, put together; where the gap is wider a word ends."""

    def join(run: re.Match[str]) -> str:
        gaps = re.findall(r"[^\w]{1,3}|_{1,3}", run[0])
        usual = min(map(len, gaps))
        words = re.sub(r"([^\w]|_){1,3}", lambda gap: " " if len(gap[0]) > usual else "", run[0])
        return f" {words} "

    return _APART.sub(join, text)


def _runs(text: str) -> Iterator[str]:
    for pattern, undo in ((_BASE64, _from_base64), (_HEX, _from_hex), (_BINARY, _from_binary)):
        for at, run in enumerate(pattern.finditer(text)):
            if at >= _MOST_RUNS:
                break
            said = undo(run[0])
            if said and sum(map(str.isprintable, said)) >= _PRINTABLE * len(said):
                yield said


def _from_base64(run: str) -> str:
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _from_hex(run: str) -> str:
    try:
        return bytes.fromhex(re.sub(r"0x|\\x|[ ,:]", "", run)).decode("utf-8")
    except ValueError:
        return ""


def _from_binary(run: str) -> str:
    try:
        return bytes(int(one, 2) for one in re.findall("[01]{8}", run)).decode("utf-8")
    except ValueError:
        return ""
