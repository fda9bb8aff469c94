"""Values for the tests of what people see; every one can be varied by name."""

from __future__ import annotations

from bot.slack.blocks.view import CardState, CardView, Pending, PrecedentFace, SimilarFace, TicketFace, TrackRecord
from bot.slack.ids import CardKey
from graphs.model import (
    AddLabel,
    Analysis,
    Assign,
    Decision,
    Digest,
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
    Risk,
    Role,
    Seen,
    SlackUserId,
    TicketRef,
    TrackerName,
    TriageId,
)

KEY = CardKey(b"a secret of the tests, 32 bytes.")
NOW = Millis(1_763_900_000_000)
ANNE, BERT = SlackUserId("U01ONDUTY"), SlackUserId("U02LEAD")
TITLES = {
    LayerId("business_workflow"): "business workflow",
    LayerId("application_and_tools"): "application and tools",
    LayerId("retrieval_and_context"): "retrieval and context",
    LayerId("model_and_evaluation"): "model and evaluation",
    LayerId("operations_and_governance"): "operations and governance",
}
SCORES = dict(zip(TITLES, (0.03, 0.11, 0.78, 0.06, 0.02), strict=True))
OPERATIONS: tuple[Operation, ...] = (
    AddLabel(label="layer: retrieval and context"),
    AddLabel(label="kind: bug"),
    Assign(login=Login("data-lead")),
)
OWNER = OwnerChoice(
    owner=OwnerId("data-lead"),
    name="Data team (data-lead)",
    login=Login("data-lead"),
    slack_user=SlackUserId("U03DATA"),
    reason="owns retrieval and context",
)


def proposal(
    operations: tuple[Operation, ...] = OPERATIONS,
    *,
    owner: OwnerChoice | None = OWNER,
    layer: str = "retrieval_and_context",
    kind: Kind = Kind.BUG,
    edited_by: SlackUserId | None = None,
    assignees: tuple[str, ...] = (),
) -> Proposal:
    return Proposal(
        id=ProposalId("pr_7f3a"),
        triage=TriageId("tr_51c2"),
        target=TicketRef(tracker=TrackerName.GITHUB, install=InstallId("main"), project="acme/assistant", number="412"),
        seen=Seen(labels=(), assignees=tuple(Login(one) for one in assignees), version="v1"),
        operations=operations,
        digest=Digest("0" * 64),
        layer=LayerId(layer),
        kind=kind,
        owner=owner,
        versions={"operations": "1", "policy": "p-4", "engine": "local-lexical-1"},
        created_at=NOW,
        expires_at=Millis(NOW + 72 * 3_600_000),
        edited_by=edited_by,
    )


def ticket(
    *,
    title: str = "Generic replies in Slack, web chat knows everything",
    words: str = (
        "Ask anything about our domain: the web chat quotes our own pages, the Slack bot writes \"I don't see any "
        'information about…". Worked until about a week ago.\n\nOur sources are private; they always were.\n'
        "Another account reports the same."
    ),
    author: str = "octo-reporter",
    url: str = "https://github.com/acme/assistant/issues/412",
    private: bool = False,
) -> TicketFace:
    return TicketFace(
        short="acme/assistant#412",
        url=url,
        title=title,
        words=words,
        author=Login(author),
        opened_at=Millis(NOW - 3 * 3_600_000),
        private=private,
    )


def analysis(
    *,
    scores: dict[LayerId, float] | None = None,
    risks: tuple[Risk, ...] = (),
    evidence: tuple[Evidence, ...] = (
        Evidence(source="quote", text="the web chat quotes our own pages"),
        Evidence(source="owner_rule", text="retrieval and context belongs to the data team"),
    ),
    known_ground: bool = True,
    cost_usd: float = 0.0,
    engine: str = "local-lexical-1",
) -> Analysis:
    return Analysis(
        layer_scores=scores or SCORES,
        kind=Kind.BUG,
        role=Role.AI_ENGINEER,
        risks=risks,
        evidence=evidence,
        engine=engine,
        cost_usd=cost_usd,
        known_ground=known_ground,
    )


def view(
    *,
    of: Proposal | None = None,
    face: TicketFace | None = None,
    answer: Analysis | None = None,
    hygiene: HygieneReport | None = None,
    state: CardState | None = None,
    record: TrackRecord | None = None,
    undoable: tuple[Operation, ...] = (),
    similar: tuple[SimilarFace, ...] = (),
    precedents: tuple[PrecedentFace, ...] = (),
) -> CardView:
    made = of or proposal()
    return CardView(
        proposal=made,
        ticket=face or ticket(),
        analysis=answer or analysis(),
        hygiene=hygiene or HygieneReport(),
        layer_titles=TITLES,
        value=KEY.value_for(made.id),
        state=state or Pending(),
        record=record,
        undoable=undoable,
        similar=similar,
        precedents=precedents,
    )


def similar(
    number: int = 409, decision: Decision | None = None, *, title: str = "Chat knows it, Slack does not", url: str = ""
) -> SimilarFace:
    return SimilarFace(
        short=f"acme/assistant#{number}",
        url=url or f"https://github.com/acme/assistant/issues/{number}",
        title=title,
        score=0.61,
        layer=LayerId("model_and_evaluation"),
        decision=decision,
    )
