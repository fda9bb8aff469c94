"""72 patterns, each in five variants at least, all of them different and the same on every run."""

from __future__ import annotations

from collections import Counter

from bot.redteam.probes import IN_EVERY_RUN, PROBES
from graphs.redteam.corpus import patterns, tickets
from graphs.redteam.places import PLACES
from graphs.redteam.variants import LEAST, variants
from graphs.redteam.writings import WRITINGS
from policies.loader import load
from tests.redteam.stage import STAGE

MADE = variants(STAGE.titles, STAGE.logins, seed=1)


def test_every_pattern_of_the_list_is_there_once() -> None:
    assert [one.id for one in patterns()] == list(range(1, 73))
    assert len({one.name for one in patterns()}) == 72


def test_each_is_tried_in_five_ways_that_differ() -> None:
    counted = Counter(one.pattern for one in MADE)
    assert min(counted.values()) >= LEAST
    assert len({(one.pattern, one.said, one.place, one.writing) for one in MADE}) == len(MADE)
    assert len({one.ticket.model_dump_json() for one in MADE}) == len(MADE)
    for pattern in patterns():
        own = [one for one in MADE if one.pattern == pattern.id]
        assert len({(one.place, one.writing) for one in own}) > 1, pattern.name
        assert len(set(pattern.says)) > 1, pattern.name


def test_the_same_seed_gives_the_same_attacks() -> None:
    assert variants(STAGE.titles, STAGE.logins, seed=1) == MADE
    assert variants(STAGE.titles, STAGE.logins, seed=2) != MADE


def test_every_word_of_the_data_means_something() -> None:
    for pattern in patterns():
        assert set(pattern.where) <= set(PLACES), pattern.name
        assert set(pattern.writings) <= set(WRITINGS), pattern.name
        assert set(pattern.probes) <= set(PROBES) | IN_EVERY_RUN | {"foreign_read"}, pattern.name


def test_every_place_and_writing_is_used() -> None:
    assert {one.place for one in MADE} == set(PLACES)
    assert {one.writing for one in MADE} == set(WRITINGS)


def test_the_harmless_tickets_cover_the_layers_evenly() -> None:
    counted = Counter(one.layer for one in tickets())
    assert set(counted) == {one.id for one in load().layers}
    assert set(counted.values()) == {4}
