"""Looks up what the analysis, the proposal and the card need to know beside the ticket itself."""

from __future__ import annotations

from langgraph.runtime import Runtime

from graphs.answers import Gathered, Screened, recall_or_fail
from graphs.deps import Deps
from graphs.errors import Denied
from graphs.model import Similar, TriageId
from graphs.state import State, Step, Update
from graphs.tools.find_similar import SimilarQuestion
from graphs.tools.toolbox import Arguments, Scene


async def gather(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    if await deps.notebook.recall(triage, Step.GATHER) is None:
        screened = await recall_or_fail(deps.notebook, triage, Step.SCREEN, Screened)
        ticket = screened.ticket
        scene = Scene(triage, ticket.ref, private=ticket.private, calls=1)
        labels = await deps.toolbox.use(deps.list_labels, Arguments(ref=ticket.ref), scene)
        similar = await _similar(deps, screened, scene.after(1))
        answer = Gathered(tracker_labels=tuple(sorted(labels)), similar=similar)
        await deps.notebook.keep(triage, Step.GATHER, answer.model_dump_json())
    return {}


async def _similar(deps: Deps, screened: Screened, scene: Scene) -> tuple[Similar, ...]:
    """A help for the reader only: where it may not be looked for, the triage goes on without."""
    question = SimilarQuestion(ref=scene.ref, ticket=screened.ticket, opened_at=screened.opened_at)
    try:
        return await deps.toolbox.use(deps.find_similar, question, scene)
    except Denied:
        return ()  # the toolbox audited it
