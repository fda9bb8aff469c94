"""Turns a ticket into the only form that reaches a model, a card, a log or a store: normalised and redacted.

Owns the caps and what the report says. Must not do I/O. Text is redacted before it is cut to size, and where the input
itself had to be cut its tail is dropped too, so that no cut leaves half a secret behind.
"""

from __future__ import annotations

import re
from collections import Counter

from graphs.hygiene.addressed import addressed, prose, speaks
from graphs.hygiene.characters import compose, strip_hidden
from graphs.hygiene.decoded import readings
from graphs.hygiene.normalise import normalise
from graphs.hygiene.redact import Redactor
from graphs.model import CleanTicket, HygieneReport, Login, Ticket

TITLE_CHARS, BODY_CHARS, NAME_CHARS = 300, 20_000, 100
LABELS, ASSIGNEES = 100, 20
"""More than any tracker shows on one ticket."""
_TITLE_READ, _BODY_READ, _TAIL, _RAW = 4_000, 60_000, 2_000, 4
_OPEN_MARK = re.compile(r"\[[A-Z]{0,7}(?::[a-z0-9_:]{0,60})?\Z")


def clean(ticket: Ticket, redactor: Redactor) -> CleanTicket:
    """The ticket without anything hidden, secret or private, and a report of what that took."""
    notes = _Notes(redactor)
    title = " ".join(notes.text(ticket.title, read=_TITLE_READ, cap=TITLE_CHARS).split())
    body = notes.text(ticket.body, read=_BODY_READ, cap=BODY_CHARS)
    names = {
        "author": Login(notes.name(ticket.author)),
        "labels": tuple(map(notes.name, ticket.labels[:LABELS])),
        "assignees": tuple(Login(notes.name(login)) for login in ticket.assignees[:ASSIGNEES]),
    }
    text = f"{title}\n\n{body}"
    disguised = [redactor.redact(one).text for one in readings(prose(text)) if speaks(one)]
    report = HygieneReport(
        hidden=dict(notes.hidden),
        redacted=dict(notes.redacted),
        addressed_to_bot=addressed(text, hidden=redactor.redact("\n".join(notes.removed)).text, disguised=disguised),
        truncated=notes.truncated or len(ticket.labels) > LABELS or len(ticket.assignees) > ASSIGNEES,
        folded=notes.folded,
    )
    return CleanTicket.model_validate(
        {
            **names,
            "ref": ticket.ref,
            "url": ticket.url,
            "title": title,
            "body": body,
            "private": ticket.private,
            "version": ticket.version,
            "hygiene": report,
        }
    )


def clean_name(text: str) -> str:
    """A label or login as it is kept in a clean ticket, secrets aside: compare live names in this form too."""
    visible, _, _ = strip_hidden(text)
    return " ".join(compose(visible).split())[:NAME_CHARS]


class _Notes:
    """Collects the report while the parts of one ticket are cleaned."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.hidden: Counter[str] = Counter()
        self.redacted: Counter[str] = Counter()
        self.removed: list[str] = []
        self.truncated = False
        self.folded = 0

    def text(self, text: str, *, read: int, cap: int) -> str:
        normal = normalise(text[: _RAW * read], max_chars=read)
        self.hidden.update(normal.hidden)
        self.removed.append(normal.removed)
        self.folded += normal.collapsed
        redacted = self._redactor.redact(normal.text)
        self.redacted.update(redacted.counts)
        cut = normal.truncated or len(text) > _RAW * read
        whole = redacted.text[: -min(_TAIL, read // 2)] if cut else redacted.text
        self.truncated = self.truncated or cut or len(whole) > cap
        return _OPEN_MARK.sub("", whole[:cap]).rstrip() if len(whole) > cap else whole

    def name(self, name: str) -> str:
        visible, found, spelled = strip_hidden(name)
        self.hidden.update(found)
        self.removed.append(spelled)
        redacted = self._redactor.redact(clean_name(visible))
        self.redacted.update(redacted.counts)
        return redacted.text
