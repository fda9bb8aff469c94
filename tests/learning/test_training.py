"""Training: reproducible, and nothing of anybody's text ends up in the model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from graphs.errors import EngineUnavailable
from graphs.learning import artefact, corpus, fit_layers
from graphs.learning.calibration import Calibration
from graphs.learning.corpus import Example, Sureness
from graphs.learning.features import Vectors
from graphs.learning.figures import debiased_error, scores, wilson
from graphs.learning.fit_calibration import HeldOut, fit_calibration, fit_pool
from graphs.learning.fit_layers import FOLDS, Lessons, folds_of
from graphs.learning.fit_words import MIN_SOURCES, fit_features
from graphs.learning.fitting import pool
from graphs.learning.train import train

FEW = 60
"""Enough tickets for every layer, few enough to be learnt in a second."""


def learn(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit_layers, "FOLDS", 2)
        train(out=folder, most=FEW)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    learn(folder)
    return folder


def test_training_twice_gives_identical_bytes(trained: Path, tmp_path: Path) -> None:
    learn(tmp_path)
    for one in ("npz", "json"):
        name = f"{artefact.ENGINE}.{one}"
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()


def test_a_model_trained_on_the_written_tickets_alone_loads_and_knows_its_layers(trained: Path) -> None:
    assert artefact.load(trained).layers == corpus.DEFAULT_LAYERS


@pytest.mark.parametrize("position", [0, 1_000, -1])
def test_one_flipped_byte_is_refused(trained: Path, tmp_path: Path, position: int) -> None:
    content = bytearray((trained / f"{artefact.ENGINE}.npz").read_bytes())
    content[position] ^= 1
    (tmp_path / f"{artefact.ENGINE}.npz").write_bytes(content)
    (tmp_path / f"{artefact.ENGINE}.json").write_bytes((trained / f"{artefact.ENGINE}.json").read_bytes())
    with pytest.raises(EngineUnavailable, match="does not match"):
        artefact.load(tmp_path)


def test_the_shipped_model_is_small_plain_and_has_an_honest_manifest() -> None:
    packed = artefact.SHIPPED / f"{artefact.ENGINE}.npz"
    manifest = json.loads((artefact.SHIPPED / f"{artefact.ENGINE}.json").read_text("utf-8"))
    assert packed.stat().st_size < 7_000_000
    with np.load(packed, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "fu" for name in arrays.files)
        assert arrays["words"].tobytes().count(b"\n") + 1 == manifest["counts"]["word_ngrams"]
    assert 0 < manifest["counts"]["written"] <= len(corpus.written())


def test_the_shipped_model_holds_pieces_of_text_only_no_sentences() -> None:
    features = artefact.load().features
    assert max(gram.count(" ") for gram in features.word_grams.index) == 1
    assert max(len(gram) for gram in features.char_grams.index) == 5
    assert not any(" " in word for word in features.vectors.index)


def test_an_ngram_needs_several_repositories() -> None:
    def example(source: str, text: str) -> Example:
        return Example(title=text, body="", source=source, origin="written", layer=corpus.DEFAULT_LAYERS[0])

    private = [example("a/one", "zebrafish search") for _ in range(20)]
    shared = [example(f"a/{number}", "search") for number in range(MIN_SOURCES - 1)]
    nothing = Vectors(index={}, matrix=np.zeros((0, 0), dtype=np.float32))
    features = fit_features([*private, *shared, example("", "zebrafish"), example("", "zebrafish")], nothing)
    assert "search" in features.word_grams.index
    assert not any("zebra" in gram for gram in (*features.word_grams.index, *features.char_grams.index))


def test_a_repository_never_straddles_folds_and_folds_are_even() -> None:
    written = corpus.written()
    folds = folds_of(written)
    assert all(
        len({at for one, at in zip(written, folds, strict=True) if one.source == source}) == 1
        for source in {one.source for one in written}
    )
    sizes = [folds.count(fold) for fold in range(FOLDS)]
    assert max(sizes) - min(sizes) <= 3
    assert folds_of(written, turn=1) != folds


def test_a_boastful_voter_is_cooled_down_a_shy_one_warmed_up_and_noise_is_not_heard() -> None:
    held = made_up(2_000)
    (boastful,), _ = pool(held.votes, held.answers, held.weights)
    (shy,), _ = pool(held.votes / 20, held.answers, held.weights)
    assert boastful == pytest.approx(0.5, rel=0.15)
    assert shy == pytest.approx(20 * boastful, rel=0.05)
    noise = np.random.default_rng(9).normal(size=held.votes.shape)
    (heard, unheard), _ = pool(np.concatenate([held.votes, noise], axis=1), held.answers, held.weights)
    assert heard == pytest.approx(boastful, rel=0.05)
    assert abs(unheard) < 0.1 * heard


def test_a_layer_that_comes_more_often_than_it_is_said_is_lifted() -> None:
    held = made_up(2_000)
    _, lifts = pool(held.votes, held.answers, np.where(held.answers == 2, 4.0, 1.0))
    assert lifts.argmax() == 2
    assert lifts[2] > 0.3


def made_up(tickets: int, seed: int = 1) -> HeldOut:
    """Three layers of known probabilities, told by a head that is twice too sure of itself."""
    draw = np.random.default_rng(seed)
    honest = draw.normal(size=(tickets, 3))
    chances = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    answers = np.array([draw.choice(3, p=one) for one in chances])
    rough, folds = draw.random(tickets) < 0.5, draw.integers(0, 5, tickets)
    return HeldOut(honest[:, None, :] * 2, answers, rough, np.ones(tickets), folds)


def answers_of(fitted: Calibration, asked: HeldOut) -> NDArray[np.float64]:
    rows = zip(asked.votes, asked.rough, strict=True)
    return np.array([fitted.probabilities(votes, rough=bool(rough)) for votes, rough in rows])


def test_calibrated_probabilities_are_as_often_right_as_they_say() -> None:
    taught, asked = made_up(3_000), made_up(3_000, seed=2)
    fitted = fit_calibration(taught)
    assert fitted.shares[:, 0] == pytest.approx([0.5, 0.5], rel=0.15)
    before, after = np.exp(asked.votes[:, 0]), answers_of(fitted, asked)
    before /= before.sum(axis=1, keepdims=True)
    errors = [debiased_error(one.max(axis=1), one.argmax(axis=1) == asked.answers) for one in (before, after)]
    assert errors[0] > 0.1
    assert errors[1] < 0.03
    assert after == pytest.approx(fit_pool(taught).probabilities(asked), abs=1e-6)


def test_layer_sets_hold_the_right_layer_as_often_as_promised() -> None:
    fitted, asked = fit_calibration(made_up(3_000)), made_up(3_000, seed=2)
    rows = answers_of(fitted, asked)
    sets = [fitted.layer_set(one, rough=bool(rough)) for one, rough in zip(rows, asked.rough, strict=True)]
    held = np.mean([right in one for one, right in zip(sets, asked.answers, strict=True)])
    assert 0.89 <= held <= 0.94
    assert 1 < np.mean([len(one) for one in sets]) < 2.6
    assert all(one[0] == row.argmax() for one, row in zip(sets, rows, strict=True))


def test_a_group_of_too_few_tickets_takes_the_figures_of_all() -> None:
    held = made_up(300)
    lonely = HeldOut(held.votes, held.answers, np.arange(300) < 5, held.weights, held.folds)
    assert fit_calibration(lonely).shares[1] == pytest.approx(pool(held.votes, held.answers, held.weights)[0])


def test_a_second_choice_teaches_too_and_invented_tickets_do_not_teach_the_head_for_trackers() -> None:
    first, second = corpus.DEFAULT_LAYERS[:2]
    real = Example("a", "", "x/y", "real", layer=first, second=second, sureness=Sureness.LOW)
    invented = Example("b", "", "b", "written", layer=second, invented=True)
    found = Lessons.of([real, invented], 2.0, invented=False)
    assert (found.at, found.answers) == ([0, 0], [0, 1])
    assert found.weights[1] == pytest.approx(0.4 * sum(found.weights))
    assert Lessons.of([real, invented], 2.0, invented=True).at == [0, 0, 1]


def test_figures_are_the_textbooks() -> None:
    found = scores([0, 0, 1, 1], [0, 1, 1, 1], ["a", "b", "c"])
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-3)
    low, high = wilson(8, 10)
    assert (low, high) == pytest.approx((0.490, 0.943), abs=1e-3)


def test_the_debiased_error_forgives_chance_and_nothing_else() -> None:
    draw = np.random.default_rng(3)
    sure = draw.uniform(0.5, 1, 4_000)
    honest, boastful = draw.random(4_000) < sure, draw.random(4_000) < sure - 0.1
    assert debiased_error(sure, honest) < 0.02
    assert debiased_error(sure, boastful) == pytest.approx(0.1, abs=0.02)
    few = [debiased_error(sure[at : at + 100], honest[at : at + 100]) for at in range(0, 4_000, 100)]
    assert np.median(few) < 0.06
