"""Turns the checked analysis into an immutable proposal, if the gate lets the agent propose it."""

from __future__ import annotations

from functools import partial

from langgraph.runtime import Runtime

from graphs.acts import AGENT, Action, ProposeContext
from graphs.answers import Checked, Gathered, Screened, recall_or_fail
from graphs.deps import Deps
from graphs.errors import Denied
from graphs.model import AddLabel, Alternative, Analysis, Assign, Operation, OwnerChoice, Proposal, TriageId
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


def all_listed(proposal: Proposal, taxonomy: Taxonomy) -> bool:
    """Of the proposal and of everything that can be chosen instead."""
    offered = [(proposal.operations, proposal.owner), *((one.operations, one.owner) for one in proposal.alternatives)]
    return all(listed(operations, taxonomy, owner) for operations, owner in offered)


async def propose(state: State, runtime: Runtime[Deps]) -> Update:
    deps, triage = runtime.context, TriageId(state.triage)
    proposal = await _draft(deps, triage)
    if not proposal.operations:
        return {"outcome": "people have triaged this ticket already"}
    context = ProposeContext(
        kill_switch=deps.paused(),
        operations=max(map(len, (proposal.operations, *(one.operations for one in proposal.alternatives)))),
        all_listed=all_listed(proposal, deps.taxonomy),
    )
    permission = deps.gate.check(AGENT, Action.PROPOSE, proposal.target, context)
    if not permission.allowed:
        await deps.notebook.denied(triage, Action.PROPOSE, permission)
        raise Denied(f"the proposal is not allowed: {permission.why}")
    stored = await deps.notebook.propose(proposal)
    return {"proposal": stored.id}


async def _draft(deps: Deps, triage: TriageId) -> Proposal:
    screened = await recall_or_fail(deps.notebook, triage, Step.SCREEN, Screened)
    ticket, seen = screened.ticket, seen_of(screened.ticket, closed=screened.closed)
    gathered = await recall_or_fail(deps.notebook, triage, Step.GATHER, Gathered)
    analysis = await recall_or_fail(deps.notebook, triage, Step.ANALYSE, Analysis)
    checked = await recall_or_fail(deps.notebook, triage, Step.CHECK, Checked)
    follow = partial(
        operations_for,
        ticket,
        kind=checked.kind,
        taxonomy=deps.taxonomy,
        tracker_labels=gathered.tracker_labels,
        comment=deps.comment,
    )
    operations = follow(layer=checked.layer, owner=checked.owner)
    versions = {
        "operations": OPERATIONS_VERSION,
        "policy": deps.policy_version,
        "engine": analysis.engine,
        "prompt": deps.comment.label,
        **(analysis.opinion.versions if analysis.opinion else {}),
    }
    digest = partial(digest_of, ticket.ref, seen, versions=versions)
    alternatives = [
        Alternative(layer=one.layer, owner=one.owner, operations=instead, digest=digest(operations=instead))
        for one in checked.others
        if (instead := follow(layer=one.layer, owner=one.owner)) not in ((), operations)
    ]
    now = await deps.notebook.now()
    return Proposal(
        id=proposal_id(triage, "agent"),
        triage=triage,
        target=ticket.ref,
        seen=seen,
        operations=operations,
        digest=digest(operations=operations),
        layer=checked.layer,
        kind=checked.kind,
        owner=checked.owner,
        versions=versions,
        created_at=now,
        expires_at=deps.due_at(now, checked.owner),
        alternatives=tuple(alternatives),
    )
