"""Draws the card of each ticket and marks what it says by the rubric.

Owns which part of a card counts as the explanation: its facts, its reasons and the operations' layer, as a person reads
them before a click. What is under Why is not counted: few open it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.blocks.as_text import as_text
from bot.slack.blocks.card import card
from bot.slack.blocks.message import Json
from bot.slack.blocks.view import CardView, TicketFace
from bot.slack.blocks.words import runner_up
from bot.slack.ids import Block
from graphs.evaluation.answers import Analyst, as_filed
from graphs.evaluation.cases import Case
from graphs.evaluation.rubric import Explanation, Marks, RubricFigures, mark, summed
from graphs.model import Digest, Millis, Proposal, ProposalId, TriageId
from graphs.nodes.check import supported
from graphs.ports import Dossier
from graphs.proposing import operations_for, seen_of
from graphs.taxonomy import LayerTaxonomy
from prompts.loader import Prompt

MOST = 300
"""Cards that are drawn: a rubric over more says nothing new."""


def explained(
    cases: Sequence[Case], analyst: Analyst, taxonomy: LayerTaxonomy, comment: Prompt
) -> RubricFigures | None:
    return summed([_marks(case, analyst, taxonomy, comment) for case in cases[:MOST]])


def _marks(case: Case, analyst: Analyst, taxonomy: LayerTaxonomy, comment: Prompt) -> Marks:
    view = _view(case, analyst, taxonomy, comment)
    ticket = as_filed(case.title, case.body)
    explanation = Explanation(
        text=as_text([one for one in card(view).blocks if _explains(one)]),
        evidence=view.analysis.evidence,
        layer=view.proposal.layer,
        runner_up=runner_up(view),
    )
    return mark(explanation, ticket.title, ticket.body, view.layer_titles)


def _explains(block: Json) -> bool:
    return block.get("block_id") in (Block.FACTS, Block.WHY)


def _view(case: Case, analyst: Analyst, taxonomy: LayerTaxonomy, comment: Prompt) -> CardView:
    ticket = as_filed(case.title, case.body)
    analysis = analyst.analyse_now(Dossier(ticket=ticket, layers=taxonomy.layers))
    operations = operations_for(
        ticket,
        layer=analysis.layer,
        kind=analysis.kind,
        owner=None,
        taxonomy=taxonomy,
        tracker_labels=taxonomy.labels,
        comment=comment,
    )
    proposal = Proposal(
        id=ProposalId("evaluation"),
        triage=TriageId("evaluation"),
        target=ticket.ref,
        seen=seen_of(ticket),
        operations=operations,
        digest=Digest(""),
        layer=analysis.layer,
        kind=analysis.kind,
        owner=None,
        versions={},
        created_at=Millis(0),
        expires_at=Millis(0),
    )
    return CardView(
        proposal=proposal,
        ticket=TicketFace.of(ticket, Millis(0)),
        analysis=analysis.model_copy(
            update={"evidence": tuple(one for one in analysis.evidence if supported(one, ticket))}
        ),
        hygiene=ticket.hygiene,
        layer_titles={one: taxonomy.layer_title(one) for one in taxonomy.layers},
        value="evaluation",
    )
