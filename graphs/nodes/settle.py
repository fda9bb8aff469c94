"""Ends the thread: keeps what became of it, and closes a triage that had nothing to propose."""

from __future__ import annotations

import json

from langgraph.runtime import Runtime

from graphs.deps import Deps
from graphs.model import TriageId
from graphs.state import State, Step, Update


async def settle(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    await deps.notebook.keep(triage, Step.SETTLE, json.dumps(state.outcome))
    if not state.proposal:
        await deps.notebook.close(triage, state.outcome)
    return {}
