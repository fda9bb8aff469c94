"""Hand-written stand-ins for what the graph is given: a tracker to read, an engine, a memory, a gate.

Each one keeps what it was asked, and can be told to fail once. Nothing in here decides anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from graphs.acts import Action, Context, Principal
from graphs.deps import Deps
from graphs.gate import Gate
from graphs.hygiene.clean import clean
from graphs.hygiene.redact import Redactor
from graphs.model import Analysis, Millis, Proposal, Ticket, TicketRef, TriageId
from graphs.owners import Owners
from graphs.ports import Dossier, Gatekeeper, Permission
from graphs.taxonomy import LayerTaxonomy
from graphs.tools.find_similar import FindSimilar
from graphs.tools.list_labels import ListLabels
from graphs.tools.look_up_owners import LookUpOwners
from graphs.tools.read_ticket import ReadTicket
from graphs.tools.toolbox import Toolbox
from policies.loader import load as load_policies
from prompts.loader import load as load_prompt
from tests.builders import NOW, a_ticket, an_analysis

POLICIES = load_policies()
TAXONOMY = LayerTaxonomy(POLICIES)
OWNERS = Owners(POLICIES)
GATE = Gate.load()
COMMENT = load_prompt("comment")
TRIAGE = TriageId("f" * 32)


HOUR_MS = 3_600_000


class Power(Exception):  # it went off
    """What a crash looks like from inside: nothing of ours raises it."""


@dataclass
class Trips:
    """Fails at a named place, once; and counts how often each place was passed."""

    armed: set[str] = field(default_factory=set)
    passed: Counter[str] = field(default_factory=Counter)

    def at(self, place: str) -> None:
        self.passed[place] += 1
        if place in self.armed:
            self.armed.remove(place)
            raise Power(place)


class FakeReader:
    def __init__(self, ticket: Ticket, labels: frozenset[str], trips: Trips) -> None:
        self.ticket = ticket
        self._labels = labels
        self._trips = trips

    async def read(self, ref: TicketRef) -> Ticket:
        self._trips.at("read")
        return self.ticket

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        self._trips.at("labels")
        return self._labels


class FakeModel:
    name = "fake-1"

    def __init__(self, answer: Analysis | Exception, trips: Trips) -> None:
        self.answer = answer
        self.dossiers: list[Dossier] = []
        self._trips = trips

    async def analyse(self, dossier: Dossier) -> Analysis:
        self._trips.at("analyse")
        self.dossiers.append(dossier)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FakeNotebook:
    """Keeps the first answer of each step, as the record does."""

    def __init__(self, trips: Trips) -> None:
        self.answers: dict[str, str] = {}
        self.proposals: list[Proposal] = []
        self.closed: list[str] = []
        self.denials: list[tuple[str, str]] = []
        self.clock = NOW
        self._trips = trips

    async def recall(self, triage: TriageId, step: str) -> str | None:
        return self.answers.get(step)

    async def keep(self, triage: TriageId, step: str, answer: str) -> str:
        self._trips.at(f"before keep {step}")
        kept = self.answers.setdefault(step, answer)
        self._trips.at(f"after keep {step}")
        return kept

    async def propose(self, proposal: Proposal) -> Proposal:
        for known in self.proposals:
            if known.id == proposal.id:
                return known
        self.proposals.append(proposal)
        self._trips.at("after propose")
        return proposal

    async def close(self, triage: TriageId, why: str) -> None:
        self.closed.append(why)

    async def denied(self, triage: TriageId, action: str, permission: Permission) -> None:
        self.denials.append((action, permission.why))

    async def now(self) -> Millis:
        self.clock = Millis(self.clock + 1000)
        return self.clock


@dataclass
class WatchedGate:
    """The real gate, with a list of what it was asked and one action that is refused."""

    refuse: Action | None = None
    asked: list[tuple[Action, Context]] = field(default_factory=list)
    policy_version = GATE.policy_version

    def check(self, principal: Principal, action: Action, resource: TicketRef, context: Context) -> Permission:
        self.asked.append((action, context))
        if action is self.refuse:
            return Permission(allowed=False, policies=("test",), policy_version="t", why="the test says no")
        return GATE.check(principal, action, resource, context)


@dataclass
class Bench:
    """One ticket and everything around it."""

    reader: FakeReader
    model: FakeModel
    notebook: FakeNotebook
    gate: WatchedGate
    trips: Trips
    deps: Deps


def a_bench(
    ticket: Ticket | None = None,
    answer: Analysis | Exception | None = None,
    *,
    labels: frozenset[str] = TAXONOMY.labels,
    refuse: Action | None = None,
    paused: Callable[[], bool] = lambda: False,
) -> Bench:
    trips = Trips()
    reader = FakeReader(ticket or a_ticket(), labels, trips)
    model = FakeModel(answer or an_analysis(), trips)
    notebook, gate = FakeNotebook(trips), WatchedGate(refuse)
    return Bench(reader, model, notebook, gate, trips, deps_of(reader, model, notebook, gate, paused))


def deps_of(
    reader: FakeReader, model: FakeModel, notebook: FakeNotebook, gate: Gatekeeper, paused: Callable[[], bool]
) -> Deps:
    return Deps(
        gate=gate,
        toolbox=Toolbox(gate, notebook, paused),
        read_ticket=ReadTicket(reader),
        list_labels=ListLabels(reader),
        look_up_owners=LookUpOwners(OWNERS),
        find_similar=FindSimilar(),
        clean=partial(clean, redactor=Redactor(b"tests")),
        model=model,
        notebook=notebook,
        taxonomy=TAXONOMY,
        comment=COMMENT,
        policy_version="p1",
        due_at=lambda now, _owner: Millis(now + HOUR_MS),
        paused=paused,
    )
