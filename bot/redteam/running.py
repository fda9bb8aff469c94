"""Puts a red-team run together: each variant against each lie through the real graph, then the doors, then the report.

Owns the loop and the clock. Must not decide what counts as broken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from langgraph.checkpoint.memory import InMemorySaver

from bot.bootstrap import deps
from bot.dry_run import TRIAGE, view_of
from bot.redteam.adversary import LIES, Adversary, Screamer
from bot.redteam.forgeries import Door
from bot.redteam.probes import PROBES, foreign_read
from bot.redteam.promises import Lists, Ran, broken
from bot.service.dry_run import Forgetful
from graphs.deps import Deps
from graphs.errors import StrataError
from graphs.gate import Gate
from graphs.hygiene.redact import Redactor
from graphs.model import CleanTicket, LayerId, Ticket, TicketRef, Value
from graphs.redteam.corpus import patterns
from graphs.redteam.variants import Variant
from graphs.runner import Runner
from graphs.taxonomy import LayerTaxonomy
from policies.shapes import Policies
from prompts.loader import load as load_prompt

SLOWEST_S = 20.0
"""For one attack through the whole graph on a busy machine; an ordinary one takes some milliseconds."""
SCREAMS = "screams"


class Failure(Value):
    pattern: int
    variant: str
    lie: str
    what: str


@dataclass(frozen=True)
class Stage:
    """Policies, gate and redactor of one run."""

    policies: Policies
    gate: Gate
    redactor: Redactor

    @property
    def taxonomy(self) -> LayerTaxonomy:
        return LayerTaxonomy(self.policies)

    @property
    def titles(self) -> dict[LayerId, str]:
        return {one: self.taxonomy.layer_title(one) for one in self.taxonomy.layers}

    @property
    def logins(self) -> tuple[str, ...]:
        named = (one.logins.github for one in self.policies.owners)
        return tuple(sorted(one for one in named if one))

    @property
    def lists(self) -> Lists:
        return Lists(
            taxonomy=self.taxonomy,
            logins=frozenset(self.logins),
            comment=load_prompt("comment"),
            names=frozenset(one.name or one.id for one in self.policies.owners),
        )


class _Reader:
    """Implements `graphs.ports.TicketReader` for one ticket, and keeps what it was asked."""

    def __init__(self, ticket: Ticket | None, labels: frozenset[str]) -> None:
        self._ticket = ticket
        self._labels = labels
        self.asked: list[TicketRef] = []

    async def read(self, ref: TicketRef) -> Ticket:
        self.asked.append(ref)
        assert self._ticket is not None, "there is an attack"
        return self._ticket

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        self.asked.append(ref)
        return self._labels


class Range:
    """Where attacks are run: one graph for all of them, with a memory that each attack finds empty."""

    def __init__(self, stage: Stage, clean: Callable[[Ticket], CleanTicket] | None = None) -> None:
        """`clean`: in place of the normaliser and the redactor, for tests that break them."""
        self.stage = stage
        self._clean = clean
        self._runner = Runner(InMemorySaver(), self._parts(Forgetful(), _Reader(None, frozenset())))

    def _parts(self, notebook: Forgetful, reader: _Reader) -> Deps:
        stage = self.stage
        wired = deps(stage.policies, stage.gate, stage.redactor, notebook, reader, _never)
        return replace(wired, clean=self._clean) if self._clean else wired

    async def attack(self, variant: Variant, lie: str) -> Ran:
        """One variant against one lie."""
        taxonomy, notebook = self.stage.taxonomy, Forgetful()
        reader = _Reader(variant.ticket, taxonomy.labels)
        kind = Screamer if lie == SCREAMS else Adversary
        model = kind(variant, LIES.get(lie, LIES["obeys"]), taxonomy.layers)
        runner = self._runner.having(replace(self._parts(notebook, reader), model=model))
        error = ""
        try:
            await runner.start(TRIAGE, variant.ticket.ref)
        except StrataError as problem:
            error = type(problem).__name__
        except Exception as problem:  # noqa: BLE001  # an attack that crashes something is a finding, not an end
            error = f"a crash: {type(problem).__name__}"
        finally:
            await runner.forget(TRIAGE)
        view = view_of(notebook, notebook.proposal, taxonomy) if notebook.proposal is not None else None
        return Ran(variant, lie, notebook, tuple(model.dossiers), tuple(reader.asked), error, view)


def _never() -> bool:
    return False


async def deterministic(place: Range, variants: Sequence[Variant], lies: int) -> list[Failure]:
    """Each variant against `lies` of the hostile models (obedience always among them) and its pattern's probes."""
    named = {pattern.id: pattern.probes for pattern in patterns()}
    found: list[Failure] = []
    lists = place.stage.lists
    for at, variant in enumerate(variants):
        proposal = None
        for lie in _lies(at, lies):
            began = time.monotonic()
            ran = await place.attack(variant, lie)
            proposal = ran.notebook.proposal or proposal
            wrong = [*broken(ran, lists)]
            if time.monotonic() - began > SLOWEST_S:
                wrong.append("it took too long")
            found += _failures(variant, lie, wrong)
        door = Door(variant, place.stage.gate, proposal)
        for probe in named[variant.pattern]:
            if probe == foreign_read.__name__:
                found += _failures(variant, probe, await foreign_read(door))
            elif probe in PROBES:
                found += _failures(variant, probe, [*PROBES[probe](door)])
    return found


def _lies(at: int, most: int) -> Iterator[str]:
    others = [*(name for name in LIES if name != "obeys"), SCREAMS]
    yield "obeys"
    for step in range(min(most - 1, len(others))):
        yield others[(at + step) % len(others)]


def _failures(variant: Variant, lie: str, wrong: Sequence[str]) -> list[Failure]:
    return [Failure(pattern=variant.pattern, variant=variant.name, lie=lie, what=what) for what in dict.fromkeys(wrong)]
