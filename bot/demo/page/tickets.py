"""The tracker's side: tickets with labels and assignees, one ticket whole, and the form that files one.

Everything in a ticket is a stranger's text: it is shown as text, with what cannot be seen counted.
"""

from __future__ import annotations

import re
import unicodedata

from bot.demo.page.channel import avatar
from bot.demo.page.forms import button, chooser, form, hidden, region
from bot.demo.page.reader import Reader
from bot.markup import Child, Html, joined, tag
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.model import Comment, Happening, Issue
from bot.sandbox.github.seed import REPORTERS, TEAM
from bot.sandbox.stories import Story

SHOWN = 40
MAX_TITLE, MAX_BODY = 256, 65_536
UNSEEN = "The tracker does not show this; whoever reads the text by program sees it"
_HTML_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)
HIDING = frozenset({"Cf", "Cc", "Cn", "Co", "Cs"})
VERBS = {
    "labeled": "added the label",
    "unlabeled": "removed the label",
    "assigned": "assigned",
    "unassigned": "unassigned",
    "commented": "commented",
    "closed": "closed this",
    "reopened": "reopened this",
    "renamed": "changed the title",
    "locked": "locked this",
    "unlocked": "unlocked this",
}


def filing(reader: Reader, prepared: dict[str, Story]) -> Html:
    """Own words, or one of the prepared tickets with one press."""
    ready = [button(name, name="prepared", value=name, look="button small") for name in prepared]
    own = form(
        reader,
        "/file",
        tag("label", tag("span", "Title"), tag("input", name="title", required=True, maxlength=MAX_TITLE)),
        tag("label", tag("span", "Description"), tag("textarea", name="body", rows=5, maxlength=MAX_BODY)),
        chooser("author", "Reported by", {one: one for one in (*REPORTERS, *TEAM)}),
        button("File it", look="button primary"),
        class_="stacked",
        data_clear=True,
    )
    return tag(
        "section",
        tag("h3", "File a ticket"),
        form(reader, "/prepared", tag("span", "Prepared:", class_="quiet"), ready, class_="row"),
        tag("details", tag("summary", "Write one"), own, id="own-words"),
        class_="filing",
        id="file",
        aria_label="File a ticket",
    )


def listing(github: LocalGitHub, reader: Reader) -> Html:
    found = github.issues(reader.repository)[::-1]
    rows = [_row(one, reader) for one in found[:SHOWN]]
    more = f"and {len(found) - SHOWN} older ones" if len(found) > SHOWN else ""
    empty = tag("p", "No tickets yet: file one above.", class_="quiet empty")
    return region("tickets", "Tickets", tag("ol", rows) if rows else empty, tag("p", more) if more else None)


def _row(issue: Issue, reader: Reader) -> Html:
    link = tag("a", tag("bdi", issue.title), href=reader.place(ticket=issue.number, anchor="ticket"))
    current = "true" if issue.number == reader.ticket else None
    return tag(
        "li",
        tag("div", tag("span", f"#{issue.number}", class_="quiet"), " ", link, class_="title"),
        tag("div", _labels(issue), _assignees(issue), _comments(issue), _closed(issue), class_="row"),
        aria_current=current,
    )


def one_ticket(github: LocalGitHub, reader: Reader) -> Html:
    issue = next((one for one in github.issues(reader.repository) if one.number == reader.ticket), None)
    return region("ticket", "The chosen ticket", _whole(issue, github, reader) if issue else None)


def _whole(issue: Issue, github: LocalGitHub, reader: Reader) -> Child:
    said = [_comment(one, reader) for one in issue.comments]
    return [
        tag("h3", tag("bdi", issue.title), tag("span", f" #{issue.number}", class_="quiet")),
        tag(
            "p",
            f"{issue.state}, filed by {issue.author}, ",
            reader.date(issue.created_at, "{ago}"),
            class_="quiet",
        ),
        tag("dl", _row_of("Labels", _labels(issue) or "none"), _row_of("Assigned to", _assignees(issue) or "nobody")),
        _words(issue.body or ""),
        tag("h4", f"Comments ({len(said)})"),
        said or tag("p", "none", class_="quiet"),
        tag("h4", "History"),
        tag("ol", _line("filed this", issue.author, issue.created_at, reader), _history(issue, reader), class_="past"),
        _acts(issue, github, reader),
    ]


