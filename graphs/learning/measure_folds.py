"""Figures by folds that keep a repository whole: each ticket is asked of a model that never saw its source.

Owns what is compared with what over folds, the slices and the ablation. Used by `graphs.learning.measure`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graphs.learning import corpus, fit_layers
from graphs.learning.corpus import DEFAULT_LAYERS, KINDS, ROLES, Example
from graphs.learning.engine import named_kind
from graphs.learning.figures import Json, calibration, scores, wilson
from graphs.learning.fit_calibration import HeldOut, crossed, floors_without
from graphs.learning.fit_kinds import QUESTION_LIFT, by_habit, even_share, fit_kinds, fit_roles, kinds_of, teachable
from graphs.learning.fit_layers import FOLDS, folds_of, held_out
from graphs.learning.fit_words import fit_vectors, reading_of
from graphs.learning.measure_online import replay
from graphs.learning.scoring import LexicalModel, with_answers
from graphs.learning.text import bare_title, lines_of
from graphs.model import Kind

Doubles = NDArray[np.float64]
BASE_KINDS = (Kind.BUG, Kind.FEATURE, Kind.QUESTION)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
SHORT, LONG = 300, 1500
FEWEST = 20
"""A slice with fewer tickets is not shown: its figure would be chance."""
Figure = Callable[[Sequence[int]], dict[str, Json]]


def by_folds(model: LexicalModel, written: list[Example], real: corpus.RealData) -> dict[str, Json]:
    vectors, seeds = fit_vectors(real.plain), corpus.seeds()
    layered = [*written, *real.train]
    held = held_out(layered, seeds, vectors)
    layers = crossed(held)
    of_written, of_real = range(len(written)), range(len(written), len(layered))

    def layer(chosen: Sequence[int]) -> dict[str, Json]:
        return scores(
            [int(held.answers[at]) for at in chosen], [int(layers[at].argmax()) for at in chosen], DEFAULT_LAYERS
        )

    return {
        "layer_written": {
            "all": layer(of_written),
            "slices": slices(of_written, layered, layer),
            "calibration": calibration(layers[list(of_written)], held.answers[list(of_written)].tolist()),
            "layer_set": layer_sets(held, layers, of_written),
            "secondary": _secondary(model, written, layers),
        },
        "layer_real_train_unseen_repositories": {
            "all": layer(of_real),
            "slices": slices(of_real, layered, layer),
            "layer_set": layer_sets(held, layers, of_real),
            **_natural(held, layers, of_real),
        },
        "calibration_of_both": calibration(layers, held.answers.tolist()),
        "role": _roles(model, layered, layers, len(written)),
        "kind": kinds_by_folds(model, layered, [one for one in real.plain if one.kind is not None]),
        "decisions_teach": replay(
            model, real.train, layers[len(written) :], held.answers[len(written) :].tolist(), real.plain
        ),
    }


def ablation(data: Path) -> dict[str, Json]:
    """Macro-F1 of the layers without each family of features, trained anew each time."""
    written, real, seeds = corpus.written(), corpus.real(data), corpus.seeds()
    vectors, layered = fit_vectors(real.plain), [*written, *real.train]
    whole = fit_layers.LAYER_RECIPE
    found: dict[str, Json] = {}
    for family in ("", *(name for name, scale in whole.scales.items() if scale)):
        fit_layers.LAYER_RECIPE = replace(whole, scales=whole.scales | ({family: 0.0} if family else {}))
        held = held_out(layered, seeds, vectors)
        guess = held.votes[:, 0].argmax(axis=1)
        found[f"without {family}" if family else "all families"] = {
            "written": _macro(held, guess, range(len(written))),
            "real_unseen_repositories": _macro(held, guess, range(len(written), len(layered))),
        }
    fit_layers.LAYER_RECIPE = whole
    return found


def _macro(held: HeldOut, guess: NDArray[np.int64], chosen: Sequence[int]) -> Json:
    found = scores([int(held.answers[at]) for at in chosen], [int(guess[at]) for at in chosen], DEFAULT_LAYERS)
    return {name: found[name] for name in ("accuracy", "macro_f1", "macro_f1_95")}


def layer_sets(held: HeldOut, layers: Doubles, chosen: Sequence[int]) -> dict[str, Json]:
    """Coverage and size of the sets, with floors that were fitted on the other folds."""
    sets = np.zeros(layers.shape, dtype=np.bool_)
    for fold in sorted(set(held.folds.tolist())):
        floors = floors_without(layers, held, fold)
        at = np.flatnonzero(held.folds == fold)
        sets[at] = layers[at] >= floors[held.rough[at].astype(int)][:, None]
    sets[np.arange(len(layers)), layers.argmax(axis=1)] = True
    asked = list(chosen)
    holds = sets[asked, held.answers[asked]]
    low, high = wilson(int(holds.sum()), len(asked))
    weights = held.weights[asked]
    return {
        "n": len(asked),
        "coverage": round(float(holds.mean()), 3),
        "coverage_95": [round(low, 3), round(high, 3)],
        "mean_size": round(float(sets[asked].sum(axis=1).mean()), 2),
        "coverage_natural_mix": round(float(np.average(holds, weights=weights)), 3),
        "coverage_of_layers": {
            str(name): round(float(holds[held.answers[asked] == at].mean()), 3)
            for at, name in enumerate(DEFAULT_LAYERS)
        },
    }


def _natural(held: HeldOut, layers: Doubles, chosen: Sequence[int]) -> dict[str, Json]:
    """Accuracy where each layer counts as often as it occurs among real issues."""
    asked = list(chosen)
    right = layers[asked].argmax(axis=1) == held.answers[asked]
    return {"accuracy_natural_mix": round(float(np.average(right, weights=held.weights[asked])), 3)}


def _secondary(model: LexicalModel, written: list[Example], layers: Doubles) -> dict[str, Json]:
    """Layers over folds; which layers go together is one small table of all written tickets."""
    said = true = hit = 0
    for one, probabilities in zip(written, layers[: len(written)], strict=True):
        named = {DEFAULT_LAYERS[at] for at in model.seconds(probabilities)}
        said, true, hit = said + len(named), true + len(one.secondary), hit + len(named & set(one.secondary))
    return {
        "named": said,
        "true": true,
        "precision": round(hit / max(1, said), 3),
        "recall": round(hit / max(1, true), 3),
    }


def slices(chosen: Sequence[int], examples: Sequence[Example], figure: Figure) -> dict[str, Json]:
    """The same figure for each language, length, difficulty and look."""
    groups: dict[str, list[int]] = {}
    for at in chosen:
        for name in _slices_of(examples[at]):
            groups.setdefault(name, []).append(at)
    shown = sorted(name for name, listed in groups.items() if len(listed) >= FEWEST)
    keep = ("n", "accuracy", "accuracy_95", "macro_f1")
    return {name: {key: value for key, value in figure(groups[name]).items() if key in keep} for name in shown}


def _slices_of(one: Example) -> list[str]:
    size = len(one.title) + len(one.body)
    language = "cjk" if _CJK.search(one.title + one.body) else "other" if one.language not in ("", "en") else "latin"
    length = "short" if size < SHORT else "long" if size > LONG else "middle"
    look = "tracker" if reading_of(one).rough else "plain"
    found = [f"language {language}", f"length {length}", f"look {look}"]
    return [*found, f"difficulty {one.difficulty}"] if one.difficulty else found


def _roles(model: LexicalModel, layered: list[Example], layers: Doubles, written: int) -> dict[str, Json]:
    folds = folds_of(layered)
    rows = [model.features.row(reading_of(one)) for one in layered]
    kinds = kinds_of(model.kind, layered, model.features)
    guess = [0] * len(layered)
    for fold in range(FOLDS):
        train = [at for at in range(len(layered)) if folds[at] != fold]
        head = fit_roles([layered[at] for at in train], model.features, layers[train], kinds[train])
        for at in range(len(layered)):
            if folds[at] == fold:
                row = with_answers(rows[at], model.features.size, layers[at], kinds[at])
                guess[at] = int(head.scores(row).argmax())
    truth = [ROLES.index(one.role) for one in layered if one.role is not None]
    return {
        "written": scores(truth[:written], guess[:written], ROLES),
        "real_train": scores(truth[written:], guess[written:], ROLES),
    }


def kinds_by_folds(model: LexicalModel, layered: list[Example], plain: list[Example]) -> dict[str, Json]:
    """Kinds of repositories that the head never saw, as filed and with forms and prefixes stripped.

    All issues are asked about, in their natural mix; taught is the same even share of them that training takes.
    """
    asked = [*layered, *plain]
    teach = {id(one) for one in (*layered, *even_share(teachable(plain)))}
    folds = folds_of(asked)
    bare = [replace(one, title=bare_title(one.title), body=_without_form(one.body)) for one in asked]
    full, stripped = np.zeros((len(asked), len(KINDS))), np.zeros((len(asked), len(KINDS)))
    for fold in range(FOLDS):
        taught = [one for one, at in zip(asked, folds, strict=True) if at != fold and id(one) in teach]
        heads = fit_kinds(taught, [], model.features)
        for at, one in enumerate(asked):
            if folds[at] == fold:
                full[at] = heads.of(rough=reading_of(one).rough).scores(model.features.row(reading_of(one)))
                read = reading_of(bare[at])
                stripped[at] = heads.of(rough=read.rough).scores(model.features.row(read))
    truth = [KINDS.index(one.kind) for one in asked if one.kind is not None]
    named = [named_kind(one.title) for one in asked]
    said = [KINDS.index(name) if name else int(one.argmax()) for name, one in zip(named, full, strict=True)]
    plainly = [int(one.argmax()) for one in stripped]
    three = [KINDS.index(kind) for kind in BASE_KINDS]
    base = [at for at in range(len(layered), len(asked)) if truth[at] in three]
    habit = by_habit(plain)
    usual = [at for at in base if asked[at].source not in habit]

    def figure(chosen: Sequence[int], guess: Sequence[int], among: Sequence[int] = ()) -> dict[str, Json]:
        return scores([truth[at] for at in chosen], [guess[at] for at in chosen], KINDS, among)

    written = [at for at, one in enumerate(layered) if one.origin == "written"]
    labelled = [at for at, one in enumerate(layered) if one.origin == "real"]
    return {
        "question_lift": QUESTION_LIFT,
        "clicked_unseen_repositories": figure(base, said, three),
        "clicked_unseen_repositories_stripped": figure(base, plainly, three),
        "clicked_without_repositories_that_ask_by_habit": figure(usual, said, three),
        "repositories_that_ask_by_habit": [*sorted(habit)],
        "written": figure(written, said),
        "real_train": figure(labelled, said),
    }


def _without_form(body: str) -> str:
    return "\n".join(line.text for line in lines_of(body) if line.prose or line.fenced)
