"""What attacks do to an engine's answers: labels, owners and risks that turn, beside what it gets right unharmed.

Owns the figures and the search for a worse attack. Each answer is compared with the same engine's answer to the same
ticket without the attack, so an engine that errs anyway is not blamed twice. Pure but for the engine's own work.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from graphs.evaluation.intervals import Figure, share
from graphs.hygiene.clean import clean
from graphs.hygiene.redact import Redactor
from graphs.learning.classify import Engine
from graphs.model import Analysis, CleanTicket, LayerId, Ticket, Value
from graphs.ports import Dossier
from graphs.redteam.corpus import patterns, tickets
from graphs.redteam.places import PLACES
from graphs.redteam.variants import Variant, around_of

TRIES = 10
_DAY = "2030-01-02"
OwnerOf = Callable[[LayerId, CleanTicket, str], str]
"""The owner's handle for a layer and a ticket on a day; empty where nobody fits."""


class Rate(Value):
    """How often, with Wilson's 95 % interval: a little narrow, for the variants of one pattern are alike."""

    hits: int
    figure: Figure | None


class Adapted(Value):
    """What the search found, starting from the attacks that came closest without success."""

    starts: int
    flipped_at_1: int
    flipped_at_10: int
    closest_margin: float | None
    """Smallest lead of the right layer over the attacker's that was left, among those that never flipped."""


class Flips(Value):
    engine: str
    label_flip: Rate
    to_target: Rate
    """Turned into the very layer that the attacker asked for."""
    owner_flip: Rate
    severity_drift: Rate
    """Risk flags that appeared or went."""
    benign_utility: Rate
    """Harmless tickets whose layer is right, without an attack."""
    utility_under_attack: Rate
    adaptive: Adapted
    by_pattern: dict[int, str]
    """Label flips of each measured pattern: `2/5`."""


class Seen(Value):
    """An engine's answer to one attacked ticket, beside its answer without the attack."""

    variant: Variant
    before: Analysis
    after: Analysis
    owner_before: str
    owner_after: str

    @property
    def flipped(self) -> bool:
        return self.after.layer != self.before.layer

    @property
    def margin(self) -> float:
        """How far the attacker's layer is behind the answer without the attack."""
        return _margin(self.after, self.before.layer, self.variant.wants)


class Subject:
    """An engine with everything that turns a raw ticket into its answer."""

    def __init__(self, engine: Engine, layers: Sequence[LayerId], owner_of: OwnerOf, redactor: Redactor) -> None:
        self.engine = engine
        self._layers = tuple(layers)
        self._owner_of = owner_of
        self._redactor = redactor
        self.plain = [self.ask(around_of(one, at)) for at, one in enumerate(tickets())]
        """(answer, owner) for each harmless ticket."""

    def ask(self, ticket: Ticket) -> tuple[Analysis, str]:
        seen = clean(ticket, self._redactor)
        answer = self.engine.analyse_now(Dossier(ticket=seen, layers=self._layers))
        return answer, self._owner_of(answer.layer, seen, _DAY)

    def attacked(self, variant: Variant) -> Seen:
        (before, owner_before), (after, owner_after) = self.plain[variant.base], self.ask(variant.ticket)
        return Seen(variant=variant, before=before, after=after, owner_before=owner_before, owner_after=owner_after)


def measured(
    subject: Subject, variants: Sequence[Variant], starts: int, seed: int
) -> tuple[Flips, tuple[Variant, ...]]:
    """Every variant once, then the search from the `starts` that came closest; and the worst attacks it found."""
    benign = {pattern.id for pattern in patterns() if pattern.benign}
    seen = [subject.attacked(one) for one in variants if one.pattern not in benign]
    labels = [one.layer for one in tickets()]
    by_pattern: dict[int, str] = {}
    for pattern in dict.fromkeys(one.variant.pattern for one in seen):
        own = [one.flipped for one in seen if one.variant.pattern == pattern]
        by_pattern[pattern] = f"{sum(own)}/{len(own)}"
    adaptive, worst = _search(subject, [one for one in seen if not one.flipped], starts, seed)
    figures = Flips(
        engine=subject.engine.name,
        label_flip=rate(one.flipped for one in seen),
        to_target=rate(one.flipped and one.after.layer == one.variant.wants for one in seen),
        owner_flip=rate(one.owner_after != one.owner_before for one in seen),
        severity_drift=rate(set(one.after.risks) != set(one.before.risks) for one in seen),
        benign_utility=rate(answer.layer == label for (answer, _), label in zip(subject.plain, labels, strict=True)),
        utility_under_attack=rate(one.after.layer == labels[one.variant.base] for one in seen),
        adaptive=adaptive,
        by_pattern=by_pattern,
    )
    return figures, worst


def rate(hits: Iterable[bool]) -> Rate:
    told = list(hits)
    return Rate(hits=sum(told), figure=share(sum(told), len(told)))


def _margin(answer: Analysis, right: LayerId, wanted: LayerId) -> float:
    return answer.layer_scores.get(right, 0.0) - answer.layer_scores.get(wanted, 0.0)


def _search(subject: Subject, held: Sequence[Seen], starts: int, seed: int) -> tuple[Adapted, tuple[Variant, ...]]:
    """Hill climbing: of what came closest, keep each change that comes closer still, ten changes at most."""
    chosen = sorted(held, key=lambda one: (one.margin, one.variant.name))[:starts]
    at_one = at_ten = 0
    left: list[float] = []
    worst: list[Variant] = []
    for start in chosen:
        dice = random.Random(f"{seed}/{start.variant.name}")  # noqa: S311  # repeatable, not secret
        best, margin = start.variant, start.margin
        for attempt in range(1, TRIES + 1):
            tried = subject.attacked(mutated(best, dice))
            if tried.flipped:
                at_one, at_ten, best = at_one + (attempt == 1), at_ten + 1, tried.variant
                break
            if tried.margin < margin:
                best, margin = tried.variant, tried.margin
        else:
            left.append(margin)
        worst.append(best)
    closest = round(min(left), 4) if left else None
    found = Adapted(starts=len(chosen), flipped_at_1=at_one, flipped_at_10=at_ten, closest_margin=closest)
    return found, tuple(worst)


def mutated(variant: Variant, dice: random.Random) -> Variant:
    """The attack said once more: in another place, louder, or in the words of tickets of the wanted layer."""
    words = [one for one in tickets() if one.layer == variant.wants] or list(tickets())
    borrowed = dice.choice(words)
    said = dice.choice(
        (
            variant.said,
            variant.said.upper(),
            f"{variant.said} {variant.said}",
            f"{variant.said} {borrowed.title}.",
            f"{borrowed.title}. {borrowed.body.split('. ')[0]}.",
        )
    )
    place = dice.choice(("title", "body_start", "body_end", "quoted", "code"))
    return variant.model_copy(update={"said": said, "place": place, "ticket": PLACES[place](variant.ticket, said)})
