"""Values for tests, with sensible defaults: say only what your test is about.

Owns nothing but construction. The digest of a proposal is the real one, so that it passes every check.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphs.model import (
    Actor,
    AddLabel,
    Analysis,
    Approved,
    Assign,
    CleanTicket,
    Comment,
    Evidence,
    HygieneReport,
    InstallId,
    Kind,
    LayerId,
    Login,
    Millis,
    Operation,
    OwnerChoice,
    OwnerId,
    Proposal,
    ProposalId,
    Rejected,
    RejectReason,
    Role,
    Seen,
    SlackUserId,
    Ticket,
    TicketRef,
    TicketState,
    TrackerName,
    TriageId,
)
from graphs.proposing import digest_of

NOW = Millis(1_767_225_600_000)
"""2026-01-01 00:00 UTC."""
DAY = 24 * 60 * 60 * 1000
TEAM = "T0STRATA"
ON_DUTY = SlackUserId("U0ONDUTY")
ML_LEAD = SlackUserId("U0MLLEAD")
DATA_LEAD = SlackUserId("U0DATALEAD")
RETRIEVAL = LayerId("retrieval_and_context")
MODEL = LayerId("model_and_evaluation")
VERSIONS: Mapping[str, str] = {"operations": "1", "policy": "1", "engine": "local-lexical-1", "comment_prompt": "1"}


def a_ref(number: int | str = 12, *, project: str = "acme/assistant", install: str = "main") -> TicketRef:
    return TicketRef(tracker=TrackerName.GITHUB, install=InstallId(install), project=project, number=str(number))


def a_ticket(
    ref: TicketRef | None = None,
    *,
    title: str = "Answers cite documents that were deleted",
    body: str = "Since the last index run the bot quotes pages that are gone.",
    author: str = "customer-one",
    labels: tuple[str, ...] = (),
    assignees: tuple[str, ...] = (),
    state: TicketState = TicketState.OPEN,
    private: bool = False,
    version: str = "v1",
) -> Ticket:
    where = ref or a_ref()
    return Ticket(
        ref=where,
        url=f"http://127.0.0.1/{where.project}/issues/{where.number}",
        title=title,
        body=body,
        author=Login(author),
        author_is_bot=False,
        labels=labels,
        assignees=tuple(Login(one) for one in assignees),
        state=state,
        private=private,
        locked=False,
        created_at=NOW,
        updated_at=NOW,
        version=version,
    )


def a_clean_ticket(ticket: Ticket | None = None, hygiene: HygieneReport | None = None) -> CleanTicket:
    """The ticket as if there had been nothing to clean."""
    raw = ticket or a_ticket()
    return CleanTicket(
        ref=raw.ref,
        url=raw.url,
        title=raw.title,
        body=raw.body,
        author=raw.author,
        labels=raw.labels,
        assignees=raw.assignees,
        private=raw.private,
        version=raw.version,
        hygiene=hygiene or HygieneReport(),
    )


def an_analysis(
    layer: LayerId = RETRIEVAL,
    confidence: float = 0.8,
    *,
    kind: Kind = Kind.BUG,
    role: Role = Role.AI_ENGINEER,
    evidence: tuple[Evidence, ...] = (Evidence(source="quote", text="quotes pages that are gone"),),
) -> Analysis:
    """`layer` gets `confidence`; one other layer gets the rest."""
    other = RETRIEVAL if layer != RETRIEVAL else MODEL
    return Analysis(
        layer_scores={layer: confidence, other: 1 - confidence},
        kind=kind,
        role=role,
        risks=(),
        evidence=evidence,
        engine="local-lexical-1",
    )


def an_owner(owner: str = "ml-lead", *, login: str | None = "ml-lead", user: str | None = ML_LEAD) -> OwnerChoice:
    return OwnerChoice(
        owner=OwnerId(owner),
        name=owner,
        login=None if login is None else Login(login),
        slack_user=None if user is None else SlackUserId(user),
        reason="owns the layer",
    )


def some_operations() -> tuple[Operation, ...]:
    """One of each kind."""
    return (
        AddLabel(label="layer: retrieval and context"),
        Assign(login=Login("ml-lead")),
        Comment(body="This looks like retrieval and context."),
    )


def a_proposal(
    proposal: str = "proposal-1",
    triage: str = "triage-1",
    *,
    target: TicketRef | None = None,
    operations: tuple[Operation, ...] | None = None,
    seen: Seen | None = None,
    kind: Kind = Kind.BUG,
    owner: OwnerChoice | None = None,
    versions: Mapping[str, str] = VERSIONS,
    created_at: int = NOW,
    expires_at: int | None = None,
    edited_by: SlackUserId | None = None,
    replaces: str | None = None,
) -> Proposal:
    where = target or a_ref()
    before = seen or Seen(labels=(), assignees=(), version="v1")
    what = some_operations() if operations is None else operations
    return Proposal(
        id=ProposalId(proposal),
        triage=TriageId(triage),
        target=where,
        seen=before,
        operations=what,
        digest=digest_of(where, before, what, dict(versions)),
        layer=RETRIEVAL,
        kind=kind,
        owner=owner or an_owner(),
        versions=dict(versions),
        created_at=Millis(created_at),
        expires_at=Millis(created_at + 7 * DAY if expires_at is None else expires_at),
        edited_by=edited_by,
        replaces=None if replaces is None else ProposalId(replaces),
    )


def an_approval(by: str = ON_DUTY, at: int = NOW) -> Approved:
    return Approved(by=SlackUserId(by), at=Millis(at))


def a_rejection(by: str = ON_DUTY, reason: RejectReason = RejectReason.WRONG_LAYER, at: int = NOW) -> Rejected:
    return Rejected(by=SlackUserId(by), at=Millis(at), reason=reason)


def an_actor(
    user: str = ON_DUTY,
    *,
    team: str = TEAM,
    is_bot: bool = False,
    is_guest: bool = False,
    is_stranger: bool = False,
    is_deactivated: bool = False,
    is_known: bool = True,
) -> Actor:
    return Actor(
        user=SlackUserId(user),
        team=team,
        is_bot=is_bot,
        is_guest=is_guest,
        is_stranger=is_stranger,
        is_deactivated=is_deactivated,
        is_known=is_known,
    )
