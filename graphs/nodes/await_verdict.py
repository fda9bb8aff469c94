"""Waits for a person. Nothing stands before `interrupt`, because the node runs again from its first line."""

from __future__ import annotations

from langgraph.types import interrupt

from graphs.state import Answer, State, Update


async def await_verdict(state: State) -> Update:
    answer: Answer = interrupt({"proposal": state.proposal}, response_schema=Answer)
    return {"outcome": answer.status, "proposal": answer.proposal}
