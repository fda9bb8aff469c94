"""Puts the program together: the only place that names concrete classes.

Owns which part gets which credential. The reader gets the reading token, the executor the writing one; neither is
reachable from the other. Tests call `open_strata` with settings of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiosqlite
import httpx
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette

from bot.crash import arm
from bot.executor.execute import Executor
from bot.executor.execute import Rules as ExecutorRules
from bot.executor.marker import Marker
from bot.intake import web
from bot.intake.hooks import Hooks
from bot.keys import derived, root_key
from bot.record.migrate import current, newest
from bot.record.opening import open_record
from bot.record.record import Record
from bot.service.arrivals import Arrivals, Install
from bot.service.cards import Cards
from bot.service.commands import Commands
from bot.service.commands import Rules as CommandRules
from bot.service.editing import Editing
from bot.service.front import Parts, SlackFront
from bot.service.notebook import RecordNotebook
from bot.service.people import People
from bot.service.triaging import Triaging, buried
from bot.service.verdicts import Rules as VerdictRules
from bot.service.verdicts import Verdicts
from bot.settings import BadSetting, Settings
from bot.slack import app as slack_app
from bot.slack.desk import SlackDesk, home, open_client
from bot.slack.errors import SlackNotSetUp
from bot.slack.ids import CardKey
from bot.slack.payloads import Home
from bot.slack.socket import SocketDoor
from bot.trackers.github.credentials import Access, AppIdentity, AppToken, StaticToken
from bot.trackers.github.credentials import BadKey as BadAppKey
from bot.trackers.github.links import BadLink, parse_link
from bot.trackers.github.reader import GitHubReader
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.transport import Credential, Transport, open_http
from bot.trackers.github.webhook import GitHubDoor
from bot.trackers.github.writer import GitHubWriter
from bot.work.delivery import InProcess
from bot.work.worker import Handler, Pace, Worker
from graphs.approvers import Approvers
from graphs.deps import Deps
from graphs.errors import TicketGone, TrackerRefused, TrackerRejected
from graphs.gate import Gate
from graphs.hygiene.clean import clean
from graphs.hygiene.redact import Redactor
from graphs.learning.engine import LocalEngine
from graphs.model import InstallId, Login, Proposal, SlackUserId, TicketRef, TicketState, TrackerName
from graphs.owners import Owners
from graphs.ports import Notebook, TicketReader
from graphs.runner import Runner
from graphs.taxonomy import LayerTaxonomy
from graphs.tools.list_labels import ListLabels
from graphs.tools.look_up_owners import LookUpOwners
from graphs.tools.read_ticket import ReadTicket
from graphs.tools.toolbox import Toolbox
from policies.loader import load as load_policies
from policies.shapes import Policies
from prompts.loader import load as load_prompt

PAUSE_FILE = "PAUSED"
EXECUTOR_POLL_S = 0.5


@dataclass(frozen=True)
class Core:
    """What every role needs."""

    settings: Settings
    policies: Policies
    gate: Gate
    taxonomy: LayerTaxonomy
    owners: Owners
    approvers: Approvers
    key: bytes
    redactor: Redactor
    record: Record
    delivery: InProcess
    site: GitHubSite

    @property
    def marker(self) -> Marker:
        return Marker(derived(self.key, "comment-marker"))

    def paused(self) -> bool:
        """The off switch: the setting, or a file in the data folder, which works at once."""
        return self.settings.strata_paused or (self.settings.strata_directory / PAUSE_FILE).exists()

    def who_can(self) -> tuple[SlackUserId, ...]:
        """Whom a refusal names: the listed approvers, else the directory."""
        who = self.policies.approval.who
        if isinstance(who, tuple):
            return tuple(SlackUserId(one) for one in who)
        return tuple(SlackUserId(one.slack) for one in self.policies.owners if one.slack)

    def logins(self, proposal: Proposal) -> frozenset[Login]:
        return frozenset(one.login for one in self.owners.choices(proposal.target.tracker) if one.login)


@dataclass(frozen=True)
class Bot:
    """The agent's half: intake, Slack, worker. Holds no write credential."""

    worker: Worker
    web: Starlette
    slack: AsyncApp
    socket: SocketDoor | None


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Raises `policies.problems.PolicyError`, `bot.settings.BadSetting`, `bot.record.opening.RecordUnavailable`."""
    arm(settings.strata_crash_at or None)
    policies = load_policies(settings.strata_policies)
    key = root_key(settings.strata_secret, settings.strata_directory)
    delivery = InProcess()
    record = await open_record(settings, delivery)
    try:
        yield Core(
            settings=settings,
            policies=policies,
            gate=Gate.load(settings.strata_policies),
            taxonomy=LayerTaxonomy(policies),
            owners=Owners(policies),
            approvers=Approvers(policies),
            key=key,
            redactor=Redactor(derived(key, "redaction")),
            record=record,
            delivery=delivery,
            site=GitHubSite(web=settings.github_web_url, api=settings.github_api_url),
        )
    finally:
        await record.close()


@asynccontextmanager
async def open_executor(core: Core) -> AsyncIterator[Worker]:
    """The writing half, with its own connection pool and its own credential."""
    async with open_http(core.site) as http:
        credential = _credential(core, http, Access.WRITE)
        writer = GitHubWriter(Transport(http, core.site, credential), core.site)
        rules = ExecutorRules(
            gate=core.gate,
            taxonomy=core.taxonomy,
            logins=core.logins,
            paused=core.paused,
            approval_max_age_s=core.approvers.apply_within_s,
        )
        writers = {InstallId(core.settings.github_install): writer}
        executor = Executor(core.record, writers, core.marker, rules)
        handlers: dict[str, Handler] = {"execute_proposal": executor.handle}
        yield Worker(core.record, core.delivery, handlers, buried, _pace(core.settings, poll_s=EXECUTOR_POLL_S))


@asynccontextmanager
async def open_bot(core: Core) -> AsyncIterator[Bot]:
    """The agent's half. Raises `SlackRefused` when Slack does not know the token."""
    settings = core.settings
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(open_http(core.site))
        saver = await stack.enter_async_context(_checkpoints(settings.checkpoints_path))
        client = open_client(_secret(settings.slack_bot_token), settings.slack_api_url)
        here = await _home(client)
        reader = GitHubReader(Transport(http, core.site, _credential(core, http, Access.READ)), core.site)
        desk = SlackDesk(client, here)
        people = People(core.record, desk)
        cards = Cards(core.record, desk, _card_key(core), core.taxonomy, settings.slack_channel)
        commands = Commands(core.record, desk, people, here, _command_rules(core))
        notebook = RecordNotebook(core.record)
        parts = deps(core.policies, core.gate, core.redactor, notebook, reader, core.paused)
        closed = partial(_is_closed, reader)
        triaging = Triaging(core.record, Runner(saver, parts), commands.tell, core.paused, closed)
        verdicts = Verdicts(core.record, desk, people, _card_key(core), here, _verdict_rules(core), _editing(core))
        front = SlackFront(_front_parts(core, cards, people, here))
        app = slack_app.build(front, client, _secret(settings.slack_signing_secret))
        handlers: dict[str, Handler] = {
            "triage_ticket": triaging.triage,
            "withdraw_ticket": triaging.withdraw,
            "expire_proposal": triaging.expire,
            "settle_triage": triaging.settle,
            "post_card": cards.post,
            "refresh_card": cards.refresh,
            "tell_channel": cards.tell,
            "take_verdict": verdicts.take,
            "answer_command": commands.answer,
            "look_up_person": people.look_up,
        }
        socket = _socket(settings, app)
        yield Bot(
            worker=Worker(core.record, core.delivery, handlers, buried, _pace(settings)),
            web=_web(core, app, socket),
            slack=app,
            socket=socket,
        )


