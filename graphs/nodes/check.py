"""Checks the engine's answer: quotes must stand in the ticket, owners must stand in the directory."""

from __future__ import annotations

from langgraph.runtime import Runtime

from graphs.answers import Checked, Screened, recall_or_fail
from graphs.deps import Deps
from graphs.model import Analysis, CleanTicket, Evidence, TriageId
from graphs.state import State, Step, Update
from graphs.tools.look_up_owners import OwnerQuestion
from graphs.tools.toolbox import Scene


def supported(evidence: Evidence, ticket: CleanTicket) -> bool:
    """A quote counts only when the ticket has it word for word.

    Nothing else an engine claims can be checked: it knows neither our owners nor our precedents.
    """
    if evidence.source != "quote" or not evidence.text.strip():
        return False
    return evidence.text in ticket.title or evidence.text in ticket.body


async def check(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    if await deps.notebook.recall(triage, Step.CHECK) is None:
        ticket = (await recall_or_fail(deps.notebook, triage, Step.SCREEN, Screened)).ticket
        analysis = await recall_or_fail(deps.notebook, triage, Step.ANALYSE, Analysis)
        question = OwnerQuestion(ref=ticket.ref, layer=analysis.layer, ticket=ticket, now=await deps.notebook.now())
        scene = Scene(triage, ticket.ref, private=ticket.private, calls=2)
        owner = await deps.toolbox.use(deps.look_up_owners, question, scene)
        kept = tuple(one for one in analysis.evidence if supported(one, ticket))
        answer = Checked(
            layer=analysis.layer,
            kind=analysis.kind,
            owner=owner.choice,
            evidence=(*kept, *owner.evidence),
            unsupported=len(analysis.evidence) - len(kept),
        )
        await deps.notebook.keep(triage, Step.CHECK, answer.model_dump_json())
    return {}
