"""Every screen there is, by name: for tests that hold for all of them."""

from __future__ import annotations

from bot.slack.blocks import answers, usage
from bot.slack.blocks.card import card
from bot.slack.blocks.message import Json, Message
from bot.slack.blocks.modals import OwnerOption, edit_modal, notice_modal, reject_modal
from bot.slack.blocks.view import (
    Applied,
    Applying,
    CardState,
    Failed,
    Outcome,
    Pending,
    PrecedentFace,
    Result,
    Stale,
    TakenBack,
    TakingBack,
    TrackRecord,
)
from bot.slack.blocks.why import why_modal
from graphs.model import (
    AddLabel,
    Approved,
    Comment,
    Edited,
    Expired,
    HygieneReport,
    LayerId,
    Login,
    OwnerId,
    ProposalId,
    Rejected,
    RejectReason,
    RemoveComment,
    RemoveLabel,
    Risk,
    Unassign,
    Withdrawn,
)
from tests.slack.builders import ANNE, BERT, NOW, OPERATIONS, analysis, proposal, similar, ticket, view

LONG = "word " * 5000
RESULTS = tuple(
    Result(operation=operation, outcome=outcome)
    for operation, outcome in zip(OPERATIONS, (Outcome.DONE, Outcome.ALREADY, Outcome.KEPT), strict=True)
)
UNDO = (
    RemoveComment(proposal=ProposalId("pr_1"), position=3, body="thanks"),
    Unassign(login=Login("data-lead")),
    RemoveLabel(label="kind: bug"),
    RemoveLabel(label="layer: retrieval and context"),
)
GONE = (
    Result(operation=UNDO[0], outcome=Outcome.DONE),
    Result(operation=UNDO[1], outcome=Outcome.ALREADY, note="somebody had taken it off already; ml-lead stays"),
    Result(operation=UNDO[2], outcome=Outcome.KEPT, note="a person has changed it since, so it stays"),
    Result(operation=UNDO[3], outcome=Outcome.FAILED, note="no longer allowed"),
)
STATES: dict[str, CardState] = {
    "pending": Pending(),
    "applying": Applying(by=ANNE, at=NOW),
    "applied": Applied(by=ANNE, at=NOW, results=RESULTS[:2]),
    "partly applied": Applied(by=ANNE, at=NOW, results=RESULTS),
    "applied, nothing to do": Applied(by=ANNE, at=NOW, results=()),
    "taking back": TakingBack(by=ANNE, at=NOW),
    "taken back": TakenBack(by=ANNE, at=NOW, results=GONE[:1]),
    "partly taken back": TakenBack(by=ANNE, at=NOW, results=GONE),
    "rejected": Rejected(by=ANNE, at=NOW, reason=RejectReason.WRONG_OWNER, note="it is ours"),
    "edited": Edited(by=ANNE, at=NOW, proposal=ProposalId("pr_2")),
    "expired": Expired(at=NOW),
    "withdrawn": Withdrawn(at=NOW, why="the ticket was closed"),
    "stale": Stale(by=ANNE, at=NOW, changes=("label kind: bug was added",) * 9),
    "failed": Failed(by=ANNE, at=NOW, reason=LONG),
}
OWNERS = tuple(OwnerOption(owner=OwnerId(f"team-{at}-lead"), name=f"Team {at}") for at in range(230))
WAITING = answers.WaitingTicket(
    short="acme/assistant#412",
    url="https://github.com/acme/assistant/issues/412",
    title=LONG,
    layer_title="retrieval and context",
    due_at=NOW,
    card_url="https://acme.slack.com/archives/C1/p1",
)
_EVERYTHING = view(
    of=proposal((*OPERATIONS, AddLabel(label="new", creates=True), Comment(body=LONG[:9000])), owner=None),
    face=ticket(title=LONG, words=LONG, author=LONG, private=True),
    answer=analysis(risks=tuple(Risk), known_ground=False, cost_usd=0.0123),
    hygiene=HygieneReport(
        hidden={"zero_width": 3}, redacted={"github_pat": 1}, addressed_to_bot=(LONG,) * 3, truncated=True
    ),
    record=TrackRecord(right=47, of=50, alike=True),
    similar=(similar(title=LONG), similar(410, Approved(by=ANNE, at=NOW), title=LONG)),
    precedents=(
        PrecedentFace(short=LONG, layer=LayerId(LONG), likeness=0.9, by=ANNE, at=NOW),
        PrecedentFace(short="acme/assistant#1", layer=LayerId("x"), likeness=0.2),
    ),
)
_NOTHING = view(
    of=proposal((), owner=None), face=ticket(title="", words="", author="", url=""), answer=analysis(evidence=())
)


def messages() -> dict[str, Message]:
    cards = {f"card {name}": card(view(state=state)) for name, state in STATES.items()}
    return cards | {
        "card with everything": card(_EVERYTHING),
        "card with nothing": card(_NOTHING),
        "card of a double": card(view(similar=(similar(), similar(2, Expired(at=NOW))))),
        **{f"answer to {name}": answers.already_decided(state) for name, state in STATES.items()},
        "may not": answers.may_not("you are a guest", (ANNE, BERT) * 5),
        "may not, nobody can": answers.may_not("you are a guest", ()),
        "stale": answers.stale("acme/assistant#412"),
        "unknown card": answers.unknown_card(),
        "queued": answers.queued("acme/assistant#412"),
        "waits already": answers.already_waiting("acme/assistant#412", "https://acme.slack.com/archives/C1/p1"),
        "no ticket": answers.not_a_ticket(LONG),
        "try again": answers.try_again(),
        "unknown word": usage.unknown_word("hepl"),
        "usage": usage.usage(),
        "empty list": answers.waiting((), 0),
        "long list": answers.waiting((WAITING,) * 40, 57),
    }


def modals() -> dict[str, Json]:
    return {
        "edit": edit_modal(view(), OWNERS[:3]),
        "edit, everything": edit_modal(_EVERYTHING, OWNERS),
        "edit, nothing": edit_modal(_NOTHING, ()),
        "reject": reject_modal(view()),
        "why": why_modal(view()),
        "why, everything": why_modal(_EVERYTHING),
        "why, nothing": why_modal(_NOTHING),
        "notice": notice_modal("Already decided by somebody else", LONG),
    }