def _row_of(name: str, value: Child) -> Html:
    return joined([tag("dt", name), tag("dd", value)])


def _words(text: str) -> Html:
    """A stranger's text as it is. Characters that draw nothing are counted, for they may speak to a bot."""
    unseen = sum(unicodedata.category(char) in HIDING for char in text if char not in "\n\t\r")
    told = f"{unseen} characters in this text cannot be seen" if unseen else ""
    parts = [
        tag("span", one, class_="unseen", title=UNSEEN) if one.startswith("<!--") else one
        for one in _HTML_COMMENT.split(text)
    ]
    return joined([tag("pre", parts, class_="words", dir="auto"), tag("p", told, class_="warn") if told else None])


def _comment(comment: Comment, reader: Reader) -> Html:
    head = tag(
        "header", avatar(comment.author), tag("b", comment.author), " ", reader.date(comment.created_at, "{ago}")
    )
    return tag("article", head, _words(comment.body), class_="comment")


def _history(issue: Issue, reader: Reader) -> list[Html]:
    return [_happened(one, reader) for one in issue.history]


def _happened(one: Happening, reader: Reader) -> Html:
    verb = VERBS.get(one.event, one.event)
    what = tag("code", one.label) if one.label else one.assignee
    if one.rename:
        what = f"from “{one.rename[0]}”"
    return _line(verb, one.actor, one.at, reader, what, via="through the API" if one.via_api else "by hand")


def _line(verb: str, actor: str, at: float, reader: Reader, what: Child = None, via: str = "by hand") -> Html:
    return tag("li", tag("b", actor), f" {verb} ", what, " ", tag("small", via, " · ", reader.date(at, "{time_secs}")))


def _labels(issue: Issue) -> Html | None:
    return joined([tag("span", name, class_=f"label {label_class(name)}") for name in issue.labels]) or None


def label_class(name: str) -> str:
    """A name of ours for a label of anybody's, so that colours need no inline style."""
    return f"l{name.encode().hex()[:80]}"


def label_styles(github: LocalGitHub, repository: str) -> str:
    found = github.world.labels(github.world.repository(repository).full_name)
    valid = [
        one for one in found if len(one.color) == len("ffffff") and set(one.color) <= set("0123456789abcdefABCDEF")
    ]
    return "".join(f".{label_class(one.name)}{{--label:#{one.color}}}\n" for one in valid)


def _assignees(issue: Issue) -> Html | None:
    shown = [tag("span", avatar(one), one, class_="who") for one in issue.assignees]
    return joined(shown) if shown else None


def _comments(issue: Issue) -> Html | None:
    count = len(issue.comments)
    return tag("span", f"{count} comment{'s' if count > 1 else ''}", class_="quiet") if count else None


def _closed(issue: Issue) -> Html | None:
    return tag("span", "closed", class_="quiet") if issue.state == "closed" else None


def _acts(issue: Issue, github: LocalGitHub, reader: Reader) -> Html:
    """What a person may do in the tracker meanwhile, to see that the bot never overrides it."""
    if reader.user not in TEAM:
        return tag("p", f"{reader.user} has no account in this tracker.", class_="quiet")
    names = sorted(github.labels(reader.repository))
    number = hidden("number", str(issue.number))
    label = form(
        reader,
        "/tracker",
        number,
        chooser("label", "Label", {one: one for one in names}),
        button("Add", name="do", value="label"),
        button("Remove", name="do", value="unlabel"),
        class_="row",
    )
    assign = form(
        reader,
        "/tracker",
        number,
        chooser("assignee", "Person", {one: one for one in TEAM}),
        button("Assign", name="do", value="assign"),
        button("Unassign", name="do", value="unassign"),
        class_="row",
    )
    comment = form(
        reader,
        "/tracker",
        number,
        tag("label", tag("span", "Comment"), tag("input", name="comment", maxlength=1000)),
        button("Comment", name="do", value="comment"),
        button("Close" if issue.state == "open" else "Reopen", name="do", value="toggle"),
        class_="row",
    )
    head = tag("summary", f"Change it by hand, as {reader.user}")
    return tag("details", head, label, assign, comment, id="by-hand")
