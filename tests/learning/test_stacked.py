"""The stacked profile: the encoder beside the lexical head, and what is said where it is not installed.

Tests of the encoder run where it is installed (`make stacked`; `make test` installs it), else they say that it is not.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from graphs.errors import EngineUnavailable
from graphs.learning import artefact, artefact_stacked, corpus, encoder
from graphs.learning.calibration import Calibration, softmax
from graphs.learning.corpus import Example
from graphs.learning.engine import LocalEngine
from graphs.learning.fit_calibration import HeldOut, fit_calibration
from graphs.learning.fit_stacked import fit_voter, stacked_held_out
from graphs.learning.panel import EncodedHead, EncodedVoter
from graphs.learning.profiles import Profile, engine_of
from graphs.learning.text import read
from tests.learning.tickets import a_dossier

needs_encoder = pytest.mark.skipif(not encoder.installed(), reason="the encoder is not installed: `make stacked`")
LAYERS = len(corpus.DEFAULT_LAYERS)


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    encoder.encoder.cache_clear()
    monkeypatch.setattr(metadata, "version", version)
    yield
    encoder.encoder.cache_clear()


def test_where_it_is_not_installed_one_sentence_says_what_to_run(nothing_installed: None) -> None:
    with pytest.raises(EngineUnavailable, match="`make stacked`"):
        engine_of(Profile.STACKED).analyse_now(a_dossier())
    assert engine_of(Profile.LOCAL).analyse_now(a_dossier()).engine == artefact.ENGINE


@needs_encoder
def test_local_is_the_best_that_is_installed() -> None:
    assert engine_of(Profile.LOCAL).name == artefact_stacked.ENGINE
    assert engine_of(Profile.LEXICAL).name == artefact.ENGINE


@needs_encoder
def test_a_model_trained_without_the_encoder_is_used_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefact_stacked, "trained", lambda: False)
    assert engine_of(Profile.LOCAL).name == artefact.ENGINE


@needs_encoder
def test_both_voters_are_heard_and_the_answer_is_calibrated() -> None:
    dossier = a_dossier()
    both, alone = LocalEngine(stacked=True).analyse_now(dossier), LocalEngine().analyse_now(dossier)
    assert both.engine == artefact_stacked.ENGINE
    assert both.layer == "retrieval_and_context"
    assert sum(both.layer_scores.values()) == pytest.approx(1.0)
    assert both.layer_scores != alone.layer_scores
    assert (both.kind, both.evidence) == (alone.kind, alone.evidence)
    added = artefact_stacked.load()
    reading = read(dossier.ticket.title, dossier.ticket.body)
    lexical = artefact.load()
    votes = np.stack(
        [
            lexical.layer.of(rough=reading.rough).scores(lexical.features.row(reading)),
            added.voter.scores(added.encoder.encode([reading])[0], rough=reading.rough),
        ]
    )
    wanted = added.calibration.probabilities(votes, rough=reading.rough)
    assert list(both.layer_scores.values()) == pytest.approx(wanted.tolist())


@needs_encoder
def test_a_vector_tells_meaning_and_does_not_depend_on_the_batch() -> None:
    texts = [
        read("The assistant quotes a page that was deleted", "It cites old sources."),
        read("Answers refer to documents which no longer exist", "Removed files are still named."),
        read("Invoice for October is too high", "Who pays? " * 200),
    ]
    found = encoder.encoder().encode(texts)
    assert found.shape == (3, encoder.WIDTH)
    near, far = found[0, :384] @ found[1, :384], found[0, :384] @ found[2, :384]
    assert near > far + 0.2
    alone = np.concatenate([encoder.encoder().encode([one]) for one in texts])
    assert found == pytest.approx(alone, abs=1e-3)


@needs_encoder
def test_a_ticket_stays_within_its_time_even_when_it_is_long() -> None:
    engine = LocalEngine(stacked=True)
    engine.analyse_now(a_dossier())
    spent = []
    for number in range(5):
        dossier = a_dossier(body=f"{number} " + "The retriever finds nothing in our long handbook. " * 200)
        started = time.thread_time()
        engine.analyse_now(dossier)
        spent.append(time.thread_time() - started)
    assert sorted(spent)[2] < 0.4, "100 ms on a free core of the kind it was measured on"


@needs_encoder
@pytest.mark.parametrize("changed", ["lexical_sha256", "encoder_sha256", "sha256"])
def test_heads_of_another_model_are_refused(tmp_path: Path, changed: str) -> None:
    for one in artefact.SHIPPED.iterdir():
        shutil.copy(one, tmp_path)
    manifest = tmp_path / f"{artefact_stacked.ENGINE}.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {changed: "0" * 64}))
    with pytest.raises(EngineUnavailable, match="does not belong"):
        artefact_stacked.load(tmp_path)


@needs_encoder
def test_a_file_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder.encoder.cache_clear()
    monkeypatch.setattr(encoder, "WORD_PIECES", (*encoder.WORD_PIECES[:2], "0" * 64))
    with pytest.raises(EngineUnavailable, match="not the one trained with"):
        encoder.encoder()
    encoder.encoder.cache_clear()


def test_heads_survive_being_stored(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    heads = [EncodedHead(draw.normal(size=(8, 5)).astype(np.float16).astype(np.float32), np.ones(5, np.float32))] * 2
    calibration = Calibration(np.ones((2, 2), np.float32), np.zeros((2, 5), np.float32), np.full(2, 0.1, np.float32))
    artefact_stacked.save(EncodedVoter(*heads), calibration, tmp_path, "abc", "a command")
    with np.load(tmp_path / f"{artefact_stacked.ENGINE}.npz", allow_pickle=False) as arrays:
        assert (arrays["plain_slopes"].astype(np.float32) == heads[0].slopes).all()
    manifest = json.loads((tmp_path / f"{artefact_stacked.ENGINE}.json").read_text())
    assert (manifest["lexical_sha256"], manifest["encoder_sha256"]) == ("abc", encoder.MODEL[2])


def made_up(tickets: int) -> tuple[list[Example], np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    """Tickets of which vectors know the layer, mostly, each of a repository of its own."""
    draw = np.random.default_rng(5)
    answers = draw.integers(0, LAYERS, tickets)
    vectors = (np.eye(LAYERS)[answers] + draw.normal(scale=0.5, size=(tickets, LAYERS))).astype(np.float32)
    asked = [
        Example(f"t{at}", "", f"a/{at}", "written", layer=corpus.DEFAULT_LAYERS[answer])
        for at, answer in enumerate(answers)
    ]
    return asked, vectors


def test_the_stack_is_better_than_a_lexical_voter_who_guesses() -> None:
    asked, vectors = made_up(400)
    answers = np.array([corpus.DEFAULT_LAYERS.index(one.layer) for one in asked if one.layer])
    votes = np.random.default_rng(6).normal(size=(len(asked), 1, LAYERS))
    folds = np.array([at % 5 for at in range(len(asked))])
    guessing = HeldOut(votes, answers, np.zeros(len(asked), dtype=np.bool_), np.ones(len(asked)), folds)
    both = stacked_held_out(guessing, asked, [], vectors)
    assert both.votes.shape == (len(asked), 2, LAYERS)
    fitted = fit_calibration(both)
    assert fitted.shares[0, 1] > 5 * abs(fitted.shares[0, 0])
    said = softmax(np.einsum("v,rvl->rl", fitted.shares[0], both.votes)).argmax(axis=1)
    assert (said == answers).mean() > 0.7


def test_without_real_tickets_one_head_serves_both_groups() -> None:
    asked, vectors = made_up(60)
    invented = [Example(one.title, "", one.source, "written", layer=one.layer, invented=True) for one in asked]
    found = fit_voter(vectors, invented)
    assert found.rough is found.plain
