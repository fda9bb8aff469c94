"""The Why screen: everything known about one proposal, for a person who wants to check it.

Owns its wording. Shows the whole of what would be written, the scores behind the guess, each claim with its
source, what was taken out of the ticket, the versions that shaped it, and what the engine cannot know.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from bot.slack.blocks.elements import (
    bold,
    boxed,
    bullets,
    line,
    link,
    literal,
    marked,
    person,
    plain,
    rich,
    section,
    utc,
)
from bot.slack.blocks.message import Json, Message
from bot.slack.blocks.operations import ADDS, ASSIGNS, COMMENTS, CREATES, in_words
from bot.slack.blocks.opinion import sections
from bot.slack.blocks.view import CardView, PrecedentFace, SimilarFace
from bot.slack.blocks.words import RISK_WORDS, UNSURE_BELOW, became, engine, percent
from bot.slack.escape import cut, mrkdwn, one_line, safe_link, spelled
from graphs.model import (
    AddLabel,
    Assign,
    Comment,
    HygieneReport,
    Operation,
    RemoveComment,
    RemoveLabel,
    Unassign,
)

BAR = 20
BOX_LIMIT = 2800
MOST_BOXES = 12
MOST_ROWS = 12
ENOUGH = 20
"""A count over fewer says little."""
LIMITS = (
    "The engine read the title and the text, nothing else: no pictures, no attachments, no linked pages.",
    f"A percentage is a share of belief, not a promise. Below {percent(UNSURE_BELOW)} another layer may well be right.",
    "Nothing is written before a person approves, and only what the card lists.",
)
LOCAL_LIMIT = "The local engine knows words it has met before. It does not understand what a text means."
SOURCES = {"quote": "the ticket says", "owner_rule": "owner rule", "precedent": "seen before", "note": "a note says"}


def why_modal(view: CardView) -> Json:
    return {"type": "modal", "title": plain("Why"), "close": plain("Close"), "blocks": _blocks(view)}


def why_message(view: CardView) -> Message:
    """The same, for whoever asked for it by typing."""
    name = f"{mrkdwn(view.ticket.short, 80)} · {mrkdwn(view.ticket.title, 120)}"
    return Message(text=f"Why: {name}", blocks=(section(marked(f"*{name}*")), *_blocks(view)))


def _blocks(view: CardView) -> list[Json]:
    return [
        *_heading(f"What would be written to {one_line(view.proposal.target.short, 80)}"),
        *_written(view.proposal.operations),
        *_heading("Layers"),
        rich([boxed("\n".join(_bars(view)))]),
        *_list("How often this was right", _counted(view)),
        *_taught(view),
        *_list("Evidence", _evidence(view)),
        *_similar(view),
        *_list("Risk", [f"it says so itself: {RISK_WORDS[risk]}" for risk in view.analysis.risks]),
        *(block for title, lines in sections(view) for block in _list(title, lines)),
        *_list("Taken out or noticed in the text", removed(view.hygiene)),
        *_list("What the engine cannot know", _limits(view)),
        *_list("Versions", _versions(view)),
    ]


def removed(report: HygieneReport) -> list[str]:
    """Each finding of the normaliser and the redactor in words."""
    hidden = [f"hidden and removed: {_kind(kind)} ({count})" for kind, count in report.hidden.items()]
    secret = [f"redacted: {_kind(kind)} ({count})" for kind, count in report.redacted.items()]
    spoken = [f"speaks to a bot: “{one_line(quote, 160)}”" for quote in report.addressed_to_bot]
    folded = [f"sections that a reader has to open: {report.folded}"] if report.folded else []
    cut_off = ["the text was longer than what is read; its end was left out"] * report.truncated
    return hidden + secret + spoken + folded + cut_off


def _written(operations: tuple[Operation, ...]) -> Iterator[Json]:
    if not operations:
        yield rich([line(literal("Nothing: all of it is set already."))])
    for operation in operations[:MOST_BOXES]:
        yield rich([line(literal(_label(operation))), *_boxes(operation)])
    if len(operations) > MOST_BOXES:
        yield rich([line(literal(f"and {len(operations) - MOST_BOXES} more"))])


def _label(operation: Operation) -> str:
    match operation:
        case AddLabel(creates=creates):
            return f"{ADDS}label{CREATES if creates else ''}"
        case Assign():
            return ASSIGNS
        case Comment(body=body):
            return f"{COMMENTS}, {len(body)} characters"
        case RemoveLabel() | Unassign() | RemoveComment():
            return in_words(operation)
    assert_never(operation)


def _boxes(operation: Operation) -> Iterator[Json]:
    """The exact text in boxes of a size that Slack takes."""
    match operation:
        case AddLabel(label=text) | Assign(login=text) | RemoveLabel(label=text) | Unassign(login=text):
            shown = spelled(text)
        case Comment(body=text) | RemoveComment(body=text):
            shown = spelled(text, keep_newlines=True)
        case _:
            assert_never(operation)
    for at in range(0, min(len(shown), BOX_LIMIT * MOST_BOXES), BOX_LIMIT):
        yield boxed(shown[at : at + BOX_LIMIT])


def _bars(view: CardView) -> Iterator[str]:
    scores = sorted(view.analysis.layer_scores.items(), key=lambda one: -one[1])[:MOST_ROWS]
    names = {layer: one_line(view.title_of(layer), 32) for layer, _ in scores}
    widest = max((len(name) for name in names.values()), default=0)
    for layer, score in scores:
        full = max(0, min(BAR, round(score * BAR)))
        mark = " ←" if layer == view.proposal.layer else ""
        yield f"{names[layer]:<{widest}}  {'█' * full}{'░' * (BAR - full)}  {percent(score)}{mark}"


def _evidence(view: CardView) -> list[str]:
    claims = [f"{SOURCES[one.source]}: “{one_line(one.text, 300)}”" for one in view.analysis.evidence[:MOST_ROWS]]
    owner = view.proposal.owner
    chosen = [f"owner: {one_line(owner.name, 80)}, {one_line(owner.reason, 200)}"] if owner else ["owner: nobody fits"]
    return (claims or ["none was found"]) + chosen


def _counted(view: CardView) -> list[str]:
    counted = view.record
    if counted is None or not counted.of:
        return []
    sure = ", about as sure as this one" if counted.alike else ""
    said = (
        f"of the last {counted.of} guesses “{one_line(view.title_of(view.proposal.layer), 40)}” by this engine in this"
        f" project{sure}, approvers kept the layer {counted.right} times"
    )
    return [said, *([] if counted.of >= ENOUGH else ["that is few: chance alone may make it better or worse"])]


def _taught(view: CardView) -> Iterator[Json]:
    """Which decided tickets moved the guess, and who decided them."""
    if view.precedents:
        yield from _heading("What the team taught: this moved the guess")
        yield rich([bullets(line(*_precedent(view, one)) for one in view.precedents)])


def _precedent(view: CardView, one: PrecedentFace) -> list[Json]:
    what = f"{one_line(one.short, 80)} ({percent(one.likeness)} alike) was decided as "
    told = literal(f"{what}{one_line(view.title_of(one.layer), 40)}")
    if one.by is None or one.at is None:
        return [told, literal("; that was forgotten since")]
    return [told, literal(" by "), person(one.by), literal(f" on {utc(one.at)}")]


def _similar(view: CardView) -> Iterator[Json]:
    if not view.similar:
        return
    yield from _heading("Perhaps the same (nothing is closed by this)")
    yield rich([bullets(line(*_other(view, one)) for one in view.similar)])


def _other(view: CardView, one: SimilarFace) -> list[Json]:
    url, name = safe_link(one.url), one_line(one.short, 80)
    title = f" “{one_line(one.title, 100)}”" if one.title else ""
    told = f"{title} · {one_line(became(view, one), 60)} · likeness {one.score:.2f}"
    return [link(url, name) if url else literal(name), literal(told)]


def _limits(view: CardView) -> list[str]:
    strange = [] if view.analysis.known_ground else ["This ticket is unlike anything seen: the scores mean little."]
    local = [LOCAL_LIMIT] if view.analysis.engine.startswith("local") else []
    return [*strange, *LIMITS, *view.shortfalls, *local]


def _versions(view: CardView) -> list[str]:
    proposal = view.proposal
    made = [f"{one_line(name, 40)}: {one_line(version, 80)}" for name, version in proposal.versions.items()]
    answered = f"answered by {one_line(engine(view.analysis.engine, view.analysis.cost_usd), 80)}"
    times = f"made {utc(proposal.created_at)}, void after {utc(proposal.expires_at)}"
    seal = (
        f"triage {one_line(proposal.triage, 60)}, proposal {one_line(proposal.id, 60)}, digest {proposal.digest[:12]}"
    )
    return [answered, *made[:MOST_ROWS], times, seal]


def _heading(text: str) -> list[Json]:
    return [rich([line(bold(text))])]


def _list(title: str, items: list[str]) -> list[Json]:
    if not items:
        return []
    shown = [cut(item, 400) for item in items[: MOST_ROWS * 2]]
    return [rich([line(bold(title)), bullets(line(literal(item)) for item in shown)])]


def _kind(kind: str) -> str:
    return one_line(kind.replace("_", " "), 60)
