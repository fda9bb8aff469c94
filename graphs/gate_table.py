"""The decision table: each principal's acts under each circumstance that the rules look at, judged by the real gate.

Owns which circumstances are shown: a plain case, and that case with one thing changed. For people who review the rules;
`docs/agent.md` holds it, so that a change of a rule shows in review.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from graphs.acts import (
    AGENT,
    DECISIONS,
    EXECUTOR,
    READS,
    WRITES,
    Action,
    Approval,
    AskContext,
    Context,
    DecideContext,
    Person,
    Principal,
    ProposeContext,
    ReadContext,
    UndoContext,
    WhoApproves,
    WriteContext,
    human,
)
from graphs.model import Digest, InstallId, SlackUserId, TicketRef, TrackerName
from graphs.ports import Gatekeeper, Permission

TICKET = TicketRef(tracker=TrackerName.GITHUB, install=InstallId("main"), project="owner/repo", number="1")
_SOMEBODY, _DIGEST = SlackUserId("U0000000"), Digest("d" * 64)
_READ = ReadContext(
    kill_switch=False,
    own_ticket=True,
    ticket_private=False,
    resource_private=False,
    saw_untrusted=True,
    calls_so_far=0,
)
_PROPOSE = ProposeContext(kill_switch=False, operations=3, all_listed=True)
_PERSON = Person(
    is_bot=False,
    is_guest=False,
    is_stranger=False,
    is_deactivated=False,
    is_known=True,
    is_reporter=False,
    is_listed=False,
    in_directory=False,
    is_layer_owner=False,
    is_second=False,
)
_DECIDE = DecideContext(
    person=_PERSON,
    who=WhoApproves.MEMBERS,
    reporter_may_approve=True,
    kill_switch=False,
    decided=False,
    expired=False,
    formal=False,
    has_first=False,
    first_is_self=False,
)
_UNDO = UndoContext(person=_PERSON, who=WhoApproves.MEMBERS, kill_switch=False)
_YES = Approval(digest=_DIGEST, by=_SOMEBODY, age_s=5, decided=True, target=TICKET)
_WRITE = WriteContext(
    approval=_YES,
    action_digest=_DIGEST,
    kill_switch=False,
    saw_untrusted=True,
    value_listed=True,
    writes_so_far=0,
    max_age_s=3_600,
)
CASES: Mapping[str, tuple[Principal, frozenset[Action], Mapping[str, Context]]] = {
    "the agent looks up": (
        AGENT,
        READS,
        {
            "its own ticket's project": _READ,
            "another public project": replace(_READ, own_ticket=False),
            "another private project": replace(_READ, own_ticket=False, resource_private=True),
            "another private project, from a private ticket": replace(
                _READ, own_ticket=False, resource_private=True, ticket_private=True
            ),
            "the 41st thing": replace(_READ, calls_so_far=40),
            "while paused": replace(_READ, kill_switch=True),
        },
    ),
    "the agent proposes": (
        AGENT,
        frozenset({Action.PROPOSE}),
        {
            "listed values": _PROPOSE,
            "a value from text": replace(_PROPOSE, all_listed=False),
            "nine changes": replace(_PROPOSE, operations=9),
            "while paused": replace(_PROPOSE, kill_switch=True),
        },
    ),
    "the agent writes": (AGENT, WRITES, {"with somebody's approval": _WRITE}),
    "a person decides": (
        human(_SOMEBODY),
        DECISIONS,
        {
            "as a member": _DECIDE,
            "as the reporter, who may not": replace(
                _DECIDE, reporter_may_approve=False, person=replace(_PERSON, is_reporter=True)
            ),
            "as a guest": replace(_DECIDE, person=replace(_PERSON, is_guest=True)),
            "as a stranger": replace(_DECIDE, person=replace(_PERSON, is_stranger=True)),
            "as nobody whom Slack knows": replace(_DECIDE, person=replace(_PERSON, is_known=False)),
            "not on the list": replace(_DECIDE, who=WhoApproves.LISTED),
            "not an owner of the layer, where they decide": replace(_DECIDE, who=WhoApproves.OWNERS),
            "a risk, as the first of two": replace(_DECIDE, formal=True),
            "a risk, again": replace(_DECIDE, formal=True, has_first=True, first_is_self=True),
            "a risk, as another one": replace(_DECIDE, formal=True, has_first=True),
            "a risk, as a named second": replace(
                _DECIDE, formal=True, has_first=True, person=replace(_PERSON, is_second=True)
            ),
            "after somebody else": replace(_DECIDE, decided=True),
            "too late": replace(_DECIDE, expired=True),
            "while paused": replace(_DECIDE, kill_switch=True),
        },
    ),
    "a person takes back": (
        human(_SOMEBODY),
        frozenset({Action.UNDO}),
        {
            "as a member": _UNDO,
            "as a guest": replace(_UNDO, person=replace(_PERSON, is_guest=True)),
            "not on the list": replace(_UNDO, who=WhoApproves.LISTED),
            "while paused": replace(_UNDO, kill_switch=True),
        },
    ),
    "a person turns the switch": (
        human(_SOMEBODY),
        frozenset({Action.TURN_SWITCH}),
        {
            "as a member": _UNDO,
            "not on the list": replace(_UNDO, who=WhoApproves.LISTED),
            "while paused": replace(_UNDO, kill_switch=True),
        },
    ),
    "a person asks": (
        human(_SOMEBODY),
        frozenset({Action.ASK_TRIAGE, Action.LOOK, Action.SET_AWAY, Action.REPORT}),
        {
            "as a member": AskContext(person=_PERSON, kill_switch=False),
            "while paused": AskContext(person=_PERSON, kill_switch=True),
        },
    ),
    "a person writes": (human(_SOMEBODY), WRITES, {"with an approval": _WRITE}),
    "the executor writes": (
        EXECUTOR,
        WRITES,
        {
            "what was approved": _WRITE,
            "without an approval": replace(_WRITE, approval=replace(_YES, decided=False, by=SlackUserId(""))),
            "another digest": replace(_WRITE, action_digest=Digest("e" * 64)),
            "after the approval's time": replace(_WRITE, approval=replace(_YES, age_s=3_601)),
            "a value from text": replace(_WRITE, value_listed=False),
            "the 17th time": replace(_WRITE, writes_so_far=16),
            "while paused": replace(_WRITE, kill_switch=True),
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    who: str
    case: str
    allowed: tuple[Action, ...]
    refused: tuple[Action, ...]
    rules: tuple[str, ...]
    """Rules that decided, for whichever of the acts."""


def rows(gate: Gatekeeper) -> Iterator[Row]:
    for who, (principal, actions, cases) in CASES.items():
        for case, context in cases.items():
            answers: dict[Action, Permission] = {
                action: gate.check(principal, action, TICKET, context) for action in sorted(actions)
            }
            yield Row(
                who=who,
                case=case,
                allowed=tuple(action for action, answer in answers.items() if answer.allowed),
                refused=tuple(action for action, answer in answers.items() if not answer.allowed),
                rules=tuple(sorted({rule for answer in answers.values() for rule in answer.policies})),
            )


def markdown(gate: Gatekeeper) -> str:
    lines = ["| who | circumstance | may | may not | by |", "|---|---|---|---|---|"]
    for one in rows(gate):
        may, may_not = _names(one.allowed, one.refused), _names(one.refused, one.allowed)
        lines.append(f"| {one.who} | {one.case} | {may} | {may_not} | {', '.join(one.rules) or 'no rule'} |")
    return "\n".join(lines)


def _names(these: tuple[Action, ...], others: tuple[Action, ...]) -> str:
    if not these:
        return "nothing" if others else ""
    return "all of it" if not others else ", ".join(these)
