"""Training: reproducible, and nothing of anybody's text ends up in the model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from graphs.errors import EngineUnavailable
from graphs.learning import artefact, corpus
from graphs.learning.corpus import Example
from graphs.learning.features import Vectors
from graphs.learning.figures import calibration, scores
from graphs.learning.fit import FOLDS, MIN_SOURCES, best_temperature, fit_features, folds_of
from graphs.learning.train import train


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    train(out=folder)
    return folder


def test_training_twice_gives_identical_bytes(trained: Path, tmp_path: Path) -> None:
    train(out=tmp_path)
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
    assert packed.stat().st_size < 3_000_000
    with np.load(packed, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "fu" for name in arrays.files)
        assert arrays["words"].tobytes().count(b"\n") + 1 == manifest["counts"]["word_ngrams"]
    assert manifest["counts"]["written"] == len(corpus.written())


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


def test_a_boastful_model_is_cooled_down() -> None:
    boastful = np.array([[8.0, 0.0], [8.0, 0.0], [8.0, 0.0], [0.0, 8.0]])
    assert best_temperature(boastful, [0, 0, 1, 1]) > 1.5
    assert best_temperature(boastful / 20, [0, 0, 0, 1]) < 1.0


def test_figures_are_the_textbooks() -> None:
    found = scores([0, 0, 1, 1], [0, 1, 1, 1], ["a", "b", "c"])
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-3)
    sure = calibration(np.array([[0.75, 0.25]] * 4), [0, 0, 0, 1])
    assert sure["expected_error"] == 0.0
