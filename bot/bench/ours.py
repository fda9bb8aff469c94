"""Our pipeline in this process: triage, decision, write, without Slack's and the tracker's webhooks around it.

Owns how one ticket is driven through the real handlers: jobs are claimed from the record and worked on one after
another, as a worker does, until the ticket has no more work. Cards are not posted (the plain bot has none either), and
a click is stored as Slack's door stores it. Must not leave out anything that makes the guarantees.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.bench.figures import BenchFailed
from bot.bench.stage import Stage
from bot.bootstrap import open_bot, open_executor
from bot.record.inbox import Delivery, Outcome
from bot.tasks import TakeVerdict, TriageTicket
from bot.work.worker import Worker
from graphs.model import ProposalId

_AGENT = frozenset({"triage_ticket", "take_verdict", "settle_triage"})
_EXECUTOR = frozenset({"execute_proposal"})
_LEASE_MS = 30_000
APPROVER = "U01ONDUTY"


@dataclass(frozen=True)
class OurBot:
    stage: Stage
    agent: Worker
    executor: Worker

    async def triage(self, number: int) -> None:
        """Up to the question."""
        ref = self.stage.ref(number)
        async with self.stage.core.record.begin() as tx:
            await tx.jobs.add(TriageTicket(ref=ref, why="opened"), ticket=ref.key)
        await self._work()

    async def decide(self, number: int) -> None:
        """A person says yes; everything approved is written, read back and settled."""
        proposal = await self._proposal(number)
        click = _click(self.stage, self.stage.core.card_key.value_for(proposal))
        delivery = Delivery(
            provider="slack",
            install=self.stage.slack.workspace.team_id,
            delivery_id=f"click:{number}",
            name="verdict",
            body=json.dumps(click).encode(),
        )
        async with self.stage.core.record.begin() as tx:
            _, row = await tx.inbox.store(delivery, Outcome.ACCEPTED, "")
            await tx.jobs.add(TakeVerdict(delivery=row))
        await self._work()

    async def _proposal(self, number: int) -> ProposalId:
        async with self.stage.core.record.read() as tx:
            live = await tx.triages.live(self.stage.ref(number).key)
            proposal = await tx.proposals.latest(live) if live else None
        if proposal is None:
            raise BenchFailed(f"our bot proposed nothing for ticket {number}")
        return proposal.id

    async def _work(self) -> None:
        """Until nothing is due."""
        while await self._one(_AGENT, self.agent) or await self._one(_EXECUTOR, self.executor):
            pass

    async def _one(self, kinds: frozenset[str], worker: Worker) -> bool:
        async with self.stage.core.record.begin() as tx:
            job = await tx.jobs.claim(kinds, "bench", _LEASE_MS)
        if job is None:
            return False
        await worker.work(job.model_copy(update={"lease_ms": _LEASE_MS}))
        return True


def _click(stage: Stage, value: str) -> dict[str, object]:
    """A press on Approve, with all that is read of it."""
    team = stage.slack.workspace.team_id
    return {
        "type": "block_actions",
        "user": {"id": APPROVER, "team_id": team},
        "team": {"id": team},
        "channel": {"id": stage.core.settings.slack_channel},
        "container": {"message_ts": "1.000001"},
        "trigger_id": "bench",
        "actions": [{"action_id": "approve", "value": value, "action_ts": "1.000002"}],
    }


@asynccontextmanager
async def open_ours(stage: Stage) -> AsyncIterator[OurBot]:
    async with open_bot(stage.core) as bot, open_executor(stage.core) as executor:
        yield OurBot(stage, bot.worker, executor)
