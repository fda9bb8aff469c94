"""The use-cases on a real record with the real gate and policies, beside a Slack in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Column, select, update

from bot.record.record import Record
from bot.record.tables import inbox, jobs
from bot.service.asking import AskingReporters
from bot.service.cards import Cards
from bot.service.commands.answering import Commands
from bot.service.commands.asking import Room
from bot.service.deciding import Deciding
from bot.service.editing import Editing
from bot.service.front import Parts, SlackFront
from bot.service.handing_over import HandingOver
from bot.service.judging import Rules
from bot.service.notebook import RecordNotebook
from bot.service.people import People
from bot.service.reporting import Reporting
from bot.service.routing import Routes
from bot.service.snoozing import Snoozing
from bot.service.undoing import Undoing
from bot.service.verdicts import Verbs, Verdicts
from bot.slack.ids import CardKey
from bot.slack.payloads import Home
from bot.tasks import TASK, Claimed, Task
from bot.trackers.contract import BadLink
from bot.trackers.github.links import parse_link
from bot.trackers.github.site import GitHubSite
from graphs.answers import Checked, Gathered, Screened
from graphs.approvers import Approvers
from graphs.calendar import Calendar
from graphs.gate import Gate
from graphs.hygiene.redact import Redactor
from graphs.model import (
    Alternative,
    CleanTicket,
    InstallId,
    Kind,
    LayerId,
    Operation,
    Proposal,
    Risk,
    SlackUserId,
    Ticket,
    TicketRef,
    TrackerName,
    TriageId,
)
from graphs.owners import Owners
from graphs.proposing import digest_of, operations_for, proposal_id, seen_of
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load as load_policies
from prompts.loader import load as load_prompt
from tests.builders import DAY, NOW, RETRIEVAL, TEAM, a_clean_ticket, a_proposal, a_ticket, an_analysis
from tests.service.desk import FakeDesk

CHANNEL = "C01TRIAGE"
POLICIES = load_policies()
TAXONOMY, OWNERS, APPROVERS, GATE = LayerTaxonomy(POLICIES), Owners(POLICIES), Approvers(POLICIES), Gate.load()
CALENDAR = Calendar(POLICIES.clock)
ROUTES = Routes(CHANNEL, OWNERS)
STRICT = Approvers(
    POLICIES.model_copy(update={"approval": POLICIES.approval.model_copy(update={"reporter_may_approve": False})})
)
"""Where whoever filed a ticket may not approve what is proposed for it."""
COMMENT = load_prompt("comment")
KEY = CardKey(b"a key of the tests, long enough")
HOME = Home(team=TEAM)
SITE = GitHubSite()


def locate(text: str) -> TicketRef | None:
    """Tickets of `acme/assistant` and of no other place."""
    try:
        link = parse_link(text, SITE)
    except BadLink:
        return None
    if link.project != "acme/assistant":
        return None
    return TicketRef(tracker=TrackerName.GITHUB, install=InstallId("main"), project=link.project, number=link.number)


@dataclass
class House:
    record: Record
    desk: FakeDesk = field(default_factory=FakeDesk)
    paused: bool = False
    approvers: Approvers = APPROVERS
    calendar: Calendar = CALENDAR
    announced: int = 0
    routes: Routes = ROUTES

    @property
    def people(self) -> People:
        return People(self.record, self.desk)

    @property
    def cards(self) -> Cards:
        return Cards(self.record, self.desk, KEY, TAXONOMY, self.routes, self.approvers)

    @property
    def editing(self) -> Editing:
        redactor = Redactor(b"tests")
        return Editing(TAXONOMY, OWNERS, COMMENT, lambda text: redactor.redact(text).text)

    @property
    def rules(self) -> Rules:
        who = (SlackUserId("U02MLLEAD"),)
        return Rules(gate=GATE, approvers=self.approvers, who_can=lambda: who, paused=self._paused)

    @property
    def verdicts(self) -> Verdicts:
        return Verdicts(self.record, self.desk, self.people, KEY, HOME, self.verbs)

    @property
    def verbs(self) -> Verbs:
        return Verbs(
            deciding=Deciding(self.rules, self.editing, self.calendar),
            undoing=Undoing(self.rules),
            snoozing=Snoozing(self.rules, self.calendar),
            handing_over=HandingOver(self.rules, self.editing, self.calendar, self.routes),
            asking=AskingReporters(self.rules, self.editing.redacted),
            reporting=Reporting(self.rules, self.editing.redacted),
            rules=self.rules,
        )

    @property
    def front(self) -> SlackFront:
        return SlackFront(
            Parts(
                record=self.record,
                cards=self.cards,
                people=self.people,
                key=KEY,
                home=HOME,
                rules=self.rules,
                owners=OWNERS,
                editing=self.editing,
                question=load_prompt("question"),
                calendar=self.calendar,
            )
        )

    @property
    def room(self) -> Room:
        return Room(
            record=self.record,
            rules=self.rules,
            taxonomy=TAXONOMY,
            owners=OWNERS,
            calendar=self.calendar,
            cards=self.cards,
            deciding=self.verbs.deciding,
            undoing=self.verbs.undoing,
            snoozing=self.verbs.snoozing,
            locate=locate,
            announce=self._announce,
        )

    @property
    def commands(self) -> Commands:
        return Commands(self.desk, self.people, HOME, self.room)

    async def _announce(self) -> None:
        self.announced += 1

    def _paused(self) -> bool:
        return self.paused

    async def claim(self, kind: str) -> Claimed | None:
        """The next due job of this kind."""
        async with self.record.begin() as tx:
            return await tx.jobs.claim([kind], "tests", 60_000)

    async def waiting(self, kind: str = "") -> list[Task]:
        """Jobs that are not done yet, whenever they are due."""
        async with self.record.engine.connect() as connection:
            query = select(jobs.c.body).where(jobs.c.state == "ready").order_by(jobs.c.id)
            found = [TASK.validate_json(row.body) for row in await connection.execute(query)]
        return [one for one in found if kind in ("", one.kind)]

    async def kept(self) -> list[str]:
        """Ids of stored deliveries."""
        async with self.record.engine.connect() as connection:
            return [row.delivery_id for row in await connection.execute(select(inbox).order_by(inbox.c.id))]

    async def later(self, column: Column[int], ms: int) -> None:
        """Moves a stored time into the past."""
        async with self.record.engine.begin() as connection:
            await connection.execute(update(column.table).values({column.name: column - ms}))

    async def propose(
        self,
        ticket: Ticket | None = None,
        triage: str = "a" * 32,
        rather: tuple[LayerId, ...] = (),
        risks: tuple[Risk, ...] = (),
    ) -> Proposal:
        """A card's worth of record: every step answered, a proposal stored, its triage waiting.

        `rather`: layers that it offers instead. `risks`: what its analysis says that a mistake would touch.
        """
        raw = ticket or a_ticket()
        clean, name = a_clean_ticket(raw), TriageId(triage)
        operations = _operations(clean, RETRIEVAL)
        owner = OWNERS.owner_for(RETRIEVAL, clean, "2026-01-01")
        async with self.record.begin() as tx:
            assert await tx.triages.begin(name, raw.ref, "opened")
            now = await tx.now()
        made = a_proposal(proposal_id(name, "agent"), name, target=raw.ref, operations=operations, owner=owner)
        proposal = made.model_copy(
            update={
                "seen": seen_of(clean),
                "digest": digest_of(raw.ref, seen_of(clean), operations, made.versions),
                "alternatives": tuple(_alternative(made, clean, one) for one in rather),
                "created_at": now,
                "expires_at": now + DAY,
            }
        )
        notebook = RecordNotebook(self.record, self.calendar)
        screened = Screened(ticket=clean, closed=False, opened_at=NOW)
        checked = Checked(layer=RETRIEVAL, kind=Kind.BUG, owner=owner, evidence=(), unsupported=0)
        await notebook.keep(name, "screen", screened.model_dump_json())
        labels = Gathered(tracker_labels=tuple(sorted(TAXONOMY.labels)))
        await notebook.keep(name, "gather", labels.model_dump_json())
        analysis = an_analysis(evidence=()).model_copy(update={"risks": risks})
        await notebook.keep(name, "analyse", analysis.model_dump_json())
        await notebook.keep(name, "check", checked.model_dump_json())
        return await notebook.propose(proposal)


def _operations(ticket: CleanTicket, layer: LayerId) -> tuple[Operation, ...]:
    return operations_for(
        ticket,
        layer=layer,
        kind=Kind.BUG,
        owner=OWNERS.owner_for(layer, ticket, "2026-01-01"),
        taxonomy=TAXONOMY,
        tracker_labels=TAXONOMY.labels,
        comment=COMMENT,
    )


def _alternative(made: Proposal, ticket: CleanTicket, layer: LayerId) -> Alternative:
    operations = _operations(ticket, layer)
    return Alternative(
        layer=layer,
        owner=OWNERS.owner_for(layer, ticket, "2026-01-01"),
        operations=operations,
        digest=digest_of(ticket.ref, seen_of(ticket), operations, made.versions),
    )
