"""Claude, or any model behind the same interface, as an engine: one conversation with one model about one ticket.

Owns how a conversation is set up, whether tools are offered in it (`ask`) or not (`graphs.agent.single`). What its
verdict becomes is `graphs.agent.concluding`'s. Must not choose between models: `graphs.agent.cascade` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from graphs.agent import prompting
from graphs.agent.answer import Sure
from graphs.agent.budget import Limits, ModelFailed, Outcome, Spent
from graphs.agent.caching import Arrivals, cheapest
from graphs.agent.calling import Desk
from graphs.agent.certainty import TABLE, Decided, Shares, learnt
from graphs.agent.concluding import Said, conclude
from graphs.agent.fence import Fence
from graphs.agent.loop import Loop, Meter, Round, build, converse
from graphs.agent.prices import Price, cost, price_of
from graphs.agent.profiles import Profile, profile_of
from graphs.agent.prompting import Prompts
from graphs.agent.talk import Keep, ModelAway, ModelRejected, Talker, ToolSpec
from graphs.archive.past import Library
from graphs.hygiene.redact import Redactor
from graphs.model import Analysis, Millis
from graphs.owners import Owners
from graphs.ports import Dossier, Notebook
from graphs.taxonomy import LayerTaxonomy
from graphs.tools.offered import Case, Offer
from graphs.tools.search_past_tickets import cite
from graphs.tools.toolbox import Scene, Toolbox

LOOKED_UP = 2
"""Look-ups of the graph before the engine is asked: the ticket and the labels."""


@dataclass(frozen=True)
class Kit:
    """What every conversation needs."""

    talker: Talker
    prompts: Prompts
    taxonomy: LayerTaxonomy
    owners: Owners
    library: Library
    offers: tuple[Offer, ...]
    toolbox: Toolbox
    notebook: Notebook
    redactor: Redactor
    limits: Limits
    policy_version: str
    paused: Callable[[], bool]
    decided: Decided | None = None
    """How the model's answers were judged; None where there is no record."""
    own_server: bool = False
    """The model runs on a server of the team's own: it costs nothing here."""
    fence: str = ""
    """For snapshots of requests only; drawn anew for each ticket where empty."""


@dataclass(frozen=True)
class Conversation:
    """What came of talking to one model: an answer or a failure, and what it took in either case."""

    spent: Spent
    analysis: Analysis | None
    failure: ModelFailed | ModelAway | ModelRejected | None
    sure: Sure | None = None


