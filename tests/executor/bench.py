"""An executor with a tracker in memory and a real record in which a person has approved something."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import update

from bot.executor.execute import Executor, Rules
from bot.executor.marker import Marker
from bot.record.audit import Entry
from bot.record.outbox import OutboxRow
from bot.record.record import Record
from bot.record.tables import jobs
from bot.tasks import Claimed, ExecuteProposal
from graphs.acts import Action, Context, Principal
from graphs.gate import Gate
from graphs.model import (
    AddLabel,
    Approved,
    Assign,
    Comment,
    Decision,
    InstallId,
    Login,
    Operation,
    Proposal,
    SlackUserId,
    TicketRef,
    TriageState,
)
from graphs.ports import Permission
from graphs.proposing import proposal_id
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load as load_policies
from tests.builders import ON_DUTY, a_proposal
from tests.executor.tracker import FakeTracker

TAXONOMY = LayerTaxonomy(load_policies())
GATE = Gate.load()
LAYER, KIND = "layer: retrieval and context", "kind: bug"
OPERATIONS: tuple[Operation, ...] = (
    AddLabel(label=LAYER),
    AddLabel(label=KIND),
    Assign(login=Login("ml-lead")),
    Comment(body="Triage: retrieval and context."),
)
ALL = ["add_label", "add_label", "assign", "comment"]
"""The calls that `OPERATIONS` take."""
PEOPLE = frozenset({Login("ml-lead"), Login("data-lead")})
KEY = b"a key of the tests that is long enough"


def approvable(operations: tuple[Operation, ...] = OPERATIONS, triage: str = "triage-1", **changes: object) -> Proposal:
    made = a_proposal(proposal_id(a_proposal(triage=triage).triage, "agent"), triage, operations=operations)
    return made.model_copy(update=changes)


@dataclass
class AskedGate:
    """The real gate, with a list of what was allowed and what was not."""

    asked: list[tuple[Action, bool]] = field(default_factory=list)
    policy_version = GATE.policy_version

    def check(self, principal: Principal, action: Action, resource: TicketRef, context: Context) -> Permission:
        permission = GATE.check(principal, action, resource, context)
        self.asked.append((action, permission.allowed))
        return permission


@dataclass
class Bench:
    record: Record
    tracker: FakeTracker
    proposal: Proposal
    gate: AskedGate = field(default_factory=AskedGate)
    paused: bool = False
    max_age_s: int = 3600
    people: frozenset[Login] = PEOPLE

    @property
    def marker(self) -> Marker:
        return Marker(KEY)

    def executor(self) -> Executor:
        """A fresh one, as after a restart."""
        rules = Rules(
            gate=self.gate,
            taxonomy=TAXONOMY,
            logins=lambda _: self.people,
            paused=lambda: self.paused,
            approval_max_age_s=self.max_age_s,
        )
        writers = {InstallId("main"): self.tracker}
        return Executor(self.record, writers, self.marker, rules)

    async def claim(self, lease_ms: int = 60_000) -> Claimed:
        async with self.record.begin() as tx:
            job = await tx.jobs.claim(["execute_proposal"], "tests", lease_ms)
        assert job is not None
        return job

    async def run(self) -> None:
        """Claims the job and does it."""
        await self.executor().handle(await self.claim())

    async def again(self) -> None:
        """As `run`, after a try that failed: its lease is over."""
        async with self.record.engine.begin() as connection:
            await connection.execute(
                update(jobs).where(jobs.c.kind == "execute_proposal").values(state="ready", lease_owner=None)
            )
        await self.run()

    async def rows(self) -> list[OutboxRow]:
        async with self.record.read() as tx:
            return await tx.outbox.of(self.proposal.id)

    async def outcomes(self) -> list[str]:
        return [f"{row.state} {row.outcome}".strip() for row in await self.rows()]

    async def audited(self) -> list[Entry]:
        async with self.record.read() as tx:
            assert await tx.audit.verify()
            return await tx.audit.entries(self.proposal.target.key)

    async def triage(self) -> tuple[TriageState, str]:
        async with self.record.read() as tx:
            found = await tx.triages.get(self.proposal.triage)
        return found.state, found.why


async def approved(
    record: Record,
    proposal: Proposal | None = None,
    decision: Decision | None = None,
    *,
    tracker: FakeTracker | None = None,
) -> Bench:
    """A proposal that went the way of every proposal, up to the moment the executor gets it."""
    what = proposal or approvable()
    async with record.begin() as tx:
        await tx.triages.begin(what.triage, what.target, "opened")
        await tx.proposals.add(what)
        await tx.triages.move(what.triage, TriageState.QUEUED, TriageState.AWAITING)
        yes = decision or Approved(by=SlackUserId(ON_DUTY), at=await tx.now())
        await tx.proposals.decide(what, yes)
        await tx.triages.move(what.triage, TriageState.AWAITING, TriageState.APPLYING)
        await tx.outbox.add(what)
        await tx.jobs.add(ExecuteProposal(proposal=what.id), ticket=what.target.key)
    return Bench(record, tracker or FakeTracker(), what)


def sent(bench: Bench) -> list[str]:
    """The calls that could change something, in order."""
    return [call for call, _ in bench.tracker.writes]
