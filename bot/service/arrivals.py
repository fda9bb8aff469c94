"""A delivery from a tracker arrived: verify it, understand it, store it with the work that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.crash import reached
from bot.events import Arrival, Edited, FieldSet, Gone, Irrelevant, Malformed, Opened, TicketField, WebhookDoor
from bot.executor.marker import Marker
from bot.record.inbox import Delivery, Outcome
from bot.record.record import Record, Transaction
from bot.tasks import TriageTicket, WithdrawTicket
from graphs.model import AddLabel, Assign, InstallId, TicketKey
from graphs.names import same_name

ECHO_WINDOW_MS = 3_600_000
MOST_NAME = 64
LATEST_MS = 8 * 3_600_000
"""How late a delivery may be by its own signed word. The slowest sender, Linear, tries last after seven hours; what is
older was kept by somebody, and what was really missed is found by looking (`bot.service.reconciling`)."""


@dataclass(frozen=True)
class Install:
    """One tracker account that may send us deliveries."""

    id: InstallId
    provider: str
    door: WebhookDoor
    secrets: tuple[str, ...]
    """Current and previous webhook secret: a rotation loses nothing."""
    projects: tuple[str, ...]
    """Patterns of the projects it covers, such as `acme/*`. A payload about another project is not acted on."""
    answers: int = 202
    """The status of a delivery that was taken, for a sender that takes only one for a success."""

    def covers(self, project: str | None) -> bool:
        return project is None or any(fnmatchcase(project.lower(), one.lower()) for one in self.projects)


class Arrivals:
    def __init__(self, record: Record, marker: Marker) -> None:
        self._record = record
        self._marker = marker

    async def arrived(self, install: Install, headers: Mapping[str, str], body: bytes) -> Outcome:
        """What became of the delivery, after it was committed.

        Raises `bot.events.NotAuthentic`, or `Malformed` for a delivery without an id; the latter cannot be stored.
        """
        install.door.verify(headers, body, install.secrets)
        delivery_id = install.door.delivery_id(headers)
        try:
            arrival = install.door.parse(headers, body, install.id)
        except Malformed as error:
            arrival, outcome, why = None, Outcome.MALFORMED, str(error)
        else:
            outcome, why = Outcome.ACCEPTED, ""
        delivery = Delivery(
            provider=install.provider,
            install=install.id,
            delivery_id=delivery_id,
            name=(arrival.name if arrival else "unreadable")[:MOST_NAME],
            body=body,
            keeps_body=False,  # a ticket's text, secrets and all: the job names the ticket, and the ticket is read anew
        )
        reached("inbox.storing")
        async with self._record.begin() as tx:
            if arrival:
                outcome, why = await self._judge(tx, install, arrival)
            stored, _ = await tx.inbox.store(delivery, outcome, why, _ticket(arrival))
            if stored is Outcome.ACCEPTED and arrival:
                await _follow(tx, arrival)
            if stored is Outcome.QUARANTINED:
                subject = f"{install.provider}:{install.id}"
                await tx.audit.append("system", "quarantined", subject, delivery=delivery_id)
        reached("inbox.committed")
        return stored

    async def _judge(self, tx: Transaction, install: Install, arrival: Arrival) -> tuple[Outcome, str]:
        """What is to be done about an event: (outcome, why)."""
        if why := await _not_ours(tx, install, arrival):
            return Outcome.IGNORED, why
        match arrival.event:
            case Opened() | Gone():
                return Outcome.ACCEPTED, ""
            case Edited():
                return Outcome.IGNORED, "an edit: what is touched is compared again before anything is written"
            case FieldSet() as change:
                if await self._is_echo(tx, change):
                    return Outcome.ECHO, "our own write coming back"
                return Outcome.IGNORED, f"a person set a {change.field}"
            case Irrelevant(why=why):
                return Outcome.IGNORED, why

    async def _is_echo(self, tx: Transaction, change: FieldSet) -> bool:
        """By what was sent, not by who did it: with a personal token the actor is a person and proves nothing."""
        if change.field is TicketField.COMMENT:
            return self._marker.is_ours(change.value)
        for sent in await tx.outbox.recent(change.ref.key, ECHO_WINDOW_MS):
            if change.field is TicketField.LABEL and isinstance(sent, AddLabel) and same_name(sent.label, change.value):
                return True
            if (
                change.field is TicketField.ASSIGNEE
                and isinstance(sent, Assign)
                and same_name(sent.login, change.value)
            ):
                return True
        return False


async def _not_ours(tx: Transaction, install: Install, arrival: Arrival) -> str | None:
    """Why a delivery is nothing to act on, whatever it tells."""
    if not install.covers(arrival.project):
        return f"this install does not cover {arrival.project}"
    if arrival.sent_at is not None and arrival.sent_at + LATEST_MS < await tx.now():
        return "it was sent longer ago than any sender tries"
    return None


def _ticket(arrival: Arrival | None) -> TicketKey | None:
    if arrival is None or isinstance(arrival.event, Irrelevant):
        return None
    return arrival.event.ref.key


async def _follow(tx: Transaction, arrival: Arrival) -> None:
    """The work that follows an accepted event."""
    match arrival.event:
        case Opened(ref=ref, action=action):
            await tx.jobs.add(TriageTicket(ref=ref, why=action), ticket=ref.key)
        case Gone(ref=ref, why=why):
            await tx.jobs.add(WithdrawTicket(ref=ref, why=why), ticket=ref.key)
        case _:
            return
