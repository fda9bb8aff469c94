"""What can be asked of the gate: who, what, on which ticket, under which circumstances. All typed.

Owns the principals, the actions and one context per family of actions; `policies/strata.cedarschema` is its twin, and
a test holds the two together. Must not decide anything. Every field is required: a caller cannot leave a
circumstance out, and the policy engine refuses a context that lacks one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from graphs.model import Approved, Decision, Digest, Edited, Millis, Proposal, SlackUserId, TicketRef, Value


class PrincipalKind(StrEnum):
    AGENT = "Agent"
    """Reads and proposes. Has no permit to write, whatever the circumstances."""
    HUMAN = "Human"
    """A person in Slack. Decides; never writes."""
    EXECUTOR = "Executor"
    """Writes what a person approved; decides nothing."""


class Principal(Value):
    kind: PrincipalKind
    id: str


AGENT = Principal(kind=PrincipalKind.AGENT, id="triage")
EXECUTOR = Principal(kind=PrincipalKind.EXECUTOR, id="main")


def human(user: SlackUserId) -> Principal:
    return Principal(kind=PrincipalKind.HUMAN, id=user)


class Action(StrEnum):
    READ_TICKET = "read_ticket"
    LIST_LABELS = "list_labels"
    LOOK_UP_OWNERS = "look_up_owners"
    FIND_SIMILAR = "find_similar"
    READ_COMMENTS = "read_comments"
    SEARCH_PAST_TICKETS = "search_past_tickets"
    READ_PAST_TICKET = "read_past_ticket"
    OWNER_HISTORY = "owner_history"
    CODE_OWNERS = "code_owners"
    SEARCH_NOTES = "search_notes"
    PROPOSE = "propose"

    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    SNOOZE = "snooze"
    HAND_OVER = "hand_over"
    ASK_REPORTER = "ask_reporter"
    RUN_AGAIN = "run_again"
    UNDO = "undo"
    ASK_TRIAGE = "ask_triage"
    LOOK = "look"
    SET_AWAY = "set_away"
    REPORT = "report"
    TURN_SWITCH = "turn_switch"

    CREATE_LABEL = "create_label"
    ADD_LABEL = "add_label"
    REMOVE_LABEL = "remove_label"
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    COMMENT = "comment"
    REMOVE_COMMENT = "remove_comment"


READS = frozenset(
    {
        Action.READ_TICKET,
        Action.LIST_LABELS,
        Action.LOOK_UP_OWNERS,
        Action.FIND_SIMILAR,
        Action.READ_COMMENTS,
        Action.SEARCH_PAST_TICKETS,
        Action.READ_PAST_TICKET,
        Action.OWNER_HISTORY,
        Action.CODE_OWNERS,
        Action.SEARCH_NOTES,
    }
)
DECISIONS = frozenset(
    {
        Action.APPROVE,
        Action.EDIT,
        Action.REJECT,
        Action.SNOOZE,
        Action.HAND_OVER,
        Action.ASK_REPORTER,
        Action.RUN_AGAIN,
    }
)
"""What a person does with a waiting card."""
WRITES = frozenset(
    {
        Action.CREATE_LABEL,
        Action.ADD_LABEL,
        Action.REMOVE_LABEL,
        Action.ASSIGN,
        Action.UNASSIGN,
        Action.COMMENT,
        Action.REMOVE_COMMENT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadContext:
    """The agent looks something up while it triages one ticket."""

    kill_switch: bool
    own_ticket: bool
    """The thing read is the ticket being triaged, or belongs to its project."""
    ticket_private: bool
    """The ticket being triaged can be read by few."""
    resource_private: bool
    """The thing read can be read by few."""
    saw_untrusted: bool
    """A model that has read a stranger's text asks for it."""
    calls_so_far: int

    def as_cedar(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeContext:
    """The agent hands in its proposal."""

    kill_switch: bool
    operations: int
    all_listed: bool
    """Every label and person in it comes from the taxonomy, the directory or the tracker; none from text."""

    def as_cedar(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known of whoever clicked. Build it with `graphs.approvers.Approvers.person`."""

    is_bot: bool
    is_guest: bool
    is_stranger: bool
    is_deactivated: bool
    is_known: bool
    is_reporter: bool
    is_listed: bool
    """Named in approval.yaml."""
    in_directory: bool
    """Named in owners.yaml."""
    is_layer_owner: bool
    """Named in owners.yaml for the layer of the card; where there is no card, for any."""
    is_second: bool
    """Named in approval.yaml as a second approver."""


class WhoApproves(StrEnum):
    MEMBERS = "members"
    DIRECTORY = "directory"
    OWNERS = "owners"
    LISTED = "listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideContext:
    """A person does something with a waiting card: `DECISIONS`."""

    person: Person
    who: WhoApproves
    reporter_may_approve: bool
    kill_switch: bool
    decided: bool
    """Somebody decided already."""
    expired: bool
    formal: bool
    """Two people have to approve."""
    has_first: bool
    """One of them has."""
    first_is_self: bool

    def as_cedar(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoContext:
    """A person takes back what was written, or turns the off switch."""

    person: Person
    who: WhoApproves
    kill_switch: bool

    def as_cedar(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskContext:
    """A person asks for a triage, looks at the queue, says when they are away, or reports a card."""

    person: Person
    kill_switch: bool

    def as_cedar(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The recorded yes that a write relies on."""

    digest: Digest
    """Of the proposal the person saw, as stored with the decision."""
    by: SlackUserId
    age_s: int
    decided: bool
    """A person said yes to exactly this proposal. Rejected, expired, withdrawn or open: False."""
    target: TicketRef

    @classmethod
    def of(cls, decision: Decision | None, proposal: Proposal, *, recorded: Digest, now: Millis) -> Approval:
        """Reads it off the record, so that no caller has to judge what counts as a yes.

        `recorded` is the digest stored with the decision.
        """
        match decision:
            case Approved(by=by, at=at):
                yes = True
            case Edited(by=by, at=at, proposal=chosen):
                yes = chosen == proposal.id
            case _:
                by, at, yes = SlackUserId(""), now, False
        return cls(digest=recorded, by=by, age_s=(now - at) // 1000, decided=yes, target=proposal.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteContext:
    """The executor is about to change one thing."""

    approval: Approval
    action_digest: Digest
    """Computed now from the stored operations, never copied from the decision."""
    kill_switch: bool
    saw_untrusted: bool
    """A model or classifier that read ticket text had a part in it. True for every triage."""
    value_listed: bool
    """The label or login comes from the taxonomy, the directory or the tracker; none from text. Where something is
    taken back: the record says that it was set for the proposal that is undone."""
    writes_so_far: int
    """Writes already made for this proposal."""
    max_age_s: int

    def as_cedar(self) -> dict[str, object]:
        context = asdict(self)
        approval = {**asdict(self.approval), "target": {"__entity": {"type": "Ticket", "id": self.approval.target.key}}}
        return {**context, "approval": approval}


Context = ReadContext | ProposeContext | DecideContext | UndoContext | AskContext | WriteContext