class Agent:
    """One model. `ask` never raises for the model's sake: its failures are values."""

    def __init__(self, kit: Kit, model: str, arrivals: Arrivals | None = None) -> None:
        self.model = model
        self.kit = kit
        self.profile: Profile = profile_of(model)
        self.price: Price = price_of(model, own_server=kit.own_server)
        self._loop: Loop = build()
        self._arrivals = arrivals or Arrivals()
        self._tools = tuple(ToolSpec(name=one.name, purpose=one.purpose, shape=one.shape()) for one in kit.offers)

    async def ask(self, dossier: Dossier, local: Analysis | None, spent_before: float = 0.0) -> Conversation:
        """Raises `Denied` while paused and `Outage` where the record is away."""
        self._arrivals.note()
        keep, meter, fence = self._keep(), Meter(), Fence(self.kit.redactor, self.kit.fence)
        desk = await self._desk(dossier, fence, meter)
        here = self._round(desk, keep, spent_before)
        opening, past = await self.opening(dossier, desk.case.now, fence)
        try:
            talk = await converse(self._loop, here, opening, self.known | past)
        except (ModelFailed, ModelAway, ModelRejected) as error:
            return Conversation(self._spent(dossier, meter, keep, outcome_of(error)), None, error)
        spent = self._spent(dossier, meter, keep, Outcome.ANSWERED)
        assert talk.verdict is not None, "a conversation without a verdict ends in an error"
        said = Said(talk.verdict, talk.cites, spent, self.versions, await self.certainty(dossier))
        return Conversation(spent, conclude(said, dossier, local, fence), None, talk.verdict.sure)

    async def opening(self, dossier: Dossier, now: Millis, fence: Fence) -> tuple[str, dict[str, str]]:
        """The first message, and the past tickets in it: by name, how a person reads each."""
        ticket = dossier.ticket
        words = f"{ticket.title}\n{ticket.body[:1_000]}"
        past = [one for one, _ in await self.kit.library.search(words, ticket, now, prompting.PRECEDENTS)]
        return prompting.first(self.kit.prompts, ticket, past, fence), {one.name: cite(one) for one in past}

    async def certainty(self, dossier: Dossier) -> Shares:
        """What this model's words for its certainty count as in the ticket's project."""
        if self.kit.decided is None:
            return TABLE
        return learnt(await self.kit.decided.judged(dossier.ticket.ref.place, self.model, self.kit.prompts.label))

    async def _desk(self, dossier: Dossier, fence: Fence, meter: Meter) -> Desk:
        ticket = dossier.ticket
        return Desk(
            offers={one.name: one for one in self.kit.offers},
            toolbox=self.kit.toolbox,
            notebook=self.kit.notebook,
            scene=Scene(dossier.triage, ticket.ref, private=ticket.private, calls=LOOKED_UP, saw_untrusted=True),
            case=Case(ticket=ticket, layers=dossier.layers, now=await self.kit.notebook.now()),
            fence=fence,
            policy_version=self.kit.policy_version,
            meter=meter,
        )

    def _round(self, desk: Desk, keep: Keep, spent_before: float) -> Round:
        kit, profile = self.kit, self.profile
        return Round(
            talker=kit.talker,
            desk=desk,
            prompts=kit.prompts,
            layers=desk.case.layers,
            limits=kit.limits,
            price=self.price,
            model=self.model,
            system=self.system,
            tools=self._tools,
            shape=profile.holds_shape,
            max_tokens=profile.max_tokens,
            effort=profile.effort,
            keep=keep,
            spent_before=spent_before,
            paused=kit.paused,
        )

    @property
    def known(self) -> dict[str, str]:
        """What may be cited without having been looked up."""
        return {one.id: one.id for one in self.kit.owners.everybody()}

    @cached_property
    def system(self) -> str:
        """The same for every ticket."""
        kit = self.kit
        return prompting.rules(kit.prompts, kit.taxonomy, kit.owners, with_shape=not self.profile.holds_shape)

    def _keep(self) -> Keep:
        """Keeping too little keeps nothing; keeping what nobody comes back for costs more than it saves."""
        tools = "".join(f"{one.name}{one.purpose}{one.shape}" for one in self._tools)
        if prompting.estimated_tokens(self.system + tools) < self.profile.least_kept:
            return Keep.NOT
        return cheapest(self._arrivals.rate(), self.price)

    def _spent(self, dossier: Dossier, meter: Meter, keep: Keep, outcome: Outcome) -> Spent:
        return Spent(
            triage=dossier.triage,
            ticket=dossier.ticket.ref.key,
            model=self.model,
            prompt=self.kit.prompts.triage.label,
            outcome=outcome,
            usage=meter.usage,
            usd=round(cost(meter.usage, self.price), 6),
            steps=meter.steps,
            calls=meter.calls,
            keep=keep,
        )

    @property
    def versions(self) -> dict[str, str]:
        kit = self.kit
        return {
            "model": self.model,
            "agent_prompts": kit.prompts.label,
            "taxonomy": prompting.taxonomy_version(kit.taxonomy, kit.owners),
        }


def outcome_of(error: ModelFailed | ModelAway | ModelRejected) -> Outcome:
    match error:
        case ModelFailed(outcome=outcome):
            return outcome
        case ModelAway():
            return Outcome.AWAY
        case ModelRejected():
            return Outcome.REJECTED
