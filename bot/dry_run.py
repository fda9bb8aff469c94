"""Puts a dry run together: the real graph, engine, policies and gate, with a memory that ends with the command."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.bootstrap import NO_PAST, Means, deps, local_engine, open_engine, past_of
from bot.bootstrap.adapter import Shares
from bot.bootstrap.trackers import trackers
from bot.limits.rates import Unlimited
from bot.record.opening import record_there
from bot.record.record import Record
from bot.service.certainties import RecordDecided
from bot.service.dry_run import Forgetful
from bot.service.looking_back import looked_back
from bot.service.seen import open_neighbours
from bot.service.spending import MemoryJournal
from bot.settings import Settings
from bot.slack.blocks.view import CardView, TicketFace
from bot.trackers.contract import TrackerReader
from graphs.answers import Checked, Gathered, Screened
from graphs.calendar import Calendar
from graphs.errors import StrataError
from graphs.gate import Gate
from graphs.hygiene.redact import Redactor
from graphs.model import (
    Analysis,
    InstallId,
    Login,
    Millis,
    Proposal,
    Ticket,
    TicketRef,
    TicketState,
    TrackerName,
    TriageId,
)
from graphs.runner import Runner
from graphs.state import Step
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load as load_policies

TRIAGE = TriageId("dry-run")
MOST_BYTES = 1024 * 1024


class BadTicketFile(StrataError):
    """The file holds no ticket; the text says what is expected."""


async def propose(settings: Settings, ticket: str) -> tuple[CardView | None, str]:
    """The card that would be posted, or None with the reason. Raises `StrataError` when the ticket cannot be read."""
    policies = load_policies(settings.strata_policies)
    taxonomy, notebook = LayerTaxonomy(policies), Forgetful()
    gate, redactor = Gate.load(settings.strata_policies), Redactor(b"dry-run")
    async with AsyncExitStack() as stack:
        reader, ref = await stack.enter_async_context(_source(settings, ticket, taxonomy.labels))
        record = await stack.enter_async_context(record_there(settings))
        past = NO_PAST
        if record:
            neighbours = await stack.enter_async_context(open_neighbours(record))
            past = past_of(record, neighbours, Calendar(policies.clock))
        means = Means(
            policies=policies,
            gate=gate,
            redactor=redactor,
            notebook=notebook,
            reader=reader,
            comments=None if isinstance(reader, _OneTicket) else reader,
            paused=_never,
            journal=MemoryJournal(),
            limits=Unlimited(),
            local=local_engine(settings, past.precedents),
            owned=past.owned,
            decided=RecordDecided(record) if record else None,
        )
        model = await stack.enter_async_context(open_engine(settings, means))
        parts = deps(policies, gate, redactor, notebook, reader, _never, past, model)
        await Runner(InMemorySaver(), parts).start(TRIAGE, ref)
        if notebook.proposal is None:
            return None, notebook.closed
        return await _view(settings, notebook, notebook.proposal, taxonomy, record), ""


def view_of(
    notebook: Forgetful, proposal: Proposal, taxonomy: LayerTaxonomy, shortfalls: tuple[str, ...] = ()
) -> CardView:
    """The card of what a dry run proposed, without a look back. `shortfalls`: what the tracker cannot do."""
    screened, analysis = _screened(notebook), _analysis(notebook)
    checked = Checked.model_validate_json(notebook.answers[f"{TRIAGE}/{Step.CHECK}"])
    return CardView(
        proposal=proposal,
        ticket=TicketFace.of(screened.ticket, screened.opened_at),
        analysis=analysis.model_copy(update={"evidence": checked.evidence}),
        hygiene=screened.ticket.hygiene,
        review_questions=taxonomy.review_questions(proposal.layer),
        layer_titles={one: taxonomy.layer_title(one) for one in taxonomy.layers},
        value="dry-run",
        shortfalls=shortfalls,
    )


async def _view(
    settings: Settings, notebook: Forgetful, proposal: Proposal, taxonomy: LayerTaxonomy, record: Record | None
) -> CardView:
    shortfalls = trackers(settings).capabilities(proposal.target.tracker).on_cards
    view = view_of(notebook, proposal, taxonomy, shortfalls)
    if record is None:
        return view
    gathered = Gathered.model_validate_json(notebook.answers[f"{TRIAGE}/{Step.GATHER}"])
    private = _screened(notebook).ticket.private
    async with record.read() as tx:
        found = await looked_back(tx, proposal, _analysis(notebook), gathered.similar, private=private)
    return view.model_copy(update=dict(found))


def _screened(notebook: Forgetful) -> Screened:
    return Screened.model_validate_json(notebook.answers[f"{TRIAGE}/{Step.SCREEN}"])


def _analysis(notebook: Forgetful) -> Analysis:
    return Analysis.model_validate_json(notebook.answers[f"{TRIAGE}/{Step.ANALYSE}"])


def _never() -> bool:
    """A dry run is allowed while the bot is paused: it changes nothing."""
    return False


@asynccontextmanager
async def _source(
    settings: Settings, ticket: str, labels: frozenset[str]
) -> AsyncIterator[tuple[TrackerReader | _OneTicket, TicketRef]]:
    """Where the ticket comes from: a file, or its tracker with the reading token (a public issue needs none)."""
    found = _from_file(Path(ticket), settings)
    if found is not None:
        yield _OneTicket(found, labels), found.ref
        return
    known = trackers(settings)
    ref = known.named(ticket)
    async with known.of(ref.tracker).reading(Shares(Unlimited(), private=settings.strata_private_networks)) as reader:
        yield reader, ref


class _OneTicket:
    """Implements `graphs.ports.TicketReader` for a ticket that stands in a file.

    A file has no tracker: the labels of the policies count as there.
    """

    def __init__(self, ticket: Ticket, labels: frozenset[str]) -> None:
        self._ticket = ticket
        self._labels = labels

    async def read(self, ref: TicketRef) -> Ticket:
        del ref
        return self._ticket

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        del ref
        return self._labels


class _Label(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str


class _User(BaseModel):
    model_config = ConfigDict(extra="ignore")

    login: str


class _FileTicket(BaseModel):
    """A ticket of your own (`title`, `body`), or an issue as GitHub's API gives it."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    title: str = Field(min_length=1)
    body: str | None = ""
    number: int = 1
    user: _User | None = None
    labels: tuple[str | _Label, ...] = ()
    assignees: tuple[str | _User, ...] = ()
    html_url: str = ""


