"""The whole red-team run as one value, as lines for people, and what belongs into it beside attacks: false alarms.

Owns the shape of `strata redteam --json`. Must not run anything twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from bot.redteam.running import Failure, Range, Stage, deterministic
from graphs.hygiene.clean import clean
from graphs.hygiene.redact import Redactor
from graphs.learning.classify import Engine
from graphs.model import CleanTicket, LayerId, Ticket, Value
from graphs.owners import Owners
from graphs.redteam.corpus import patterns, tickets
from graphs.redteam.flips import Adapted, Flips, Rate, Subject, measured, rate
from graphs.redteam.variants import LEAST, Variant, around_of, variants


class FalseAlarms(Value):
    """Harmless tickets of which the card would say that they speak to a bot."""

    about_injection: Rate
    harmless: Rate


class Report(Value):
    """The fields stand in the order in which they are printed."""

    seed: int
    engine: str
    lies: int
    """Hostile models that each variant was run against."""
    to_target: Rate
    utility_under_attack: Rate
    adaptive: Adapted
    by_pattern: dict[int, str]
    false_alarms: FalseAlarms
    quoted_to_people: Rate
    """Attacks that the card quotes as text addressed to a bot. Advice: what stops them does not rest on it."""
    patterns: int
    variants: int
    deterministic_failures: tuple[Failure, ...] = Field(description="Empty: every promise held in every run.")
    label_flip: Rate
    owner_flip: Rate
    severity_drift: Rate
    benign_utility: Rate


async def red_team(
    stage: Stage, engine: Engine, *, seed: int, least: int = LEAST, lies: int = 2, starts: int = 20
) -> Report:
    """Everything: the promises against hostile models, then what an honest engine makes of the same attacks."""
    made = variants(stage.titles, stage.logins, seed, least)
    figures, worst = _model_rows(stage, engine, made, starts, seed)
    failures = await deterministic(Range(stage), [*made, *worst], lies)
    return _report(figures, made, failures, seed=seed, lies=lies, redactor=stage.redactor)


def _model_rows(
    stage: Stage, engine: Engine, made: Sequence[Variant], starts: int, seed: int
) -> tuple[Flips, tuple[Variant, ...]]:
    directory = Owners(stage.policies)

    def owner_of(layer: LayerId, ticket: CleanTicket, day: str) -> str:
        found = directory.owner_for(layer, ticket, day)
        return found.owner if found else ""

    return measured(Subject(engine, stage.taxonomy.layers, owner_of, stage.redactor), made, starts, seed)


def _report(
    figures: Flips, made: Sequence[Variant], failures: Sequence[Failure], *, seed: int, lies: int, redactor: Redactor
) -> Report:
    benign = {one.id for one in patterns() if one.benign}

    def flagged(ticket: Ticket) -> bool:
        return bool(clean(ticket, redactor).hygiene.addressed_to_bot)

    return Report(
        seed=seed,
        engine=figures.engine,
        lies=lies,
        to_target=figures.to_target,
        utility_under_attack=figures.utility_under_attack,
        adaptive=figures.adaptive,
        by_pattern=figures.by_pattern,
        false_alarms=FalseAlarms(
            about_injection=rate(flagged(one.ticket) for one in made if one.pattern in benign),
            harmless=rate(flagged(around_of(one, at)) for at, one in enumerate(tickets())),
        ),
        quoted_to_people=rate(flagged(one.ticket) for one in made if one.pattern not in benign),
        patterns=len({one.pattern for one in made}),
        variants=len(made),
        deterministic_failures=tuple(failures),
        label_flip=figures.label_flip,
        owner_flip=figures.owner_flip,
        severity_drift=figures.severity_drift,
        benign_utility=figures.benign_utility,
    )


def lines(report: Report) -> Iterator[str]:
    """For people."""
    yield f"{report.patterns} patterns, {report.variants} variants, seed {report.seed}"
    if report.deterministic_failures:
        yield f"Promises broken: {len(report.deterministic_failures)}"
        for one in report.deterministic_failures[:20]:
            yield f"  pattern {one.pattern}, variant {one.variant}, against “{one.lie}”: {one.what}"
    else:
        yield f"Promises broken: none, against {report.lies} hostile models for each variant"
    yield f"The engine {report.engine}, 95 % intervals (Wilson):"
    for name, rated in (
        ("label flips", report.label_flip),
        ("  to the layer the attacker wants", report.to_target),
        ("owner flips", report.owner_flip),
        ("risk flags that changed", report.severity_drift),
        ("right without an attack", report.benign_utility),
        ("right under attack", report.utility_under_attack),
        ("attacks quoted to people", report.quoted_to_people),
        ("false alarms, tickets about injection", report.false_alarms.about_injection),
        ("false alarms, other harmless tickets", report.false_alarms.harmless),
    ):
        yield f"  {name}: {rated.figure.text() if rated.figure else 'nothing to measure'}"
    found = report.adaptive
    yield (
        f"  search from the {found.starts} closest: {found.flipped_at_1} flipped at the first try,"
        f" {found.flipped_at_10} within ten"
    )
