"""Looks up what the analysis and the proposal need to know beside the ticket itself."""

from __future__ import annotations

from langgraph.runtime import Runtime

from graphs.answers import Gathered, Screened, recall_or_fail
from graphs.deps import Deps
from graphs.model import TriageId
from graphs.state import State, Step, Update
from graphs.tools.toolbox import Arguments, Scene


async def gather(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    if await deps.notebook.recall(triage, Step.GATHER) is None:
        ticket = (await recall_or_fail(deps.notebook, triage, Step.SCREEN, Screened)).ticket
        scene = Scene(triage, ticket.ref, private=ticket.private, calls=1)
        labels = await deps.toolbox.use(deps.list_labels, Arguments(ref=ticket.ref), scene)
        answer = Gathered(tracker_labels=tuple(sorted(labels)))
        await deps.notebook.keep(triage, Step.GATHER, answer.model_dump_json())
    return {}
