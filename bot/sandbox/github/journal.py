"""Every API call that wanted to change something, and which of them changed the same thing twice.

Owns the record that tests and the demo judge the bot by. Must not influence any answer.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sandbox.github.model import Happening, Issue

MARKER = re.compile(r"<!--.*?-->", re.DOTALL)
READS_KEPT = 2_000
NO_TICKET = ("/access_tokens", "/attempts")
"""POSTs that change nothing in a tracker: minting a token, asking for a webhook again."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    at: float
    login: str
    """Whose token; empty without one."""
    method: str
    path: str
    body: object
    status: int | None
    """What the client was told; None when it got no answer."""
    applied: bool
    """The request was carried out (2xx inside), even if the answer never arrived."""
    changed: bool = False
    """Something is different now. False for an applied repeat, such as adding a label that is there."""
    repo: str | None = None
    number: int | None = None


@dataclass
class Journal:
    writes: list[Call] = field(default_factory=list)
    reads: deque[Call] = field(default_factory=lambda: deque(maxlen=READS_KEPT))
    """The last ones only: a load test makes many."""

    def note(self, call: Call) -> None:
        harmless = call.method in {"GET", "HEAD"} or call.path.endswith(NO_TICKET)
        (self.reads if harmless else self.writes).append(call)

    def per_issue(self) -> dict[tuple[str, int], int]:
        """How many calls changed something, per (repository, issue)."""
        effective = [one for one in self.writes if one.applied and one.changed]
        return dict(Counter((one.repo, one.number) for one in effective if one.repo and one.number is not None))

    def applied(self) -> tuple[Call, ...]:
        return tuple(one for one in self.writes if one.applied)

    def on(self, repo: str, number: int) -> tuple[Call, ...]:
        return tuple(one for one in self.writes if one.repo == repo and one.number == number)

    def repeated(self) -> tuple[Call, ...]:
        """Carried out without changing anything: it was so already. A bot that reads first has none."""
        return tuple(one for one in self.writes if one.applied and not one.changed)

    def replaced_lists(self) -> tuple[Call, ...]:
        """Calls that set a whole list of labels or assignees, and so may undo what a person did."""
        return tuple(one for one in self.writes if _replaces(one))


def _replaces(call: Call) -> bool:
    if call.method == "PUT" and call.path.endswith("/labels"):
        return True
    named = call.body.keys() if isinstance(call.body, dict) else ()
    return call.method == "PATCH" and call.number is not None and not {"labels", "assignees"}.isdisjoint(named)


@dataclass(frozen=True, slots=True)
class Effect:
    """One change that an API call made to one issue."""

    repo: str
    number: int
    actor: str
    what: str
    """`labeled`, `assigned`, `commented` ..."""
    value: str


def effects(issue: Issue) -> Iterator[Effect]:
    for line in issue.history:
        if line.via_api:
            yield Effect(issue.repo, issue.number, line.actor, line.event, _value(issue, line))


def duplicates(issue: Issue) -> tuple[Effect, ...]:
    """The same change made again by the API although nobody had taken it back: a comment posted twice.

    A comment's identity is its hidden marker where it has one, else its text. Labels and assignees can be on
    only once, so a second time counts as a duplicate unless it was taken off in between.
    """
    seen: Counter[Effect] = Counter()
    twice: list[Effect] = []
    for line in issue.history:
        _take_back(seen, issue, line)
        if not line.via_api:
            continue
        effect = Effect(issue.repo, issue.number, line.actor, line.event, _value(issue, line))
        if seen[effect] and line.event in _UNDONE_BY.values():
            twice.append(effect)
        seen[effect] += 1
    return tuple(twice)


_UNDONE_BY = {"unlabeled": "labeled", "unassigned": "assigned", "comment_deleted": "commented"}


def _take_back(seen: Counter[Effect], issue: Issue, line: Happening) -> None:
    undone = _UNDONE_BY.get(line.event)
    if undone is None:
        return
    value = _value(issue, line)
    for effect in [one for one in seen if one.what == undone and one.value == value]:
        del seen[effect]


def _value(issue: Issue, line: Happening) -> str:
    if line.comment is None:
        return line.label or line.assignee or ""
    text = next((one.body for one in issue.comments if one.id == line.comment), f"deleted comment {line.comment}")
    marker = MARKER.search(text)
    return marker.group(0) if marker else text
