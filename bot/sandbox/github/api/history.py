"""Who did what to an issue: `events` and `timeline`."""

from __future__ import annotations

from bot.sandbox.github.answers import Answer
from bot.sandbox.github.call import Call
from bot.sandbox.github.model import Happening, Issue, Json
from bot.sandbox.github.paging import cut, listing


def events(call: Call) -> Answer:
    """Everything but comments."""
    issue = call.issue()
    lines = [one for one in issue.history if one.event != "commented"]
    page, headers = cut(call, lines)
    return listing([call.shapes.happening(issue, one) for one in page], headers)


def timeline(call: Call) -> Answer:
    """Comments too, with their text."""
    issue = call.issue()
    page, headers = cut(call, issue.history)
    return listing([_entry(call, issue, one) for one in page], headers)


def _entry(call: Call, issue: Issue, line: Happening) -> Json:
    comment = next((one for one in issue.comments if one.id == line.comment), None)
    if line.event == "commented" and comment is not None:
        actor = call.shapes.user(line.actor)
        return call.shapes.comment(issue, comment) | {"event": "commented", "actor": actor}
    return call.shapes.happening(issue, line)
