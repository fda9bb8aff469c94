"""The card: one ticket, what would be written, and four buttons.

Owns the order of things and the budget of twelve lines. What will be written comes first and complete; a
stranger's words come later, in a quote, and only as many lines as are left. Must not decide who may approve.
"""

from __future__ import annotations

import re

from bot.slack.blocks.as_text import height
from bot.slack.blocks.decision import decision_blocks, sentence
from bot.slack.blocks.elements import (
    actions,
    bold,
    button,
    context,
    fields,
    italic,
    line,
    link,
    literal,
    marked,
    menu,
    plain,
    quote,
    rich,
    section,
    when,
)
from bot.slack.blocks.message import Json, Message
from bot.slack.blocks.operations import cut_comments, in_words, operations_block, showable, spelled_out
from bot.slack.blocks.view import CardView, Pending
from bot.slack.blocks.words import (
    KIND_SIGNS,
    KIND_WORDS,
    NO_OWNER,
    ROLE_WORDS,
    VERB_WORDS,
    became,
    confidence,
    engine,
    flags,
    percent,
    runner_up,
)
from bot.slack.escape import cut, lines_of, mention, mrkdwn, one_line, safe_link
from bot.slack.ids import CARD_EVENT, INSTEAD, VERBS, Action, Block
from graphs.model import Assign, Evidence

MOST_LINES = 12
WORDS_LINES = 3
WHY_LINES = 2
LINE_WIDTH = 88
TITLE_LIMIT = 80
FACT_LIMIT = 86
TIGHT_FACT_LIMIT = 44
SHORT_ID = 10
_PERHAPS = "Perhaps the same  "
FLAGS_LIMIT = 300
"""More than all flags together take."""
CONFIRM_LIMIT = 300
"""Slack's, for the text of a question."""
INSTEAD_LIMIT = 40
SHORTFALL_LIMIT = 40
MOST_SECONDS = 3
_TEXT_LIMIT = 600
_MOST_READ = 20_000
_FORM = re.compile(r"(?m)^[ \t]*(#{1,6} .*|- \[[ xX]\] .*|```.*|~~~.*|-{3,}|\*\*[^*\n]+\*\*:?|_No response_)[ \t]*$")
"""Lines of an issue form (headings, check boxes, fences): they say the same on every ticket."""


def card(view: CardView) -> Message:
    """The message for a proposal in its present state: the same message is updated from state to state."""
    blocks = _open_card(view) if isinstance(view.state, Pending) else _closed_card(view)
    ids = {"triage": str(view.proposal.triage), "proposal": str(view.proposal.id)}
    metadata: Json = {"event_type": CARD_EVENT, "event_payload": ids}
    return Message(text=_fallback(view), blocks=tuple(blocks), metadata=metadata)


def _open_card(view: CardView) -> list[Json]:
    frame = [
        _header(view),
        operations_block(view.proposal.operations),
        _buttons(view),
        _context(view),
    ]
    facts, left = _facts_and_room(view, MOST_LINES - height(frame))
    similar = _similar(view) if left > 1 else []  # where room is short they are under Why
    left -= height(similar)
    # A ticket that may be the same says more than a line of this one's words.
    why = _why(view, min(WHY_LINES, left if left == 1 or similar else left - 1))
    words = _ticket_words(view, min(WORDS_LINES, left - height(why)))
    return [frame[0], frame[1], *facts, *words, *why, *similar, frame[2], frame[3]]


def _facts_and_room(view: CardView, room: int) -> tuple[list[Json], int]:
    """The facts, shorter where room is short, and how many lines are left. A count may not cost the reasons theirs."""
    facts = _facts(view, FACT_LIMIT)
    left = room - height(facts)
    if left > WHY_LINES:
        return facts, left
    for shorter in (view, view.model_copy(update={"record": None})):
        facts = _facts(shorter, TIGHT_FACT_LIMIT, with_kind=left >= 0)
        if room - height(facts) >= WHY_LINES:
            break
    return facts, room - height(facts)


def _closed_card(view: CardView) -> list[Json]:
    buttons = [_why_button(view), *([_undo(view)] if view.undoable else [])]
    return [_header(view), *decision_blocks(view), actions(buttons, Block.BUTTONS), _context(view)]


def _header(view: CardView) -> Json:
    ticket = view.ticket
    sign = KIND_SIGNS[view.proposal.kind] + (" 🔒 " if ticket.private else " ")
    url = safe_link(ticket.url)
    short = one_line(ticket.short, 100) or "ticket"
    name = link(url, short) if url else bold(short)
    room = max(TITLE_LIMIT - len(short), 20)
    return rich([line(literal(sign), name, bold(f" · {one_line(ticket.title, room) or 'no title'}"))], Block.HEADER)