async def _home(client: AsyncWebClient) -> Home:
    """A token that Slack does not take is a setting to mend."""
    try:
        return await home(client)
    except SlackNotSetUp as error:
        raise BadSetting(str(error)) from None


async def _is_closed(reader: TicketReader, ref: TicketRef) -> bool:
    """What cannot be read any more counts as closed."""
    try:
        return (await reader.read(ref)).state is TicketState.CLOSED
    except (TicketGone, TrackerRefused, TrackerRejected):
        return True


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""


def _pace(settings: Settings, poll_s: float = Pace.poll_s) -> Pace:
    return Pace(concurrency=settings.strata_concurrency, lease_s=settings.strata_lease_s, poll_s=poll_s)


def _card_key(core: Core) -> CardKey:
    return CardKey(derived(core.key, "card"))


def _credential(core: Core, http: httpx.AsyncClient, access: Access) -> Credential:
    """An app's token narrowed to `access` where an app is set up, else the token made for it."""
    settings = core.settings
    if settings.github_app_id and settings.github_app_private_key_file:
        identity = Transport(http, core.site, _app(settings.github_app_id, settings.github_app_private_key_file))
        return AppToken(identity, int(settings.github_app_installation_id), access)
    token = settings.github_read_token if access is Access.READ else settings.github_write_token
    return StaticToken(token or SecretStr(""))


