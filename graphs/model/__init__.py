"""The vocabulary: tickets, analyses, operations, proposals, decisions.

Owns the frozen values that every other part speaks in. Must not do I/O, read a clock or know a vendor:
a tracker's payload becomes a `Ticket` in `bot.trackers`, a click becomes a `Verdict` in `bot.slack`.
All times are milliseconds since 1970-01-01 UTC (`Millis`), judged by the record's clock.
"""

from graphs.model.analyses import (
    Analysis,
    Evidence,
    Kind,
    Opinion,
    OwnerChoice,
    Precedent,
    Prepared,
    Risk,
    Role,
    Similar,
)
from graphs.model.base import (
    Digest,
    InstallId,
    LayerId,
    Login,
    Millis,
    OwnerId,
    ProposalId,
    SlackUserId,
    TicketKey,
    TriageId,
    Value,
)
from graphs.model.decisions import Actor, Approved, Decision, Edited, Expired, Rejected, RejectReason, Withdrawn
from graphs.model.operations import (
    TAKES_BACK,
    AddLabel,
    Assign,
    Comment,
    Effect,
    Operation,
    RemoveComment,
    RemoveLabel,
    Unassign,
)
from graphs.model.proposals import Alternative, Proposal, Seen
from graphs.model.states import OutboxState, TriageState
from graphs.model.tickets import CleanTicket, HygieneReport, Ticket, TicketRef, TicketState, TrackerName

__all__ = [
    "TAKES_BACK",
    "Actor",
    "AddLabel",
    "Alternative",
    "Analysis",
    "Approved",
    "Assign",
    "CleanTicket",
    "Comment",
    "Decision",
    "Digest",
    "Edited",
    "Effect",
    "Evidence",
    "Expired",
    "HygieneReport",
    "InstallId",
    "Kind",
    "LayerId",
    "Login",
    "Millis",
    "Operation",
    "Opinion",
    "OutboxState",
    "OwnerChoice",
    "OwnerId",
    "Precedent",
    "Prepared",
    "Proposal",
    "ProposalId",
    "RejectReason",
    "Rejected",
    "RemoveComment",
    "RemoveLabel",
    "Risk",
    "Role",
    "Seen",
    "Similar",
    "SlackUserId",
    "Ticket",
    "TicketKey",
    "TicketRef",
    "TicketState",
    "TrackerName",
    "TriageId",
    "TriageState",
    "Unassign",
    "Value",
    "Withdrawn",
]
