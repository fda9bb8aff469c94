"""A triage that touches nothing: the same graph with a memory that ends with the command."""

from __future__ import annotations

import time

from graphs.model import Millis, Proposal, TriageId
from graphs.ports import Permission


class Forgetful:
    """Implements `graphs.ports.Notebook` in memory."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.proposal: Proposal | None = None
        self.closed = ""
        self.denials: list[tuple[str, str]] = []

    async def recall(self, triage: TriageId, step: str) -> str | None:
        return self.answers.get(f"{triage}/{step}")

    async def keep(self, triage: TriageId, step: str, answer: str) -> str:
        return self.answers.setdefault(f"{triage}/{step}", answer)

    async def propose(self, proposal: Proposal) -> Proposal:
        self.proposal = self.proposal or proposal
        return self.proposal

    async def close(self, triage: TriageId, why: str) -> None:
        del triage
        self.closed = why

    async def denied(self, triage: TriageId, action: str, permission: Permission) -> None:
        del triage
        self.denials.append((action, permission.why))

    async def now(self) -> Millis:
        return Millis(int(time.time() * 1000))
