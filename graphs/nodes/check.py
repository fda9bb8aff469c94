"""Checks the engine's answer: quotes must stand in the ticket, owners must stand in the directory."""

from __future__ import annotations

from collections.abc import Collection

from langgraph.runtime import Runtime

from graphs.answers import Checked, OtherLayer, Screened, recall_or_fail
from graphs.deps import Deps
from graphs.model import Analysis, CleanTicket, Evidence, LayerId, TriageId
from graphs.ports import Taxonomy
from graphs.state import State, Step, Update
from graphs.tools.look_up_owners import OwnerQuestion
from graphs.tools.toolbox import Scene

MOST_OTHERS = 2
"""A choice among more than three is made in the form."""


def supported(evidence: Evidence, ticket: CleanTicket, cites: Collection[str] = ()) -> bool:
    """A quote counts only when the ticket has it word for word, a name only when a tool has shown it (`cites`).

    Nothing else an engine claims can be checked.
    """
    if evidence.ref:
        return evidence.source != "quote" and evidence.ref in cites
    if evidence.source != "quote" or not evidence.text.strip():
        return False
    return evidence.text in ticket.title or evidence.text in ticket.body


def _layers(analysis: Analysis, taxonomy: Taxonomy) -> tuple[LayerId, ...]:
    """The chosen one first, then the next likeliest of the set; an engine cannot add layers to the taxonomy."""
    others = [one for one in analysis.layer_set if one != analysis.layer and one in taxonomy.layers]
    return (analysis.layer, *others[:MOST_OTHERS])


async def check(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    if await deps.notebook.recall(triage, Step.CHECK) is None:
        ticket = (await recall_or_fail(deps.notebook, triage, Step.SCREEN, Screened)).ticket
        analysis = await recall_or_fail(deps.notebook, triage, Step.ANALYSE, Analysis)
        layers, now = _layers(analysis, deps.taxonomy), await deps.notebook.now()
        looked_up = 3 + (analysis.opinion.calls if analysis.opinion else 0)
        scene = Scene(triage, ticket.ref, private=ticket.private, calls=looked_up)
        answers = [
            await deps.toolbox.use(
                deps.look_up_owners,
                OwnerQuestion(ref=ticket.ref, layer=layer, ticket=ticket, now=now),
                scene.after(calls),
            )
            for calls, layer in enumerate(layers)
        ]
        opinion = analysis.opinion
        cites = opinion.cites if opinion else ()
        kept = tuple(one for one in analysis.evidence if supported(one, ticket, cites))
        answer = Checked(
            layer=analysis.layer,
            kind=analysis.kind,
            owner=answers[0].choice,
            evidence=(*kept, *answers[0].evidence),
            unsupported=len(analysis.evidence) - len(kept) + (opinion.dropped if opinion else 0),
            others=tuple(
                OtherLayer(layer=layer, owner=one.choice) for layer, one in zip(layers[1:], answers[1:], strict=True)
            ),
        )
        await deps.notebook.keep(triage, Step.CHECK, answer.model_dump_json())
    return {}
