"""Every kind of job there is, with what it carries. To add one: a class here, a handler in `bot.bootstrap.agent`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from graphs.model import Millis, Prepared, ProposalId, SlackUserId, TicketKey, TicketRef, TriageId, Value


class Asker(Value):
    """A person who waits for an answer to a slash command."""

    user: SlackUserId
    team: str
    channel: str
    response_url: str


class TriageTicket(Value):
    """Read the ticket, think, propose."""

    kind: Literal["triage_ticket"] = "triage_ticket"
    ref: TicketRef
    why: str
    asker: Asker | None = None


class SweepTicket(Value):
    """The same for a ticket of the backlog, when nothing else is to be done."""

    kind: Literal["sweep_ticket"] = "sweep_ticket"
    ref: TicketRef
    why: str
    prepared: Prepared | None = None
    """The engine's answer, where the ticket was part of a batch."""
    closed_too: bool = False
    """Closed tickets were asked for."""

    @property
    def asker(self) -> None:
        """Whoever asked for a sweep does not wait for each of its tickets."""


class WithdrawTicket(Value):
    """The ticket is closed, deleted or moved: take the waiting proposal back."""

    kind: Literal["withdraw_ticket"] = "withdraw_ticket"
    ref: TicketRef
    why: str


class PostCard(Value):
    kind: Literal["post_card"] = "post_card"
    triage: TriageId


class LeaveChannel(Value):
    """A card goes to another channel: what was posted here says so."""

    kind: Literal["leave_channel"] = "leave_channel"
    channel: str
    ts: str


class RefreshCard(Value):
    """Bring the posted card in line with the record."""

    kind: Literal["refresh_card"] = "refresh_card"
    triage: TriageId


class TellChannel(Value):
    """Say something to the team once: a ticket that could not be triaged is never dropped in silence."""

    kind: Literal["tell_channel"] = "tell_channel"
    text: str
    to: tuple[SlackUserId, ...] = ()
    """Whom it names first."""


class TellThread(Value):
    """Say something in the thread of a card; nothing where there is no card."""

    kind: Literal["tell_thread"] = "tell_thread"
    triage: TriageId
    text: str
    """mrkdwn of ours; parts that are not went through `escape`."""


class RemindOfCard(Value):
    """A share of a card's time is over; `number` counts the shares."""

    kind: Literal["remind_of_card"] = "remind_of_card"
    proposal: ProposalId
    number: int


class TellSweep(Value):
    """Keep the one message about a sweep of the backlog true, until all of it is decided."""

    kind: Literal["tell_sweep"] = "tell_sweep"
    began: Millis
    """Which sweep it is."""
    whole: int = 0
    """Tickets of it, as far as it was known when it was last told."""
    left: int = 0
    """Of them not decided then."""


class TakeVerdict(Value):
    """A click or a submitted form, stored in the inbox before Slack got its answer."""

    kind: Literal["take_verdict"] = "take_verdict"
    delivery: int


class AnswerCommand(Value):
    """A slash command, stored in the inbox before Slack got its answer."""

    kind: Literal["answer_command"] = "answer_command"
    delivery: int


class DrawHome(Value):
    """Somebody has opened the Home tab."""

    kind: Literal["draw_home"] = "draw_home"
    user: SlackUserId
    is_stranger: bool


class LookUpPerson(Value):
    """Ask Slack who this is, so that the next click can be judged from the record alone."""

    kind: Literal["look_up_person"] = "look_up_person"
    user: SlackUserId
    team: str
    channel: str


class ExpireProposal(Value):
    kind: Literal["expire_proposal"] = "expire_proposal"
    proposal: ProposalId


class WakeCard(Value):
    """A card that was put off comes back."""

    kind: Literal["wake_card"] = "wake_card"
    proposal: ProposalId
    until: Millis


class SettleTriage(Value):
    """Resume the graph with the stored decision and close its thread."""

    kind: Literal["settle_triage"] = "settle_triage"
    triage: TriageId
    proposal: ProposalId


class ExecuteProposal(Value):
    """Write the approved operations. Claimed by the executor only."""

    kind: Literal["execute_proposal"] = "execute_proposal"
    proposal: ProposalId


Task = Annotated[
    TriageTicket
    | SweepTicket
    | WithdrawTicket
    | PostCard
    | LeaveChannel
    | RefreshCard
    | TellChannel
    | TellThread
    | RemindOfCard
    | TellSweep
    | TakeVerdict
    | AnswerCommand
    | DrawHome
    | LookUpPerson
    | ExpireProposal
    | WakeCard
    | SettleTriage
    | ExecuteProposal,
    Field(discriminator="kind"),
]

TASK: TypeAdapter[Task] = TypeAdapter(Task)

EXECUTOR_KINDS = frozenset({"execute_proposal"})
WORKER_KINDS = frozenset(
    {
        "triage_ticket",
        "sweep_ticket",
        "withdraw_ticket",
        "post_card",
        "leave_channel",
        "refresh_card",
        "tell_channel",
        "tell_thread",
        "remind_of_card",
        "tell_sweep",
        "take_verdict",
        "answer_command",
        "draw_home",
        "look_up_person",
        "expire_proposal",
        "wake_card",
        "settle_triage",
    }
)

PAUSABLE = frozenset({"triage_ticket", "sweep_ticket", "execute_proposal"})
"""What the off switch holds: proposing and writing. Everything else is bookkeeping or an answer to a person."""

PRIORITY: dict[str, int] = {
    # A person who waits comes before a ticket that waits: the higher number is claimed first.
    "take_verdict": 90,
    "execute_proposal": 80,
    "answer_command": 70,
    "look_up_person": 70,
    "draw_home": 70,
    "leave_channel": 60,
    "refresh_card": 60,
    "withdraw_ticket": 50,
    "post_card": 40,
    "tell_channel": 40,
    "tell_thread": 40,
    "remind_of_card": 20,
    "triage_ticket": 30,
    "expire_proposal": 20,
    "wake_card": 20,
    "settle_triage": 10,
    "tell_sweep": 10,
    # Thousands at once, and nobody waits for them: behind everything else.
    "sweep_ticket": 5,
}


class Unreadable(Value):
    """In a claimed job's place of a task: what another version of this program wrote. Never stored."""

    why: str


class Claimed(Value):
    """A job under this worker's lease. Every write made for it carries `fence`; a stale one is refused."""

    id: int
    kind: str
    ticket: TicketKey | None
    task: Task | Unreadable
    fence: int
    attempts: int
    max_attempts: int
    lease_ms: int = 30_000
    """How long the lease lasts from the claim, and from each renewal."""
    age_ms: int = 0
    """Since the job was made, by the store's clock."""
    retried: int = 0
    """How often an operator gave it another chance."""