def _facts(view: CardView, limit: int, *, with_kind: bool = True) -> list[Json]:
    """Four short fields; flags that do not fit a field get a line, for they are never cut.

    The kind can be spared where room is short: the sign in the header says it too.
    """
    proposal = view.proposal
    by = proposal.edited_by
    trust = f"chosen by {mention(by)}" if by else mrkdwn(confidence(view))
    found = f"*Flags*  ⚠️ {mrkdwn(' · '.join(flags(view)), FLAGS_LIMIT)}" if flags(view) else "*Flags*  none"
    kind = marked(f"*Kind*  {KIND_WORDS[proposal.kind]} · {ROLE_WORDS[view.analysis.role]}")
    facts = [
        marked(f"*Layer*  {mrkdwn(view.title_of(proposal.layer), 40)} · {trust}"),
        marked(f"*Owner*  {mrkdwn(_owner(view), limit)}"),
        *([kind] if with_kind else []),
    ]
    if len(found) <= TIGHT_FACT_LIMIT:
        return [fields([*facts, marked(found)], Block.FACTS)]
    return [fields(facts, Block.FACTS), section(marked(found))]


def _owner(view: CardView) -> str:
    """Who, and in a few words why; where nobody will be assigned, why not."""
    owner = view.proposal.owner
    if owner is None:
        return NO_OWNER
    if any(isinstance(one, Assign) for one in view.proposal.operations):
        return f"{owner.name} · {owner.reason}"
    if view.proposal.seen.assignees:
        return f"{owner.name} · not assigned: {', '.join(view.proposal.seen.assignees)} has it"
    if owner.login is None:
        return f"{owner.name} · has no account in the tracker"
    return f"{owner.name} · {owner.reason} · not assigned"


def _ticket_words(view: CardView, room: int) -> list[Json]:
    if room < 1:
        return []
    who = f"{one_line(view.ticket.author, 40) or 'somebody'} wrote: "
    told = _FORM.sub("", view.ticket.words[:_MOST_READ])
    said = lines_of(told, lines=room, width=LINE_WIDTH, indent=len(who))
    text = literal("\n".join(said)) if said else italic("nothing beside the title")
    return [rich([quote(italic(who), text)], Block.TICKET)]


def _why(view: CardView, room: int) -> list[Json]:
    """What speaks for the layer, and then what speaks against it: a second reason has to stand back for that."""
    rows = [line(bold("Why  " if at == 0 else "and  "), literal(_claim(one))) for at, one in enumerate(_best(view))]
    if not rows:
        rows = [line(bold("Why  "), literal("no evidence found in the ticket, the rules or the past"))]
    other = runner_up(view)
    if other is not None:
        said = f"it could be {one_line(view.title_of(other), 40)}: {percent(view.analysis.layer_scores[other])}"
        rows[1:] = [line(bold("But  "), literal(said))]
    return [rich(rows[:room], Block.WHY)] if room > 0 else []


def _similar(view: CardView) -> list[Json]:
    """One line: tickets that may be the same, and what became of each; as many as fit."""
    parts: list[Json] = [bold(_PERHAPS)]
    left = LINE_WIDTH - len(_PERHAPS)
    for other in view.similar:
        _, mark, number = other.short.rpartition("#")
        name = one_line(mark + number, 12)
        said = f" ({one_line(became(view, other), 32)})  "
        left -= len(name) + len(said)
        if left < 0:
            break
        url = safe_link(other.url)
        parts += [link(url, name) if url else literal(name), literal(said)]
    return [rich([line(*parts)], Block.SIMILAR)] if len(parts) > 1 else []


def _best(view: CardView) -> list[Evidence]:
    """One of each source first: two quotes say less than a quote and a rule."""
    first = {one.source: one for one in reversed(view.analysis.evidence)}
    return sorted(view.analysis.evidence, key=lambda one: first[one.source] is not one)


def _claim(evidence: Evidence) -> str:
    text = one_line(evidence.text, LINE_WIDTH - 22)
    match evidence.source:
        case "quote":
            return f"the ticket says “{text}”"
        case "owner_rule":
            return f"owner rule: {text}"
        case "precedent":
            return f"seen before: {text}"
        case "note":
            return f"a note says: {text}"


