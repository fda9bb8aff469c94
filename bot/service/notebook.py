"""The graph's memory, kept in the record. Implements `graphs.ports.Notebook`."""

from __future__ import annotations

from bot.crash import reached
from bot.record.record import Record
from bot.service.waiting import start_waiting
from bot.tasks import PostCard
from graphs.calendar import AROUND_THE_CLOCK, Calendar
from graphs.model import Millis, Proposal, TriageId, TriageState
from graphs.ports import Permission


class RecordNotebook:
    def __init__(self, record: Record, calendar: Calendar = AROUND_THE_CLOCK) -> None:
        self._record = record
        self._calendar = calendar

    async def recall(self, triage: TriageId, step: str) -> str | None:
        async with self._record.read() as tx:
            return await tx.triages.recall(triage, step)

    async def keep(self, triage: TriageId, step: str, answer: str) -> str:
        reached(f"{step}.answered")
        async with self._record.begin() as tx:
            kept = await tx.triages.keep(triage, step, answer)
        reached(f"{step}.kept")
        return kept

    async def propose(self, proposal: Proposal) -> Proposal:
        """Proposal, state, audit entry, card and expiry in one transaction; a second call changes nothing."""
        reached("proposal.storing")
        async with self._record.begin() as tx:
            if not await tx.proposals.add(proposal):
                stored = await tx.proposals.get(proposal.id)
                assert stored is not None, "its id is taken, so it is there"
                return stored
            ticket = proposal.target.key
            await tx.triages.move(proposal.triage, TriageState.QUEUED, TriageState.AWAITING)
            await tx.jobs.add(PostCard(triage=proposal.triage), ticket=ticket, key=f"post:{proposal.triage}")
            await start_waiting(tx, proposal, self._calendar)
            # Last: it holds the chain's head until the commit, and whoever holds it should wait for nobody.
            await tx.audit.append(
                "agent:triage", "proposed", ticket, proposal=proposal.id, digest=proposal.digest, **proposal.versions
            )
        reached("proposal.committed")
        return proposal

    async def close(self, triage: TriageId, why: str) -> None:
        async with self._record.begin() as tx:
            found = await tx.triages.get(triage)
            if found.state is TriageState.QUEUED:
                await tx.triages.move(triage, TriageState.QUEUED, TriageState.CLOSED, why)
                await tx.audit.append("agent:triage", "nothing_to_propose", found.ticket, why=why)
        reached("triage.closed")

    async def denied(self, triage: TriageId, action: str, permission: Permission) -> None:
        async with self._record.begin() as tx:
            found = await tx.triages.get(triage)
            await tx.audit.append(
                "agent:triage",
                "denied",
                found.ticket,
                operation=action,
                policies=",".join(permission.policies),
                policy_version=permission.policy_version,
                why=permission.why,
            )
        reached("denial.kept")

    async def now(self) -> Millis:
        async with self._record.read() as tx:
            return await tx.now()
