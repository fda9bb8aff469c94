"""What `/triage` understands, in words: the help, and a hint for a word that is none of it.

Owns the list of words; `bot.service.commands.registry` has one command for each, and a test holds the two together.
"""

from __future__ import annotations

from difflib import get_close_matches

from bot.slack.blocks.answers import said
from bot.slack.blocks.message import Message
from bot.slack.escape import mrkdwn
from graphs.model import Value


class Word(Value):
    """One command in the help."""

    name: str
    takes: str
    does: str
    everyday: bool = False
    """Shown to everybody; the others by `help all`."""


TICKET = "owner/repo#12"
WORDS = (
    Word(name="next", takes="", does="the card that should be decided next, with its buttons", everyday=True),
    Word(name="list", takes="[mine|layer|overdue]", does="what waits for a decision", everyday=True),
    Word(name="explain", takes=TICKET, does="why it was proposed, with everything known", everyday=True),
    Word(name="undo", takes=TICKET, does="take back what I wrote there; what people have set stays", everyday=True),
    Word(name="away", takes="until friday", does="no new tickets, no reminders; `back` ends it", everyday=True),
    Word(name="approve", takes=TICKET, does="write what its card lists"),
    Word(name="reject", takes=f"{TICKET} wrong layer", does="write nothing; the reason helps the next guess"),
    Word(name="snooze", takes=f"{TICKET} 3h", does="put it off; `tomorrow`, `monday` or a day are fine too"),
    Word(name="owners", takes="retrieval", does="who gets the tickets of a layer, component or path"),
    Word(name="stats", takes="", does="how triage went in the last seven days"),
    Word(name="pause", takes="[channel|all]", does="propose and write nothing; `channel` stops new cards here only"),
    Word(name="resume", takes="[channel|all]", does="go on"),
    Word(name="back", takes="", does="you are not away any more"),
    Word(name="help", takes="all", does="all of this"),
)
NAMES = tuple(one.name for one in WORDS)
_FIRST = "*Strata* writes only what a person approves. No decision in time means no."
_TRIAGE = f"`/triage &lt;link&gt;` or `/triage {TICKET}` — propose something for this ticket"
_LAST = "`/triage help all` has the rest. You can also write to me, or say my name in a channel."


def usage(*, everything: bool = False) -> Message:
    lines = [_line(one) for one in WORDS if everything or one.everyday]
    return said("\n".join([_TRIAGE, *lines] if everything else [_FIRST, _TRIAGE, *lines, _LAST]))


def nearest(word: str) -> str | None:
    """The command that was probably meant."""
    return next(iter(get_close_matches(word.lower(), NAMES, n=1)), None)


def unknown_word(word: str) -> Message:
    close = nearest(word)
    hint = f"Did you mean `/triage {close}`?" if close else "`/triage help` says what I can do."
    return said(f"I do not know “{mrkdwn(word, 40)}”. {hint}")


def _line(word: Word) -> str:
    return f"`/triage {f'{word.name} {word.takes}'.strip()}` — {word.does}"