def _buttons(view: CardView) -> Json:
    short = one_line(view.ticket.short, 40)
    value = view.value
    rest = [
        button(Action.EDIT, "Edit…", value, f"Edit the proposal for {short}, then approve it"),
        button(Action.REJECT, "Reject…", value, f"Reject the proposal for {short}"),
        _why_button(view),
    ]
    approve = [_approve(view, short)] if showable(view.proposal.operations) else []
    more = menu(Action.MORE, [(VERB_WORDS[verb], f"{verb}:{value}") for verb in VERBS])
    return actions([*approve, *rest, *_instead(view, short), more], Block.BUTTONS)


def _instead(view: CardView, short: str) -> list[Json]:
    """Other layers, one press each. All that would be written stands in the question that Slack asks first."""
    offered = []
    for action, one in zip(INSTEAD, view.proposal.alternatives, strict=False):
        writes = f"Writes: {'; '.join(spelled_out(each) for each in one.operations)}"
        if len(writes) > CONFIRM_LIMIT:
            continue  # Edit… shows it
        title = view.title_of(one.layer)
        press = button(action, cut(f"Rather {title}", INSTEAD_LIMIT), view.value, f"Approve {title} for {short}")
        press["confirm"] = {
            "title": plain("Approve this instead?"),
            "text": plain(writes),
            "confirm": plain("Approve"),
            "deny": plain("Back"),
        }
        offered.append(press)
    return offered


def _approve(view: CardView, short: str) -> Json:
    approve = button(Action.APPROVE, "Approve", view.value, f"Approve the proposal for {short}")
    approve["style"] = "primary"
    for comment in cut_comments(view.proposal.operations):
        said = f"The comment has {len(comment.body)} characters and the card shows its start. Why shows all of it."
        approve["confirm"] = {
            "title": plain("Approve the whole comment?"),
            "text": plain(said),
            "confirm": plain("Approve"),
            "deny": plain("Back"),
        }
    return approve


def _why_button(view: CardView) -> Json:
    return button(Action.WHY, "Why", view.value, f"Show why, and everything known about {view.ticket.short}")


def _undo(view: CardView) -> Json:
    """Everything that it would do stands in the question that Slack asks first."""
    undo = button(Action.UNDO, "Undo…", view.value, f"Take back what was written to {view.ticket.short}")
    said = f"{'; '.join(in_words(one) for one in view.undoable)}. What people have set stays."
    undo["confirm"] = {
        "title": plain("Take this back?"),
        "text": plain(cut(said[:1].upper() + said[1:], CONFIRM_LIMIT)),
        "confirm": plain("Take it back"),
        "deny": plain("Leave it"),
    }
    return undo


def _context(view: CardView) -> Json:
    ticket, analysis = view.ticket, view.analysis
    parts = [
        plain(f"by {one_line(ticket.author, 20) or 'unknown'}"),
        marked(when(ticket.opened_at, "{ago}")),
        plain(one_line(engine(analysis.engine, analysis.cost_usd), 36)),
    ]
    if isinstance(view.state, Pending):
        if view.asleep:
            parts.append(marked(f"put off by {mention(view.asleep.by)} until {when(view.asleep.until)}"))
        else:
            parts.append(marked(f"decide by {when(view.due_at or view.proposal.expires_at)}"))
        if view.first:
            others = ", ".join(mention(one) for one in view.seconds[:MOST_SECONDS])
            parts.append(marked(f"1 of 2: {mention(view.first)} approved, now {others}"))
        if view.asked_at:
            parts.append(marked(f"reporter asked {when(view.asked_at, '{ago}')}"))
        parts += [plain(one_line(one, SHORTFALL_LIMIT)) for one in view.shortfalls]
    return context([*parts, plain(_short_id(view.proposal.triage))], Block.CONTEXT)


def _short_id(triage: str) -> str:
    """Enough to tell cards apart; the whole id is under Why."""
    return one_line(triage if len(triage) <= SHORT_ID else "…" + triage[-SHORT_ID:], SHORT_ID + 1) or "no id"


def _fallback(view: CardView) -> str:
    """For notifications and screen readers: the ticket, then what is at stake or what was decided."""
    name = f"{mrkdwn(view.ticket.short, 80)} · {mrkdwn(view.ticket.title, 120)}"
    if not isinstance(view.state, Pending):
        return cut(f"{name}. {sentence(view)}", _TEXT_LIMIT * 2)
    operations = view.proposal.operations
    would = mrkdwn("; ".join(in_words(one) for one in operations), _TEXT_LIMIT) if operations else "nothing"
    return f"To decide: {name}. Approve writes: {would}. Layer {mrkdwn(confidence(view))}."
