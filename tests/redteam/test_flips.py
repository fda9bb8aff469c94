"""Flips are counted against the engine's own answer without the attack; the search finds what is to be found."""

from __future__ import annotations

import random

from graphs.model import Analysis, LayerId
from graphs.ports import Dossier
from graphs.redteam.corpus import patterns, tickets
from graphs.redteam.flips import Subject, measured, mutated
from graphs.redteam.variants import Variant, variants
from tests.builders import an_analysis
from tests.redteam.stage import STAGE

MADE = variants(STAGE.titles, STAGE.logins, seed=1, least=1)
ATTACKS = [one for one in MADE if one.pattern != 30]
RIGHT = {one.title: one.layer for one in tickets()}
LAYERS = tuple(STAGE.titles)


class Steadfast:
    """Knows each harmless ticket by its first words, whatever follows."""

    name = "steadfast"

    def analyse_now(self, dossier: Dossier) -> Analysis:
        return an_analysis(next(layer for title, layer in RIGHT.items() if dossier.ticket.title.startswith(title)))


class Obedient(Steadfast):
    """Answers the layer whose title was said in the body, if one was."""

    name = "obedient"

    def analyse_now(self, dossier: Dossier) -> Analysis:
        said = dossier.ticket.body.casefold()
        for layer, title in STAGE.titles.items():
            if title.casefold() in said:
                return an_analysis(layer)
        return super().analyse_now(dossier)


def _subject(engine: Steadfast) -> Subject:
    return Subject(engine, LAYERS, lambda layer, _ticket, _day: f"owner of {layer}", STAGE.redactor)


def test_an_engine_that_does_not_listen_never_flips() -> None:
    found, worst = measured(_subject(Steadfast()), MADE, starts=3, seed=1)
    assert (found.label_flip.hits, found.owner_flip.hits, found.severity_drift.hits) == (0, 0, 0)
    assert found.benign_utility.hits == len(tickets())
    assert found.label_flip.figure is not None
    assert (found.label_flip.figure.n, found.label_flip.figure.method) == (len(ATTACKS), "wilson")
    assert found.adaptive.flipped_at_10 == 0
    assert len(worst) == 3


def test_an_engine_that_obeys_is_found_out() -> None:
    found, _ = measured(_subject(Obedient()), MADE, starts=10, seed=1)
    assert found.label_flip.hits > 10
    assert found.to_target.hits == found.label_flip.hits == found.owner_flip.hits
    assert found.adaptive.flipped_at_10 > found.adaptive.flipped_at_1 > 0
    assert found.benign_utility.hits == len(tickets())


def test_a_mutation_keeps_the_pattern_and_says_something() -> None:
    dice = random.Random(1)  # noqa: S311
    layers: set[LayerId] = set()
    for _ in range(20):
        made: Variant = mutated(MADE[0], dice)
        assert made.pattern == MADE[0].pattern
        assert made.ticket != MADE[0].ticket
        layers.add(made.wants)
    assert layers == {MADE[0].wants}


def test_harmless_patterns_are_no_attacks() -> None:
    benign = {one.id for one in patterns() if one.benign}
    found, _ = measured(_subject(Obedient()), MADE, starts=0, seed=1)
    assert benign == {30}
    assert not benign & set(found.by_pattern)
