"""Claude, or any model behind the same interface, as an engine: one conversation with one model about one ticket.

Owns how a conversation is set up and how its verdict becomes an `Analysis`. A model's own words about how sure it is
are turned into a share by a fixed table, which nobody has calibrated: the rest goes to the other layers as the local
engine sees them. Must not choose between models: `graphs.agent.cascade` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from graphs.agent import prompting
from graphs.agent.answer import Sure, Verdict
from graphs.agent.budget import Limits, ModelFailed, Outcome, Spent
from graphs.agent.caching import Arrivals, cheapest
from graphs.agent.calling import Desk
from graphs.agent.evidence import check
from graphs.agent.fence import Fence
from graphs.agent.loop import Loop, Meter, Round, Talk, build, converse
from graphs.agent.prices import Price, cost, price_of
from graphs.agent.profiles import Profile, profile_of
from graphs.agent.prompting import Prompts
from graphs.agent.talk import Keep, ModelAway, ModelRejected, Talker, ToolSpec
from graphs.archive.past import Library, Settled
from graphs.hygiene.redact import Redactor
from graphs.model import Analysis, Kind, LayerId, Opinion
from graphs.owners import Owners
from graphs.ports import Dossier, Notebook
from graphs.taxonomy import LayerTaxonomy
from graphs.tools.offered import Case, Offer
from graphs.tools.search_past_tickets import cite
from graphs.tools.toolbox import Scene, Toolbox

SHARES = {Sure.CERTAIN: 0.9, Sure.LIKELY: 0.7, Sure.UNSURE: 0.45}
"""What the model's word for its certainty counts as. Not calibrated: that needs answers whose truth is known."""
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
        self._kit = kit
        self._profile: Profile = profile_of(model)
        self._price: Price = price_of(model, own_server=kit.own_server)
        self._loop: Loop = build()
        self._arrivals = arrivals or Arrivals()
        self._tools = tuple(ToolSpec(name=one.name, purpose=one.purpose, shape=one.shape()) for one in kit.offers)

    async def ask(self, dossier: Dossier, local: Analysis | None, spent_before: float = 0.0) -> Conversation:
        """Raises `Denied` while paused and `Outage` where the record is away."""
        self._arrivals.note()
        keep, meter, fence = self._keep(), Meter(), Fence(self._kit.redactor, self._kit.fence)
        desk = await self._desk(dossier, fence, meter)
        here = self._round(desk, keep, spent_before)
        past = await self._precedents(dossier, desk.case)
        opening = prompting.first(self._kit.prompts, dossier.ticket, [one for one, _ in past], fence)
        cites = {one.id: one.id for one in self._kit.owners.everybody()} | {one.name: said for one, said in past}
        try:
            talk = await converse(self._loop, here, opening, cites)
        except (ModelFailed, ModelAway, ModelRejected) as error:
            return Conversation(self._spent(dossier, meter, keep, _outcome(error)), None, error)
        spent = self._spent(dossier, meter, keep, Outcome.ANSWERED)
        assert talk.verdict is not None, "a conversation without a verdict ends in an error"
        analysis = self._analysis(dossier, talk, talk.verdict, local, spent, fence)
        return Conversation(spent, analysis, None, talk.verdict.sure)

    async def _precedents(self, dossier: Dossier, case: Case) -> list[tuple[Settled, str]]:
        ticket = dossier.ticket
        words = f"{ticket.title}\n{ticket.body[:1_000]}"
        found = await self._kit.library.search(words, ticket, case.now, prompting.PRECEDENTS)
        return [(one, cite(one)) for one, _ in found]

    async def _desk(self, dossier: Dossier, fence: Fence, meter: Meter) -> Desk:
        ticket = dossier.ticket
        return Desk(
            offers={one.name: one for one in self._kit.offers},
            toolbox=self._kit.toolbox,
            notebook=self._kit.notebook,
            scene=Scene(dossier.triage, ticket.ref, private=ticket.private, calls=LOOKED_UP, saw_untrusted=True),
            case=Case(ticket=ticket, layers=dossier.layers, now=await self._kit.notebook.now()),
            fence=fence,
            policy_version=self._kit.policy_version,
            meter=meter,
        )

    def _round(self, desk: Desk, keep: Keep, spent_before: float) -> Round:
        kit, profile = self._kit, self._profile
        return Round(
            talker=kit.talker,
            desk=desk,
            prompts=kit.prompts,
            layers=desk.case.layers,
            limits=kit.limits,
            price=self._price,
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

    @cached_property
    def system(self) -> str:
        """The same for every ticket."""
        kit = self._kit
        return prompting.rules(kit.prompts, kit.taxonomy, kit.owners, with_shape=not self._profile.holds_shape)

    def _keep(self) -> Keep:
        """Keeping too little keeps nothing; keeping what nobody comes back for costs more than it saves."""
        tools = "".join(f"{one.name}{one.purpose}{one.shape}" for one in self._tools)
        if prompting.estimated_tokens(self.system + tools) < self._profile.least_kept:
            return Keep.NOT
        return cheapest(self._arrivals.rate(), self._price)

    def _spent(self, dossier: Dossier, meter: Meter, keep: Keep, outcome: Outcome) -> Spent:
        return Spent(
            triage=dossier.triage,
            ticket=dossier.ticket.ref.key,
            model=self.model,
            prompt=self._kit.prompts.triage.label,
            outcome=outcome,
            usage=meter.usage,
            usd=round(cost(meter.usage, self._price), 6),
            steps=meter.steps,
            calls=meter.calls,
            keep=keep,
        )

    def _analysis(
        self, dossier: Dossier, talk: Talk, verdict: Verdict, local: Analysis | None, spent: Spent, fence: Fence
    ) -> Analysis:
        found = check(verdict, dossier.ticket, talk.cites, fence.cleaned)
        layer = LayerId(verdict.layer)
        others = [LayerId(one) for one in verdict.secondary if one in dossier.layers and one != layer]
        return Analysis(
            layer_scores=shares(layer, verdict.sure, dossier.layers, others, local),
            kind=verdict.kind,
            role=verdict.role,
            risks=tuple(dict.fromkeys(verdict.risks)),
            evidence=found.evidence,
            engine=self.model,
            cost_usd=spent.usd,
            # The local engine's set holds the right layer at its stated rate, and a larger set holds it as often.
            layer_set=tuple(dict.fromkeys((layer, *(local.layer_set if local else ()), *others))),
            secondary=tuple(dict.fromkeys(others))[:2],
            abstains=verdict.sure is Sure.UNSURE,
            opinion=Opinion(
                against=found.against,
                would_change=fence.cleaned(verdict.would_change, 300),
                missing=tuple(fence.cleaned(one, 200) for one in verdict.missing),
                duplicates=found.duplicates,
                capability=_capability(verdict, fence),
                cites=tuple(sorted(talk.cites)),
                dropped=found.dropped,
                versions=self._versions(),
                tokens=spent.usage.tokens,
                cached_share=_cached_share(spent),
                steps=spent.steps,
                calls=spent.calls,
            ),
        )

    def _versions(self) -> dict[str, str]:
        kit = self._kit
        return {
            "model": self.model,
            "agent_prompts": kit.prompts.label,
            "taxonomy": prompting.taxonomy_version(kit.taxonomy, kit.owners),
        }


def shares(
    layer: LayerId, sure: Sure, layers: tuple[LayerId, ...], others: list[LayerId], local: Analysis | None
) -> dict[LayerId, float]:
    """A share for every layer; sums to 1, and the chosen one has the largest.

    What the chosen one leaves is split as the local engine sees the others, with a vote for those that the model named.
    """
    rest = [one for one in layers if one != layer]
    if not rest:
        return {layer: 1.0}
    weights = {one: 0.02 + (local.layer_scores.get(one, 0.0) if local else 0.0) + 0.3 * (one in others) for one in rest}
    whole, left = sum(weights.values()), 1 - SHARES[sure]
    most = SHARES[sure] - 0.01
    found = {one: min(left * weight / whole, most) for one, weight in weights.items()}
    return {layer: 1 - sum(found.values())} | found


def _outcome(error: ModelFailed | ModelAway | ModelRejected) -> Outcome:
    match error:
        case ModelFailed(outcome=outcome):
            return outcome
        case ModelAway():
            return Outcome.AWAY
        case ModelRejected():
            return Outcome.REJECTED


def _capability(verdict: Verdict, fence: Fence) -> tuple[str, str] | None:
    if verdict.capability is None or verdict.kind is not Kind.FEATURE:
        return None
    row = verdict.capability
    return fence.cleaned(row.capability, 300), fence.cleaned(row.experience, 300)


def _cached_share(spent: Spent) -> float:
    usage = spent.usage
    read = usage.fresh + usage.cached + usage.kept_minutes + usage.kept_hour
    return round(usage.cached / read, 3) if read else 0.0
