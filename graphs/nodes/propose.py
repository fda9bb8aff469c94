"""Turns the checked analysis into an immutable proposal, if the gate lets the agent propose it."""

from __future__ import annotations

from langgraph.runtime import Runtime

from graphs.acts import AGENT, Action, ProposeContext
from graphs.answers import Checked, Gathered, Screened, recall_or_fail
from graphs.deps import Deps
from graphs.errors import Denied
from graphs.model import AddLabel, Analysis, Assign, Millis, Operation, OwnerChoice, Proposal, TriageId
from graphs.ports import Taxonomy
from graphs.proposing import OPERATIONS_VERSION, digest_of, operations_for, proposal_id, seen_of
from graphs.state import State, Step, Update


def listed(operations: tuple[Operation, ...], taxonomy: Taxonomy, owner: OwnerChoice | None) -> bool:
    """Whether every label and login comes from policy, and none from text or a model."""
    logins = {owner.login} if owner else set()
    for one in operations:
        if isinstance(one, AddLabel) and one.label not in taxonomy.labels:
            return False
        if isinstance(one, Assign) and one.login not in logins:
            return False
    return True


async def propose(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    proposal = await _draft(deps, triage)
    if not proposal.operations:
        return {"outcome": "people have triaged this ticket already"}
    context = ProposeContext(
        kill_switch=deps.paused(),
        operations=len(proposal.operations),
        all_listed=listed(proposal.operations, deps.taxonomy, proposal.owner),
    )
    permission = deps.gate.check(AGENT, Action.PROPOSE, proposal.target, context)
    if not permission.allowed:
        await deps.notebook.denied(triage, Action.PROPOSE, permission)
        raise Denied(f"the proposal is not allowed: {permission.why}")
    stored = await deps.notebook.propose(proposal)
    return {"proposal": stored.id}


async def _draft(deps: Deps, triage: TriageId) -> Proposal:
    ticket = (await recall_or_fail(deps.notebook, triage, Step.SCREEN, Screened)).ticket
    gathered = await recall_or_fail(deps.notebook, triage, Step.GATHER, Gathered)
    analysis = await recall_or_fail(deps.notebook, triage, Step.ANALYSE, Analysis)
    checked = await recall_or_fail(deps.notebook, triage, Step.CHECK, Checked)
    operations = operations_for(
        ticket,
        layer=checked.layer,
        kind=checked.kind,
        owner=checked.owner,
        taxonomy=deps.taxonomy,
        tracker_labels=gathered.tracker_labels,
        comment=deps.comment,
    )
    versions = {
        "operations": OPERATIONS_VERSION,
        "policy": deps.policy_version,
        "engine": analysis.engine,
        "prompt": deps.comment.label,
    }
    now = await deps.notebook.now()
    return Proposal(
        id=proposal_id(triage, "agent"),
        triage=triage,
        target=ticket.ref,
        seen=seen_of(ticket),
        operations=operations,
        digest=digest_of(ticket.ref, seen_of(ticket), operations, versions),
        layer=checked.layer,
        kind=checked.kind,
        owner=checked.owner,
        layer_set=analysis.layer_set,
        versions=versions,
        created_at=now,
        expires_at=Millis(now + deps.approval_ms),
    )
