"""Reads the ticket and cleans it: normalised, redacted, with a note of what was hidden in it."""

from __future__ import annotations

from langgraph.runtime import Runtime

from graphs.answers import Screened, recall
from graphs.deps import Deps
from graphs.model import TicketRef, TicketState, TriageId
from graphs.state import State, Step, Update
from graphs.tools.toolbox import Arguments, Scene


async def screen(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    answer = await recall(deps.notebook, triage, Step.SCREEN, Screened)
    if answer is None:
        ref = TicketRef.model_validate_json(state.ref)
        ticket = await deps.toolbox.use(deps.read_ticket, Arguments(ref=ref), Scene(triage, ref))
        answer = Screened(
            ticket=deps.clean(ticket), closed=ticket.state is TicketState.CLOSED, opened_at=ticket.created_at
        )
        await deps.notebook.keep(triage, Step.SCREEN, answer.model_dump_json())
    return {"outcome": "the ticket is closed"} if answer.closed and not state.closed_too else {}