def is_file(path: Path) -> bool:
    """Whether an argument names a file. An address or a key never does."""
    try:
        return path.is_file()
    except OSError:  # too long to be the name of one
        return False


def _from_file(path: Path, settings: Settings) -> Ticket | None:
    """None when `path` does not name a file. Raises `BadTicketFile`."""
    if path.suffix != ".json" and not is_file(path):
        return None
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadTicketFile(f"{path} is larger than {MOST_BYTES} bytes")
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise BadTicketFile(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadTicketFile(f"{path} is not JSON") from error
    if isinstance(document, dict) and isinstance(document.get("issue"), dict):
        document = document["issue"]  # a webhook's payload
    try:
        found = _FileTicket.model_validate(document)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors()[0]["loc"]) or "the whole"
        text = f'{path}: {where}: {error.errors()[0]["msg"]}. A ticket looks like {{"title": "…", "body": "…"}}'
        raise BadTicketFile(text) from None
    now = Millis(int(time.time() * 1000))
    ref = TicketRef(
        tracker=TrackerName.GITHUB,
        install=InstallId(settings.github_install),
        project=f"file/{path.stem[:60]}",
        number=str(found.number),
    )
    return Ticket(
        ref=ref,
        url=found.html_url,
        title=found.title,
        body=found.body or "",
        author=Login(found.user.login if found.user else "unknown"),
        author_is_bot=False,
        labels=tuple(one if isinstance(one, str) else one.name for one in found.labels),
        assignees=tuple(Login(one if isinstance(one, str) else one.login) for one in found.assignees),
        state=TicketState.OPEN,
        private=True,
        locked=False,
        created_at=now,
        updated_at=now,
        version="file",
    )
