"""The vocabulary: tickets, analyses, operations, proposals, decisions.

Owns the frozen values that every other part speaks in. Must not do I/O, read a clock or know a vendor:
a tracker's payload becomes a `Ticket` in `bot.trackers`, a click becomes a `Verdict` in `bot.slack`.
All times are milliseconds since 1970-01-01 UTC (`Millis`), judged by the record's clock.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field

Millis = NewType("Millis", int)
LayerId = NewType("LayerId", str)
"""A layer of the taxonomy in `policies/layers.yaml`; validated where it enters, so a plain string inside."""
InstallId = NewType("InstallId", str)
TicketKey = NewType("TicketKey", str)
TriageId = NewType("TriageId", str)
ProposalId = NewType("ProposalId", str)
Digest = NewType("Digest", str)
SlackUserId = NewType("SlackUserId", str)
Login = NewType("Login", str)
"""A person's account name in a tracker."""
OwnerId = NewType("OwnerId", str)
"""A role handle in `policies/owners.yaml`, for example `data-lead`."""


class Value(BaseModel):
    """Base of every value: immutable, compared by content, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class TrackerName(StrEnum):
    GITHUB = "github"


class Kind(StrEnum):
    BUG = "bug"
    FEATURE = "feature"
    QUESTION = "question"
    TASK = "task"


class Role(StrEnum):
    """Who is at the centre of the ticket: product-layer work, model-layer work, both, or neither."""

    AI_ENGINEER = "ai_engineer"
    ML_ENGINEER = "ml_engineer"
    BOTH = "both"
    NEITHER = "neither"


class Risk(StrEnum):
    """What a mistake would touch; shown only where the ticket itself says so."""

    REVENUE = "revenue"
    SAFETY = "safety"
    REGULATED = "regulated"
    SENSITIVE_DATA = "sensitive_data"
    CORE_OPERATIONS = "core_operations"
    SECURITY = "security"


class TicketState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class TicketRef(Value):
    """Where a ticket lives. `project` is the tracker's own name for the container (`owner/repo`)."""

    tracker: TrackerName
    install: InstallId
    project: str
    number: str

    @property
    def key(self) -> TicketKey:
        """One string for locks, rows and logs: `github:main:owner/repo#12`.

        The project without regard to case, as trackers take it: or a link typed in capitals would be another ticket.
        """
        return TicketKey(f"{self.tracker}:{self.install}:{self.project.casefold()}#{self.number}")

    @property
    def short(self) -> str:
        """What people call it: `owner/repo#12`."""
        return f"{self.project}#{self.number}"


class Ticket(Value):
    """A ticket as the tracker has it now. Every text in it is untrusted data, for ever."""

    ref: TicketRef
    url: str
    title: str
    body: str
    author: Login
    author_is_bot: bool
    labels: tuple[str, ...]
    assignees: tuple[Login, ...]
    state: TicketState
    private: bool
    locked: bool
    created_at: Millis
    updated_at: Millis
    version: str
    """What changes whenever the ticket changes; opaque, compared for equality only."""


class HygieneReport(Value):
    """What was taken out of or noticed in untrusted text, so that a person is told."""

    hidden: dict[str, int] = Field(default_factory=dict)
    """Removed things by kind (`zero_width`, `bidi`, `tag_characters`, `html_comment` ...), with counts."""
    redacted: dict[str, int] = Field(default_factory=dict)
    """Secrets and personal data replaced, by kind, with counts."""
    addressed_to_bot: tuple[str, ...] = ()
    """Short redacted quotes of text that speaks to a bot instead of to people."""
    truncated: bool = False
    folded: int = 0
    """Sections that a reader has to open (`<details>`); their text stays."""


class CleanTicket(Value):
    """A ticket whose text was normalised and redacted: the only form that reaches a model, a card or a log."""

    ref: TicketRef
    url: str
    title: str
    body: str
    author: Login
    labels: tuple[str, ...]
    assignees: tuple[Login, ...]
    private: bool
    version: str
    hygiene: HygieneReport


class Evidence(Value):
    """Why: a claim with its source. A `quote` is checked against the ticket before anybody sees it."""

    source: Literal["quote", "owner_rule", "precedent"]
    text: str


class OwnerChoice(Value):
    """A proposed owner from the directory. `login` is None where the owner has no account in this tracker."""

    owner: OwnerId
    name: str
    login: Login | None
    slack_user: SlackUserId | None
    reason: str


