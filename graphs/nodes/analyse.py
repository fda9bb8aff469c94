"""Asks the engine. Its first answer is kept, if it can be one; a second run then never asks again."""

from __future__ import annotations

from collections.abc import Collection

from langgraph.runtime import Runtime

from graphs.answers import Screened, recall_or_fail
from graphs.deps import Deps
from graphs.errors import EngineUnavailable
from graphs.model import Analysis, LayerId, TriageId
from graphs.ports import Dossier
from graphs.state import State, Step, Update


def usable(answer: Analysis, layers: Collection[LayerId]) -> bool:
    """Scores for layers that exist, each of them a probability. Whatever else an engine says is no answer."""
    scores = answer.layer_scores
    return bool(scores) and set(scores) <= set(layers) and all(0 <= score <= 1 for score in scores.values())


async def analyse(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    if await deps.notebook.recall(triage, Step.ANALYSE) is None:
        ticket = (await recall_or_fail(deps.notebook, triage, Step.SCREEN, Screened)).ticket
        answer = await deps.model.analyse(Dossier(ticket=ticket, layers=tuple(deps.taxonomy.layers), triage=triage))
        if not usable(answer, deps.taxonomy.layers):
            raise EngineUnavailable(f"{deps.model.name} answered with scores that cannot be used")
        await deps.notebook.keep(triage, Step.ANALYSE, answer.model_dump_json())
    return {}
