"""Asks the engine. Its first answer is kept; a second run never asks again."""

from __future__ import annotations

from langgraph.runtime import Runtime

from graphs.answers import Screened, recall_or_fail
from graphs.deps import Deps
from graphs.model import TriageId
from graphs.ports import Dossier
from graphs.state import State, Step, Update


async def analyse(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    if await deps.notebook.recall(triage, Step.ANALYSE) is None:
        ticket = (await recall_or_fail(deps.notebook, triage, Step.SCREEN, Screened)).ticket
        answer = await deps.model.analyse(Dossier(ticket=ticket, layers=tuple(deps.taxonomy.layers)))
        await deps.notebook.keep(triage, Step.ANALYSE, answer.model_dump_json())
    return {}
