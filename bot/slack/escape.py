"""The one way for text that is not ours into anything people see in Slack.

Two needs, two forms. `inert` is for reading: a ticket's words lose whatever could mention, link, reverse or
hide. `spelled` is for what will be written: every character stays, odd ones as `\\u{202e}`, so that two different
labels never look alike to the renderer and `unspelled` gives the exact text back. Must not know blocks or cards.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0")
"""Letters and marks that draw nothing, though Unicode does not call them format characters."""
_HIDING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me", "Mc"})
_MARKS_IN_A_ROW = 2
_EMOJI_STYLE = "\ufe0f"
_MOST_READ = 20_000
"""How much of a text is looked at to find its first lines."""
_SHORTCODE = re.compile(r":([a-z0-9_+'-]+):", re.IGNORECASE)
_SCHEME = re.compile(r"(?i):(?=//)|(?<=mailto):")
_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_LINK_CHARS = re.compile(r"https?://[!-;=?-{}~]+")
_ORDINARY = re.compile(r"(?! )[ -\[\]-~]+(?<! )")
"""Printable ASCII without a backslash; double blanks are looked at the long way."""
_FSI, _PDI = "\u2068", "\u2069"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_PIECE = 12
"""Of a word that is given up so that the line ends with a whole one."""
ELLIPSIS = "…"
_NOTHING = "\\e"
"""How an empty name is spelled: a lone backslash occurs in no other spelling."""


def inert(text: str) -> str:
    """Untrusted text for a plain_text object or a rich text element: readable, and nothing but readable."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    visible = "".join(_kept(text))
    return _isolated(_SCHEME.sub("[:]", visible))


def one_line(text: str, limit: int) -> str:
    """`inert` on one line of at most `limit` characters."""
    return _isolated(cut(" ".join(_bare(inert(text)).split()), limit))


def mrkdwn(text: str, limit: int = 200) -> str:
    """Untrusted text inside a mrkdwn object, for the few places that have no plain form. One line.

    Formatting marks are left alone: they can make text bold, never a mention, a link or a picture.
    """
    line = _bare(one_line(text, limit)).replace("`", "'")
    line = _SHORTCODE.sub("∶\\1∶", line)  # noqa: RUF001  # the look-alike is the point: no emoji comes of it
    line = re.sub(r"(?<!\w)@(?=\w)", "＠", line)  # noqa: RUF001  # the look-alike is the point: it pings nobody
    return _isolated(line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something is missing; after a whole word if one is near."""
    if len(text) <= limit:
        return text
    end = max(limit - 1, 0)
    if not text[end : end + 1].isspace():
        space = text.rfind(" ", max(end - _LONGEST_PIECE, 0), end)
        end = space if space > 0 else end
    return text[:end].rstrip() + ELLIPSIS


def lines_of(text: str, *, lines: int, width: int, indent: int = 0) -> list[str]:
    """The first `lines` non-empty lines of untrusted text, each of at most `width` characters as people see them.

    `indent` is what stands before the first line already. A long line is folded, so that no text can push what
    follows it off the screen.
    """
    folded: list[str] = []
    for line in _bare(inert(text[:_MOST_READ])).split("\n"):
        words = " ".join(line.split())
        while words and len(folded) <= lines:
            end = _fold_at(words, width if folded else max(width - indent, 1))
            folded.append(words[:end].rstrip())
            words = words[end:].lstrip()
    shown = folded[:lines]
    if len(folded) > lines and shown:
        shown[-1] = cut(shown[-1], width - 1).rstrip(" .,;:…") + ELLIPSIS
    return [_isolated(line) for line in shown]


def spelled(text: str, *, keep_newlines: bool = False) -> str:
    """Text that will be written, shown exactly: what would not be seen is spelled out, `\\` is doubled."""
    if "  " not in text and _ORDINARY.fullmatch(text):
        return text
    out: list[str] = []
    marks = 0
    inner = range(1, len(text) - 1)
    for at, char in enumerate(text):
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        kept = char == "\n" and keep_newlines and at in inner
        plain = kept or not (_must_spell(text, at) or marks > _MARKS_IN_A_ROW)
        out.append(char.replace("\\", "\\\\") if plain else f"\\u{{{ord(char):x}}}")
    return _isolated("".join(out)) or _NOTHING


def unspelled(shown: str) -> str:
    """The exact text behind `spelled`."""
    if shown == _NOTHING:
        return ""
    return re.sub(r"\\(?:\\|u\{([0-9a-f]+)\})", lambda m: chr(int(m[1], 16)) if m[1] else "\\", _bare(shown))


def mixed_alphabets(text: str) -> bool:
    """Latin letters next to Cyrillic or Greek ones: how look-alike names are made."""
    scripts = {unicodedata.name(char, "?").split(" ", 1)[0] for char in text if char.isalpha()}
    return "LATIN" in scripts and not scripts.isdisjoint({"CYRILLIC", "GREEK", "CHEROKEE", "ARMENIAN"})


def mention(user: str) -> str:
    """A Slack user in mrkdwn; anything that is not a user id is shown as words."""
    return f"<@{user}>" if _USER.fullmatch(user) else mrkdwn(user, 40)


def safe_link(url: str) -> str | None:
    """The address if a card may link to it: https (or plain http on this machine), no user part, nothing odd."""
    if len(url) > 2000 or not _LINK_CHARS.fullmatch(url):  # noqa: PLR2004  # below Slack's limit of 3000
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    allowed = parts.scheme == "https" or host in _LOOPBACK
    return url if allowed and host and "@" not in parts.netloc else None


def _kept(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for at, char in enumerate(text):
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        if char in "\n\t":
            kept.append("\n" if char == "\n" else " ")
        elif not _hidden(text, at) and marks <= _MARKS_IN_A_ROW:
            kept.append(char)
    return kept


def _hidden(text: str, at: int) -> bool:
    char = text[at]
    if char == _EMOJI_STYLE and at and unicodedata.category(text[at - 1]) == "So":
        return False
    variation = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return variation or char in _INVISIBLE or unicodedata.category(char) in _HIDING


def _must_spell(text: str, at: int) -> bool:
    """Hidden characters, odd spaces, and spaces that vanish: at an end or after another one."""
    char = text[at]
    if char == " ":
        return at in {0, len(text) - 1} or text[at - 1] == " "
    return _hidden(text, at) or char.isspace() or (at == 0 and unicodedata.category(char) in _MARKS)


def _isolated(text: str) -> str:
    """Right-to-left text must not reorder what stands around it."""
    if text.isascii() or not any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
        return text
    return "\n".join(f"{_FSI}{line}{_PDI}" if line else line for line in _bare(text).split("\n"))


def _bare(text: str) -> str:
    return text.replace(_FSI, "").replace(_PDI, "")


def _fold_at(words: str, width: int) -> int:
    if len(words) <= width:
        return len(words)
    space = words.rfind(" ", width // 2, width + 1)
    return space if space > 0 else width
