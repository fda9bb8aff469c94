"""Puts the engine together that the settings name: the local one, or the model with the local one under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bot.limits.rates import RateLimits
from bot.models.access import NO_SECOND, access
from bot.settings import BadSetting, Engine, Provider, Settings
from graphs.agent.batching import Batches
from graphs.agent.budget import Journal, Limits
from graphs.agent.caching import Arrivals
from graphs.agent.cascade import Cascade, Ladder, PreparedAnswers
from graphs.agent.certainty import Decided
from graphs.agent.engine import Agent, Kit
from graphs.agent.prompting import Prompts
from graphs.agent.settling import Settling
from graphs.agent.talk import Talker
from graphs.archive.notes import Notes
from graphs.archive.past import Library, SettledTickets
from graphs.gate import Gate
from graphs.hygiene.redact import Redactor
from graphs.learning import encoder
from graphs.learning.engine import LocalEngine
from graphs.learning.online import Precedents
from graphs.learning.profiles import Profile, engine_of
from graphs.owners import Owners
from graphs.ports import Model, Notebook, TicketReader
from graphs.ranking.memory import OwnedTickets
from graphs.taxonomy import LayerTaxonomy
from graphs.tools.list_labels import ListLabels
from graphs.tools.look_up_owners import LookUpOwners
from graphs.tools.read_comments import CommentReader, ReadComments
from graphs.tools.registry import Sources, offers
from graphs.tools.toolbox import Toolbox
from policies.shapes import Policies

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from bot.models.clients import Client


@dataclass(frozen=True)
class Means:
    """What an engine may use. All of it can only read."""

    policies: Policies
    gate: Gate
    redactor: Redactor
    notebook: Notebook
    reader: TicketReader
    comments: CommentReader | None
    paused: Callable[[], bool]
    journal: Journal
    limits: RateLimits
    local: Model
    owned: OwnedTickets | None = None
    past: SettledTickets | None = None
    decided: Decided | None = None
    prepared: PreparedAnswers | None = None
    prompts: Prompts | None = None
    """The active ones if left out."""


def local_engine(settings: Settings, precedents: Precedents | None = None) -> LocalEngine:
    """The local engine that the settings name; under a model the best that is installed.

    Raises `bot.settings.BadSetting` where the one that is named is not installed.
    """
    if settings.strata_engine is Engine.STACKED and not encoder.installed():
        raise BadSetting(f"STRATA_ENGINE is stacked, and its encoder is not installed: {encoder.INSTALL}")
    name = Profile.LOCAL if settings.strata_engine.asks_a_model else Profile(settings.strata_engine.value)
    return engine_of(name, precedents)


@asynccontextmanager
async def open_engine(settings: Settings, means: Means) -> AsyncIterator[Model]:
    """Raises `bot.settings.BadSetting` where the model cannot be asked with these settings."""
    if not settings.strata_engine.asks_a_model:
        yield means.local
        return
    async with _open_client(settings) as client:
        yield _cascade(settings, means, _talker(settings, means, client))


@asynccontextmanager
async def open_batching(settings: Settings, means: Means) -> AsyncIterator[tuple[Cascade, Batches]]:
    """The engine and the service's batches. Raises `bot.settings.BadSetting` where there are none."""
    if not settings.strata_engine.asks_a_model:
        raise BadSetting("--batch needs a model: set STRATA_ENGINE to claude or cascade")
    if settings.strata_model_provider is not Provider.ANTHROPIC:
        raise BadSetting(f"--batch cannot be used with {settings.strata_model_provider}: leave it out")
    from bot.models.batches import ClaudeBatches

    async with _open_client(settings) as client:
        plain = cast("AsyncAnthropic", client)  # by the provider above
        yield _cascade(settings, means, _talker(settings, means, client)), ClaudeBatches(plain)


@asynccontextmanager
async def _open_client(settings: Settings) -> AsyncIterator[Client]:
    from bot.models.clients import open_client

    client = open_client(access(settings))
    try:
        yield client
    finally:
        await client.close()


def _talker(settings: Settings, means: Means, client: Client) -> Talker:
    from bot.models.talker import ClaudeTalker

    return ClaudeTalker(client, means.limits, settings.strata_model_per_minute)


def limits(settings: Settings) -> Limits:
    return Limits(
        usd=settings.strata_model_ticket_usd,
        hour_usd=settings.strata_model_hour_usd,
        day_usd=settings.strata_model_day_usd,
    )


def _cascade(settings: Settings, means: Means, talker: Talker) -> Cascade:
    owners, taxonomy, library = Owners(means.policies), LayerTaxonomy(means.policies), Library(means.past)
    sources = Sources(
        owners=owners,
        taxonomy=taxonomy,
        library=library,
        notes=Notes(settings.strata_notes, settings.strata_notes_stale_days),
        read_comments=ReadComments(means.comments),
        list_labels=ListLabels(means.reader),
        look_up_owners=LookUpOwners(owners, means.owned),
    )
    kit = Kit(
        talker=talker,
        prompts=means.prompts or Prompts.active(),
        taxonomy=taxonomy,
        owners=owners,
        library=library,
        offers=offers(sources),
        toolbox=Toolbox(means.gate, means.notebook, means.paused),
        notebook=means.notebook,
        redactor=means.redactor,
        limits=limits(settings),
        policy_version=means.gate.policy_version,
        paused=means.paused,
        decided=means.decided,
        own_server=bool(settings.anthropic_base_url) and settings.strata_model_provider is Provider.ANTHROPIC,
    )
    arrivals = Arrivals()
    second = settings.strata_model_strong
    settling = None
    if settings.strata_engine is Engine.CASCADE:
        settling = Settling(local_engine(settings), library, means.notebook, means.policies.approval.local_precision)
    return Cascade(
        Ladder(
            local=means.local,
            fast=Agent(kit, settings.strata_model_fast, arrivals),
            strong=None if second in (NO_SECOND, settings.strata_model_fast) else Agent(kit, second),
            journal=means.journal,
            limits=kit.limits,
            settling=settling,
            prepared=means.prepared,
        )
    )
