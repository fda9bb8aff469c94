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
from bot.service.bundling import Bundle, SweepMessage
from bot.service.certainties import RecordDecided
from bot.service.commands import Commands
from bot.service.commands import Rules as CommandRules
from bot.service.notebook import RecordNotebook
from bot.service.owned import RecordOwnedTickets
from bot.service.past import RecordSettledTickets
from bot.service.precedents import RecordPrecedents
from bot.service.prepared import KeptAnswers
from bot.service.seen import open_neighbours
from bot.service.spending import RecordJournal
from bot.service.triaging import Triaging, buried
from bot.service.verdicts import Verdicts
from bot.work.worker import Handler, Worker
from graphs.approvers import Approvers
from graphs.deps import Deps
from graphs.errors import TicketGone, TrackerRefused, TrackerRejected
from graphs.gate import Gate
from graphs.hygiene.clean import clean
from graphs.hygiene.redact import Redactor
from graphs.learning.engine import LocalEngine
from graphs.learning.online import Precedents
from graphs.model import TicketRef, TicketState
from graphs.owners import Owners
from graphs.ports import Model, Neighbours, Notebook, TicketReader
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
        commands = Commands(core.record, slack.desk, slack.people, slack.me.home, _command_rules(core))
        neighbours = await stack.enter_async_context(open_neighbours(core.record))
        notebook, past = RecordNotebook(core.record), past_of(core.record, neighbours)
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
        verdicts = Verdicts(
            core.record, slack.desk, slack.people, core.card_key, slack.me.home, verdict_rules(core), slack.editing
        )
        handlers: dict[str, Handler] = {
            "triage_ticket": triaging.triage,
            "sweep_ticket": triaging.triage,
            "withdraw_ticket": triaging.withdraw,
            "expire_proposal": triaging.expire,
            "settle_triage": triaging.settle,
            "post_card": slack.cards.post,
            "refresh_card": slack.cards.refresh,
            "tell_channel": slack.cards.tell,
            "tell_sweep": message.tell,
            "take_verdict": verdicts.take,
            "answer_command": commands.answer,
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


def past_of(record: Record, neighbours: Neighbours) -> Past:
    return Past(owned=RecordOwnedTickets(record), precedents=RecordPrecedents(record), neighbours=neighbours)


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
        look_up_owners=LookUpOwners(Owners(policies), past.owned),
        find_similar=FindSimilar(past.neighbours),
        clean=partial(clean, redactor=redactor),
        model=model or LocalEngine(precedents=past.precedents),
        notebook=notebook,
        taxonomy=LayerTaxonomy(policies),
        comment=load_prompt("comment"),
        policy_version=f"{policies.version}/{gate.policy_version}",
        approval_ms=Approvers(policies).expires_after_ms,
        paused=paused,
    )


def _command_rules(core: Core) -> CommandRules:
    return CommandRules(
        gate=core.gate,
        approvers=core.approvers,
        taxonomy=core.taxonomy,
        locate=core.trackers.locate,
        who_can=core.who_can,
        paused=core.paused,
    )