class Analysis(Value):
    """An engine's whole answer about one ticket."""

    layer_scores: dict[LayerId, float]
    """Probability per layer of the taxonomy; sums to 1."""
    kind: Kind
    role: Role
    risks: tuple[Risk, ...]
    evidence: tuple[Evidence, ...]
    engine: str
    """Name and version of what answered, for example `local-lexical-2`."""
    cost_usd: float = 0.0
    known_ground: bool = True
    """False when the ticket is unlike anything the engine has seen: its confidence then means little."""
    layer_set: tuple[LayerId, ...] = ()
    """The layers among which the right one is at a stated rate (conformal prediction), likeliest first; empty where
    the engine makes no such promise."""
    secondary: tuple[LayerId, ...] = ()
    """Other layers that must change too, at most two, likeliest first."""
    abstains: bool = False
    """True when the engine would rather not propose: unsure among many layers, or on strange ground."""

    @property
    def layer(self) -> LayerId:
        return max(self.layer_scores, key=lambda one: (self.layer_scores[one], one))

    @property
    def confidence(self) -> float:
        """Probability of the chosen layer, 0..1."""
        return self.layer_scores[self.layer]


class AddLabel(Value):
    """Add one label, keep all others. `creates`: the label is not in the tracker yet and will be made."""

    op: Literal["add_label"] = "add_label"
    label: str
    creates: bool = False


class Assign(Value):
    """Assign one person, only while nobody else is assigned."""

    op: Literal["assign"] = "assign"
    login: Login


class Comment(Value):
    """Post one comment. The executor adds a keyed marker so that it is posted at most once."""

    op: Literal["comment"] = "comment"
    body: str


Operation = Annotated[AddLabel | Assign | Comment, Field(discriminator="op")]
"""One single-member change whose outcome can be read back from the tracker."""


class Seen(Value):
    """The fields a proposal touches, as they were when it was made: what drift is judged against."""

    labels: tuple[str, ...]
    assignees: tuple[Login, ...]
    version: str


class Alternative(Value):
    """Another layer that may be the right one, with everything that choosing it would write."""

    layer: LayerId
    owner: OwnerChoice | None
    operations: tuple[Operation, ...]
    digest: Digest
    """Of a proposal with these operations."""


class Proposal(Value):
    """An immutable suggestion of changes to one ticket.

    `digest` is SHA-256 over the canonical JSON of target, operations and versions (`graphs.proposing`):
    whoever approves, approves exactly that.
    """

    id: ProposalId
    triage: TriageId
    target: TicketRef
    seen: Seen
    operations: tuple[Operation, ...]
    digest: Digest
    layer: LayerId
    kind: Kind
    owner: OwnerChoice | None
    versions: dict[str, str]
    """Versions that shaped it: `operations`, `policy`, `engine`, `comment_prompt`."""
    created_at: Millis
    expires_at: Millis
    alternatives: tuple[Alternative, ...] = ()
    """What a person can choose instead with one press, likeliest first. Each has a digest of its own."""
    edited_by: SlackUserId | None = None
    replaces: ProposalId | None = None


class RejectReason(StrEnum):
    WRONG_LAYER = "wrong_layer"
    WRONG_OWNER = "wrong_owner"
    WRONG_KIND = "wrong_kind"
    NOT_A_TICKET = "not_a_ticket"
    DUPLICATE = "duplicate"
    NOT_NOW = "not_now"
    OTHER = "other"


class Actor(Value):
    """A person in Slack, as Slack's signed payload and its directory describe them."""

    user: SlackUserId
    team: str
    is_bot: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    """From another workspace through a shared channel."""
    is_deactivated: bool = False
    is_known: bool = True
    """False until Slack's directory answered: an unknown person may do nothing."""


class Approved(Value):
    status: Literal["approved"] = "approved"
    by: SlackUserId
    at: Millis


class Edited(Value):
    """Replaced by another proposal that the editor approved by submitting it."""

    status: Literal["edited"] = "edited"
    by: SlackUserId
    at: Millis
    proposal: ProposalId
    note: str = ""
    """Why, in the editor's words."""


class Rejected(Value):
    status: Literal["rejected"] = "rejected"
    by: SlackUserId
    at: Millis
    reason: RejectReason
    note: str = ""


class Expired(Value):
    """Nobody decided in time: that is a no."""

    status: Literal["expired"] = "expired"
    at: Millis


class Withdrawn(Value):
    """Taken back by the bot, because the ticket was closed, moved or triaged anew."""

    status: Literal["withdrawn"] = "withdrawn"
    at: Millis
    why: str


Decision = Annotated[Approved | Edited | Rejected | Expired | Withdrawn, Field(discriminator="status")]


class OutboxState(StrEnum):
    """pending -> sending -> done | unknown | failed; unknown is resolved by reading the ticket."""

    PENDING = "pending"
    SENDING = "sending"
    DONE = "done"
    UNKNOWN = "unknown"
    FAILED = "failed"


class TriageState(StrEnum):
    """Where a triage stands; legal moves are in `bot.record.states`."""

    QUEUED = "queued"
    AWAITING = "awaiting"
    """A proposal is on a card and waits for a person."""
    APPLYING = "applying"
    CLOSED = "closed"
    FAILED = "failed"
