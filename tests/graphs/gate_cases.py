"""The golden decision table of the gate: every principal with every action under every circumstance that matters.

`expected` says in plain Python what must come out. It is written from the promises, not from the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
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

TICKET = TicketRef(tracker=TrackerName.GITHUB, install=InstallId("main"), project="acme/assistant", number="7")
OTHER = TICKET.model_copy(update={"number": "8"})
DIGEST = Digest("d" * 64)
MEMBER = Person(
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
PEOPLE = {
    "member": MEMBER,
    "bot": replace(MEMBER, is_bot=True),
    "guest": replace(MEMBER, is_guest=True),
    "stranger": replace(MEMBER, is_stranger=True),
    "deactivated": replace(MEMBER, is_deactivated=True),
    "unknown": replace(MEMBER, is_known=False),
    "reporter": replace(MEMBER, is_reporter=True),
    "listed": replace(MEMBER, is_listed=True),
    "in the directory": replace(MEMBER, in_directory=True),
    "owner of the layer": replace(MEMBER, in_directory=True, is_layer_owner=True),
    "second": replace(MEMBER, is_second=True),
    "listed bot": replace(MEMBER, is_bot=True, is_listed=True, in_directory=True),
}
YES = Approval(digest=DIGEST, by=SlackUserId("U0ONDUTY"), age_s=5, decided=True, target=TICKET)
WRITE = WriteContext(
    approval=YES,
    action_digest=DIGEST,
    kill_switch=False,
    saw_untrusted=True,
    value_listed=True,
    writes_so_far=0,
    max_age_s=3600,
)
WRITE_CASES = {
    "approved": WRITE,
    "undecided": replace(WRITE, approval=replace(YES, decided=False)),
    "approved by nobody": replace(WRITE, approval=replace(YES, by=SlackUserId(""))),
    "another digest": replace(WRITE, action_digest=Digest("e" * 64)),
    "empty digests": replace(WRITE, action_digest=Digest(""), approval=replace(YES, digest=Digest(""))),
    "another ticket": replace(WRITE, approval=replace(YES, target=OTHER)),
    "just young enough": replace(WRITE, approval=replace(YES, age_s=3600)),
    "too old": replace(WRITE, approval=replace(YES, age_s=3601)),
    "older than any setting may allow": replace(WRITE, approval=replace(YES, age_s=604_801), max_age_s=10_000_000),
    "from the future": replace(WRITE, approval=replace(YES, age_s=-61)),
    "a clock corrected by a minute": replace(WRITE, approval=replace(YES, age_s=-60)),
    "paused": replace(WRITE, kill_switch=True),
    "value from text": replace(WRITE, value_listed=False),
    "value from text, no untrusted part": replace(WRITE, value_listed=False, saw_untrusted=False),
    "last write of the budget": replace(WRITE, writes_so_far=15),
    "budget used up": replace(WRITE, writes_so_far=16),
    "negative budget": replace(WRITE, writes_so_far=-1),
}
DECIDE = DecideContext(
    person=MEMBER,
    who=WhoApproves.MEMBERS,
    reporter_may_approve=False,
    kill_switch=False,
    decided=False,
    expired=False,
    formal=False,
    has_first=False,
    first_is_self=False,
)
READ = ReadContext(
    kill_switch=False,
    own_ticket=True,
    ticket_private=False,
    resource_private=False,
    saw_untrusted=False,
    calls_so_far=0,
)
PROPOSE = ProposeContext(kill_switch=False, operations=3, all_listed=True)
ASK = AskContext(person=MEMBER, kill_switch=False)
UNDO = UndoContext(person=MEMBER, who=WhoApproves.MEMBERS, kill_switch=False)
SWITCHES = frozenset({Action.UNDO, Action.TURN_SWITCH})
ASKS = frozenset({Action.ASK_TRIAGE, Action.LOOK, Action.SET_AWAY, Action.REPORT})
PRINCIPALS = (AGENT, EXECUTOR, human(SlackUserId("U0ONDUTY")))
READ_CASES = (
    READ,
    replace(READ, kill_switch=True),
    replace(READ, resource_private=True),
    replace(READ, resource_private=True, own_ticket=False),
    replace(READ, resource_private=True, own_ticket=False, ticket_private=True),
    replace(READ, own_ticket=False),
    replace(READ, saw_untrusted=True),
    replace(READ, saw_untrusted=True, own_ticket=False),
    replace(READ, saw_untrusted=True, resource_private=True),
    replace(READ, saw_untrusted=True, resource_private=True, own_ticket=False, ticket_private=True),
    replace(READ, calls_so_far=39),
    replace(READ, calls_so_far=40),
    replace(READ, calls_so_far=-1),
)
PROPOSE_CASES = (
    PROPOSE,
    replace(PROPOSE, kill_switch=True),
    replace(PROPOSE, all_listed=False),
    *(replace(PROPOSE, operations=count) for count in (0, 1, 8, 9)),
)


@dataclass(frozen=True)
class Case:
    principal: Principal
    action: Action
    context: Context


def all_cases() -> Iterator[Case]:
    contexts: list[Context] = [*READ_CASES, *PROPOSE_CASES, *_decide_cases(), *_ask_cases(), *_undo_cases()]
    contexts += WRITE_CASES.values()
    for principal in PRINCIPALS:
        for action in Action:
            for context in contexts:
                # A context of the wrong kind is tried once for each action and principal, not in all its variants.
                if _fits(action, context) or context in (READ, PROPOSE, DECIDE, UNDO, ASK, WRITE):
                    yield Case(principal, action, context)


def expected(case: Case) -> bool:  # noqa: PLR0911  # one return per kind of context
    """Whether the act may be done."""
    who, context = case.principal, case.context
    if not _fits(case.action, context):
        return False
    match context:
        case WriteContext():
            return who == EXECUTOR and _may_write(case.action, context)
        case ReadContext():
            may_carry = not context.ticket_private or context.saw_untrusted
            private_leak = context.resource_private and may_carry and not context.own_ticket
            return who == AGENT and not context.kill_switch and not private_leak and context.calls_so_far in range(40)
        case ProposeContext():
            return who == AGENT and not context.kill_switch and context.all_listed and context.operations in range(1, 9)
        case DecideContext():
            return who.kind == "Human" and _may_decide(case.action, context)
        case UndoContext():
            held = context.kill_switch and case.action is Action.UNDO  # the switch can be turned off again
            return who.kind == "Human" and not held and _is_named(context)
        case AskContext():
            held = context.kill_switch and case.action is Action.ASK_TRIAGE
            return who.kind == "Human" and not held and _is_full_member(context.person)


def _may_write(action: Action, context: WriteContext) -> bool:
    approval = context.approval
    approved = approval.decided and approval.by != "" and approval.target == TICKET
    same = approval.digest == context.action_digest != ""
    fresh = -60 <= approval.age_s <= min(context.max_age_s, 7 * 24 * 3600)
    if action in {Action.REMOVE_LABEL, Action.UNASSIGN, Action.REMOVE_COMMENT} and not context.value_listed:
        return False
    names_a_value = action in {Action.ADD_LABEL, Action.CREATE_LABEL, Action.ASSIGN}
    listed = context.value_listed or not context.saw_untrusted or not names_a_value
    return approved and same and fresh and listed and not context.kill_switch and context.writes_so_far in range(16)


def _may_decide(action: Action, context: DecideContext) -> bool:
    if context.decided or context.expired or not _is_named(context):
        return False
    if action is Action.APPROVE and context.formal and context.has_first and not _is_another(context):
        return False
    if action in {Action.REJECT, Action.SNOOZE, Action.HAND_OVER}:
        return True
    if action in {Action.ASK_REPORTER, Action.RUN_AGAIN}:
        return not context.kill_switch
    return not context.kill_switch and (context.reporter_may_approve or not context.person.is_reporter)


def _is_another(context: DecideContext) -> bool:
    return context.person.is_second and not context.first_is_self


def _is_named(context: DecideContext | UndoContext) -> bool:
    person = context.person
    named = {
        WhoApproves.MEMBERS: True,
        WhoApproves.DIRECTORY: person.in_directory,
        WhoApproves.OWNERS: person.is_layer_owner,
        WhoApproves.LISTED: person.is_listed,
    }[context.who]
    return named and _is_full_member(person)


def _is_full_member(person: Person) -> bool:
    barred = person.is_bot or person.is_guest or person.is_stranger or person.is_deactivated
    return person.is_known and not barred


def _fits(action: Action, context: Context) -> bool:
    match context:
        case ReadContext():
            return action in READS
        case ProposeContext():
            return action is Action.PROPOSE
        case DecideContext():
            return action in DECISIONS
        case UndoContext():
            return action in SWITCHES
        case AskContext():
            return action in ASKS
        case WriteContext():
            return action in WRITES


def _decide_cases() -> Iterator[DecideContext]:
    for person in PEOPLE.values():
        for who in WhoApproves:
            yield replace(DECIDE, person=person, who=who)
        yield replace(DECIDE, person=person, reporter_may_approve=True)
        for first, mine in ((False, False), (True, False), (True, True)):
            yield replace(DECIDE, person=person, formal=True, has_first=first, first_is_self=mine)
            yield replace(DECIDE, person=person, has_first=first, first_is_self=mine)
    yield replace(DECIDE, kill_switch=True)
    yield replace(DECIDE, decided=True)
    yield replace(DECIDE, expired=True)


def _ask_cases() -> Iterator[AskContext]:
    for person in PEOPLE.values():
        yield replace(ASK, person=person)
    yield replace(ASK, kill_switch=True)


def _undo_cases() -> Iterator[UndoContext]:
    for person in PEOPLE.values():
        for who in WhoApproves:
            for paused in (False, True):
                yield UndoContext(person=person, who=who, kill_switch=paused)