def _app(app_id: str, file: Path) -> AppIdentity:
    try:
        return AppIdentity(app_id, SecretStr(file.read_text()))
    except (OSError, UnicodeDecodeError, BadAppKey) as error:
        raise BadSetting(f"GITHUB_APP_PRIVATE_KEY_FILE {file} holds no usable key ({type(error).__name__})") from None


@asynccontextmanager
async def _checkpoints(path: Path) -> AsyncIterator[AsyncSqliteSaver]:
    """Strict: only plain values are ever read back from a checkpoint."""
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(aiosqlite.connect(path))
            saver = AsyncSqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
            await saver.setup()
        except (sqlite3.Error, OSError) as error:
            # A decision is carried out from the record, with its thread or without.
            text = f"{path} cannot be opened ({type(error).__name__}): move it away, no decision is lost by that"
            raise BadSetting(text) from None
        yield saver


def deps(
    policies: Policies,
    gate: Gate,
    redactor: Redactor,
    notebook: Notebook,
    reader: TicketReader,
    paused: Callable[[], bool],
) -> Deps:
    """What the graph's nodes are given."""
    return Deps(
        gate=gate,
        toolbox=Toolbox(gate, notebook, paused),
        read_ticket=ReadTicket(reader),
        list_labels=ListLabels(reader),
        look_up_owners=LookUpOwners(Owners(policies)),
        clean=partial(clean, redactor=redactor),
        model=LocalEngine(),
        notebook=notebook,
        taxonomy=LayerTaxonomy(policies),
        comment=load_prompt("comment"),
        policy_version=f"{policies.version}/{gate.policy_version}",
        approval_ms=Approvers(policies).expires_after_ms,
        paused=paused,
    )


def _verdict_rules(core: Core) -> VerdictRules:
    return VerdictRules(gate=core.gate, approvers=core.approvers, who_can=core.who_can, paused=core.paused)


def _command_rules(core: Core) -> CommandRules:
    return CommandRules(
        gate=core.gate,
        approvers=core.approvers,
        taxonomy=core.taxonomy,
        locate=locator(core),
        who_can=core.who_can,
        paused=core.paused,
    )


def _editing(core: Core) -> Editing:
    return Editing(core.taxonomy, core.owners, load_prompt("comment"), lambda text: core.redactor.redact(text).text)


def _front_parts(core: Core, cards: Cards, people: People, here: Home) -> Parts:
    return Parts(
        record=core.record,
        cards=cards,
        people=people,
        key=_card_key(core),
        home=here,
        rules=_verdict_rules(core),
        owners=core.owners,
        editing=_editing(core),
    )


def install_of(core: Core) -> Install:
    """The GitHub account of the settings, as a sender of webhooks."""
    settings = core.settings
    secrets = (settings.github_webhook_secret, settings.github_webhook_secret_previous)
    return Install(
        id=InstallId(settings.github_install),
        provider=TrackerName.GITHUB,
        door=GitHubDoor(),
        secrets=tuple(_secret(one) for one in secrets if one),
        projects=settings.github_repositories,
    )


def locator(core: Core) -> Callable[[str], TicketRef | None]:
    """Finds the ticket that a person means by a link or a key."""
    install = install_of(core)

    def locate(text: str) -> TicketRef | None:
        try:
            link = parse_link(text, core.site)
        except BadLink:
            return None
        if not install.covers(link.project):
            return None
        return TicketRef(tracker=TrackerName.GITHUB, install=install.id, project=link.project, number=link.number)

    return locate


def _web(core: Core, app: AsyncApp, socket: SocketDoor | None) -> Starlette:
    install = install_of(core)
    arrivals = Arrivals(core.record, core.marker)
    hooks = Hooks({(install.provider, install.id): partial(arrivals.arrived, install)} if install.secrets else {})
    signing = _secret(core.settings.slack_signing_secret)
    more = [slack_app.route(app, signing)] if signing else []
    return web.build(hooks, partial(_ready, core, socket), more)


async def _ready(core: Core, socket: SocketDoor | None) -> dict[str, str]:
    """What each part says of itself."""
    parts = {"record": await _record_state(core), "slack": await socket.state() if socket else "ok"}
    return parts | {"triage": "paused" if core.paused() else "ok"}


async def _record_state(core: Core) -> str:
    try:
        level = await current(core.record.engine)
    except (SQLAlchemyError, OSError) as error:
        return f"cannot be reached ({type(error).__name__})"
    return "ok" if level == newest() else f"schema {level}, this program needs {newest()}"


def _socket(settings: Settings, app: AsyncApp) -> SocketDoor | None:
    if settings.slack_app_token is None:
        return None
    return SocketDoor(app, _secret(settings.slack_app_token), settings.slack_api_url)
