"""Proposals and texts as an attacker would write them, by a seeded generator: the same on every run."""

from __future__ import annotations

from random import Random

from graphs.model import AddLabel, Assign, Comment, Login, Operation

PIECES = (
    "<!channel>", "<!here|hi>", "<@U01ONDUTY>", "<https://evil.example|Approve>", "https://evil.example/x?y=1",
    "*bold*", "_it_", "~gone~", "`code`", "```", ":fire:" * 9, "✅ Approved", "+ ", "→ assign ", "+ comment:",
    " (new label, will be created)", "Approve writes:  ", "\n", "\r\n", "\t", "  ", " ", "\u202e", "\u2066", "\u2069",
    "\u200b", "\u200d", "\ufeff", "\U000e0041", "\u00ad", "\x00", "\x1b[31m", "\u2028", "שלום", "مرحبا",
    "\u0430", "\u03bf", "\u0435\u0301\u0302\u0303\u0304\u0305", "\u3164", "\u2800", "\ufe0f", "❤\ufe0f", "\\",
    "\\u{202e}", "\\e", "&lt;", "&", "<", ">", "|", "bug", "kind: bug", "layer: retrieval and context",
    "a", "1", "…", "日本語", "|x|", "#1",
)  # fmt: skip


def seeded(number: int) -> Random:
    return Random(number)  # noqa: S311  # repeatable, not secret


def text(random: Random, most: int = 5) -> str:
    return "".join(random.choice(PIECES) for _ in range(random.randint(0, most)))


def operations(random: Random) -> tuple[Operation, ...]:
    return tuple(_operation(random) for _ in range(random.randint(0, 4)))


def _operation(random: Random) -> Operation:
    match random.randrange(6):
        case 0 | 1 | 2:
            return AddLabel(label=text(random), creates=random.random() < 0.3)
        case 3 | 4:
            return Assign(login=Login(text(random)))
        case _:
            return Comment(body=text(random, random.choice([3, 12, 60])))
