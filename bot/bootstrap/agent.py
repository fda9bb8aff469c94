"""The agent's worker: reads, thinks, proposes, speaks in Slack, takes verdicts. Holds no write credential."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bot.bootstrap import pacing
from bot.bootstrap.core import Core
from bot.bootstrap.engines import Means, local_engine, open_engine
from bot.bootstrap.slack import SlackSide, verdict_rules
from bot.checkpoints.opening import open_checkpoints
from bot.record.record import Record
from bot.service.absences import RecordAbsences
from bot.service.asking import AskingReporters
from bot.service.bundling import Bundle, SweepMessage
from bot.service.certainties import RecordDecided
from bot.service.commands.answering import Commands
from bot.service.commands.asking import Room
from bot.service.deciding import Deciding
from bot.service.handing_over import HandingOver
from bot.service.home import HomeTab
from bot.service.notebook import RecordNotebook
from bot.service.owned import RecordOwnedTickets
from bot.service.past import RecordSettledTickets
from bot.service.precedents import RecordPrecedents
from bot.service.prepared import KeptAnswers
from bot.service.reminding import Reminding
from bot.service.reporting import Reporting
from bot.service.routing import Routes
from bot.service.seen import open_neighbours
from bot.service.snoozing import Snoozing, wake
from bot.service.spending import RecordJournal
from bot.service.triaging import Triaging, buried
from bot.service.undoing import Undoing
from bot.service.verdicts import Verbs, Verdicts
from bot.work.worker import Handler, Worker
from graphs.approvers import Approvers
from graphs.calendar import Calendar
from graphs.deps import Deps
from graphs.errors import TicketGone, TrackerRefused, TrackerRejected
from graphs.gate import Gate
from graphs.hygiene.clean import clean
from graphs.hygiene.redact import Redactor
from graphs.learning.engine import LocalEngine
from graphs.learning.online import Precedents
from graphs.model import Millis, OwnerChoice, TicketRef, TicketState
from graphs.owners import Owners
from graphs.ports import Absent, Model, Neighbours, Notebook, TicketReader
from graphs.ranking.memory import OwnedTickets
from graphs.runner import Runner
from graphs.taxonomy import LayerTaxonomy
from graphs.tools.find_similar import FindSimilar
from graphs.tools.list_labels import ListLabels
from graphs.tools.look_up_owners import LookUpOwners
from graphs.tools.read_ticket import ReadTicket
from graphs.tools.toolbox import Toolbox
from policies.shapes import Policies
from prompts.loader import load as load_prompt


@asynccontextmanager
async def open_worker(core: Core, slack: SlackSide) -> AsyncIterator[Worker]:
    """Everything but the writing. Raises `bot.settings.BadSetting`."""
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(core.trackers.reading(core.shares))
        saver = await stack.enter_async_context(open_checkpoints(core.settings))
        verbs = _verbs(core, slack)
        room = _room(core, slack, verbs)
        commands = Commands(slack.desk, slack.people, slack.me.home, room)
        neighbours = await stack.enter_async_context(open_neighbours(core.record))
        notebook, past = RecordNotebook(core.record, core.calendar), past_of(core.record, neighbours, core.calendar)
        means = Means(
            policies=core.policies,
            gate=core.gate,
            redactor=core.redactor,
            notebook=notebook,
            reader=reader,
            comments=reader,
            paused=core.paused,
            journal=RecordJournal(core.record),
            limits=core.shared.limits,
            local=local_engine(core.settings, past.precedents),
            owned=past.owned,
            past=RecordSettledTickets(core.record),
            prepared=KeptAnswers(notebook),
            decided=RecordDecided(core.record),
        )
        model = await stack.enter_async_context(open_engine(core.settings, means))
        parts = deps(core.policies, core.gate, core.redactor, notebook, reader, core.paused, past, model)
        closed = partial(_is_closed, reader)
        bundle = Bundle(core.settings.strata_sweep_cards)
        message = SweepMessage(core.record, slack.desk, core.settings.slack_channel)
        triaging = Triaging(core.record, Runner(saver, parts), commands.tell, core.paused, closed, bundle)
        verdicts = Verdicts(core.record, slack.desk, slack.people, core.card_key, slack.me.home, verbs)
        handlers: dict[str, Handler] = {
            "triage_ticket": triaging.triage,
            "sweep_ticket": triaging.triage,
            "withdraw_ticket": triaging.withdraw,
            "expire_proposal": triaging.expire,
            "wake_card": partial(wake, core.record),
            "settle_triage": triaging.settle,
            "post_card": slack.cards.post,
            "leave_channel": slack.cards.left,
            "refresh_card": slack.cards.refresh,
            "tell_channel": slack.cards.tell,
            "tell_thread": slack.cards.tell_thread,
            "remind_of_card": Reminding(core.record, slack.cards, core.calendar).remind,
            "tell_sweep": message.tell,
            "take_verdict": verdicts.take,
            "answer_command": commands.answer,
            "draw_home": HomeTab(slack.desk, slack.people, room).draw,
            "look_up_person": slack.people.look_up,
        }
        yield Worker(
            core.record,
            core.delivery,
            handlers,
            buried,
            pacing.pace(core.settings),
            lambda: core.held() | bundle.held(),
        )


async def _is_closed(reader: TicketReader, ref: TicketRef) -> bool:
    """What cannot be read any more counts as closed."""
    try:
        return (await reader.read(ref)).state is TicketState.CLOSED
    except (TicketGone, TrackerRefused, TrackerRejected):
        return True


@dataclass(frozen=True)
class Past:
    """What the record remembers, for whoever thinks about a new ticket."""

    owned: OwnedTickets | None = None
    precedents: Precedents | None = None
    neighbours: Neighbours | None = None
    absent: Absent | None = None


def past_of(record: Record, neighbours: Neighbours, calendar: Calendar) -> Past:
    return Past(
        owned=RecordOwnedTickets(record),
        precedents=RecordPrecedents(record),
        neighbours=neighbours,
        absent=RecordAbsences(record, calendar),
    )


NO_PAST = Past()


def deps(
    policies: Policies,
    gate: Gate,
    redactor: Redactor,
    notebook: Notebook,
    reader: TicketReader,
    paused: Callable[[], bool],
    past: Past = NO_PAST,
    model: Model | None = None,
) -> Deps:
    """What the graph's nodes are given; the local engine unless another `model` is named."""
    return Deps(
        gate=gate,
        toolbox=Toolbox(gate, notebook, paused),
        read_ticket=ReadTicket(reader),
        list_labels=ListLabels(reader),
        look_up_owners=LookUpOwners(Owners(policies), past.owned, past.absent),
        find_similar=FindSimilar(past.neighbours),
        clean=partial(clean, redactor=redactor),
        model=model or LocalEngine(precedents=past.precedents),
        notebook=notebook,
        taxonomy=LayerTaxonomy(policies),
        comment=load_prompt("comment"),
        policy_version=f"{policies.version}/{gate.policy_version}",
        due_at=partial(_due_at, Calendar(policies.clock), Approvers(policies).expires_after_ms),
        paused=paused,
    )


def _due_at(calendar: Calendar, within_ms: int, now: Millis, owner: OwnerChoice | None) -> Millis:
    return calendar.due_at(now, within_ms, owner.slack_user if owner else None)


def _verbs(core: Core, slack: SlackSide) -> Verbs:
    rules = verdict_rules(core)
    return Verbs(
        deciding=Deciding(rules, slack.editing, core.calendar),
        undoing=Undoing(rules),
        snoozing=Snoozing(rules, core.calendar),
        handing_over=HandingOver(rules, slack.editing, core.calendar, Routes(core.settings.slack_channel, core.owners)),
        asking=AskingReporters(rules, slack.editing.redacted),
        reporting=Reporting(rules, slack.editing.redacted),
        rules=rules,
    )


def _room(core: Core, slack: SlackSide, verbs: Verbs) -> Room:
    return Room(
        record=core.record,
        rules=verdict_rules(core),
        taxonomy=core.taxonomy,
        owners=core.owners,
        calendar=core.calendar,
        cards=slack.cards,
        deciding=verbs.deciding,
        undoing=verbs.undoing,
        snoozing=verbs.snoozing,
        locate=core.trackers.locate,
        announce=core.announce_pause,
    )
