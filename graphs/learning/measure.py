"""All figures of the local engine: `python -m graphs.learning.measure --data DIR` prints one JSON object.

Owns what is compared with what. Figures of written tickets, of kinds and of roles come from folds that keep a
repository whole; figures of the real measuring set come from the shipped model, which never saw it.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graphs.learning import artefact, corpus
from graphs.learning.corpus import DEFAULT_LAYERS, KINDS, ROLES, Example, TwiceLabelled
from graphs.learning.engine import answer, named_kind
from graphs.learning.features import Vectors
from graphs.learning.figures import Json, calibration, scores
from graphs.learning.fit import (
    FOLDS,
    best_temperature,
    even_share,
    fit_kinds,
    fit_roles,
    fit_vectors,
    folds_of,
    out_of_fold,
    reading_of,
)
from graphs.learning.risks import risks_of
from graphs.learning.scoring import LexicalModel, softmax, with_answers
from graphs.model import CleanTicket, HygieneReport, InstallId, Kind, Login, Risk, TicketRef, TrackerName

Doubles = NDArray[np.float64]
BASE_KINDS = (Kind.BUG, Kind.FEATURE, Kind.QUESTION)


def measure(data: Path, folder: Path = artefact.SHIPPED) -> dict[str, Json]:
    started = time.perf_counter()
    model = artefact.load(folder)
    loaded = time.perf_counter() - started
    real = corpus.real(data)
    return {
        "engine": artefact.ENGINE,
        "bytes": sum(one.stat().st_size for one in folder.glob(f"{artefact.ENGINE}.*")),
        "risk_on_written": _risks(corpus.written()),
        "real_dev": _real_dev(model, real.dev),
        "speed": {**_speed(model, [one.example for one in real.dev]), "load_ms": round(loaded * 1000, 1)},
        "folds": _folds(model, corpus.written(), real),
    }


TURNS = 3
"""Written tickets are few: three ways of dealing them into folds are averaged."""


def _folds(model: LexicalModel, written: list[Example], real: corpus.RealData) -> dict[str, Json]:
    """Layer, role and kind by models that never saw the repository they are asked about."""
    vectors, seeds = fit_vectors(real.plain), corpus.seeds()
    layered = [*written, *real.train]
    raw = out_of_fold(layered, seeds, vectors)
    truth = [DEFAULT_LAYERS.index(one.layer) for one in layered if one.layer is not None]
    layers = softmax(raw / best_temperature(raw, truth))
    return {
        "layer_written": _written(written, [*seeds, *real.train], vectors, model.layer.temperature),
        "layer_real_train_unseen_repositories": _layer_scores(range(len(written), len(layered)), truth, layers),
        "role": _roles(model, layered, layers, len(written)),
        "kind": _kinds(model, layered, even_share(real.plain), len(written)),
    }


def _written(written: list[Example], always: list[Example], vectors: Vectors, temperature: float) -> dict[str, Json]:
    """All turns together: in the scores every ticket counts `TURNS` times."""
    truth = [DEFAULT_LAYERS.index(one.layer) for one in written if one.layer is not None] * TURNS
    turns = [softmax(out_of_fold(written, always, vectors, turn) / temperature) for turn in range(TURNS)]
    layers = np.concatenate(turns)
    each = [_layer_scores(range(len(written)), truth, one)["macro_f1"] for one in turns]
    levels = {
        level: _layer_scores(
            [at for at in range(len(truth)) if written[at % len(written)].difficulty == level], truth, layers
        )
        for level in ("easy", "medium", "hard")
    }
    return {
        "tickets": len(written),
        "turns": TURNS,
        "macro_f1_of_turns": each,
        "all": _layer_scores(range(len(truth)), truth, layers),
        **levels,
        "calibration": calibration(layers, truth),
    }


def _layer_scores(chosen: Sequence[int], truth: Sequence[int], layers: Doubles) -> dict[str, Json]:
    return scores([truth[at] for at in chosen], [int(layers[at].argmax()) for at in chosen], DEFAULT_LAYERS)


def _roles(model: LexicalModel, layered: list[Example], layers: Doubles, written: int) -> dict[str, Json]:
    folds = folds_of(layered)
    rows = [model.features.row(reading_of(one)) for one in layered]
    kinds = np.stack([model.kind.probabilities(row) for row in rows])
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


def _kinds(model: LexicalModel, layered: list[Example], plain: list[Example], written: int) -> dict[str, Json]:
    """`text_only` reads titles without prefixes such as `[Bug]`; `with_prefix` believes them, as the engine does."""
    asked = [*layered, *plain]
    folds = folds_of(asked)
    guess = np.zeros((len(asked), len(KINDS)))
    for fold in range(FOLDS):
        head = fit_kinds([one for one, at in zip(asked, folds, strict=True) if at != fold], [], model.features)
        for at, one in enumerate(asked):
            if folds[at] == fold:
                guess[at] = head.scores(model.features.row(reading_of(one)))
    truth = [KINDS.index(one.kind) for one in asked if one.kind is not None]
    text = [int(one.argmax()) for one in guess]
    named = [named_kind(one.title) for one in asked]
    full = [KINDS.index(name) if name else at for name, at in zip(named, text, strict=True)]
    three = [KINDS.index(kind) for kind in BASE_KINDS]
    of_three = [three[int(one[three].argmax())] for one in guess]
    base = [at for at in range(len(layered), len(asked)) if truth[at] in three]
    unseen = range(len(layered), len(asked))
    return {
        "clicked_unseen_repositories_text_only": scores(
            [truth[at] for at in unseen], [text[at] for at in unseen], KINDS
        ),
        "clicked_unseen_repositories_with_prefix": scores(
            [truth[at] for at in unseen], [full[at] for at in unseen], KINDS
        ),
        "clicked_bug_feature_question_text_only": scores(
            [truth[at] for at in base], [of_three[at] for at in base], KINDS
        ),
        "written_text_only": scores(truth[:written], text[:written], KINDS),
        "real_train_text_only": scores(truth[written : len(layered)], text[written : len(layered)], KINDS),
    }


def _real_dev(model: LexicalModel, dev: list[TwiceLabelled]) -> dict[str, Json]:
    answers = [answer(model, ticket_of(one.example), artefact.ENGINE) for one in dev]
    guess = [DEFAULT_LAYERS.index(one.layer) for one in answers]
    first = [DEFAULT_LAYERS.index(one.layers[0]) for one in dev]
    agreed = [at for at, one in enumerate(dev) if one.layers[0] == one.layers[1]]
    known = [at for at in agreed if answers[at].known_ground]
    unknown = [at for at in agreed if not answers[at].known_ground]
    kinds = [at for at, one in enumerate(dev) if one.kinds[0] == one.kinds[1]]
    roles = [at for at, one in enumerate(dev) if one.roles[0] == one.roles[1]]
    probabilities = np.array([[one.layer_scores[layer] for layer in DEFAULT_LAYERS] for one in answers])
    either = [DEFAULT_LAYERS.index(one.layers[1]) for one in dev]
    hits = [guess[at] in (first[at], either[at]) for at in range(len(dev))]

    def layer(chosen: Sequence[int]) -> dict[str, Json]:
        return scores([first[at] for at in chosen], [guess[at] for at in chosen], DEFAULT_LAYERS)

    return {
        "layer_both_labels_agree": layer(agreed),
        "layer_either_label": {"n": len(dev), "accuracy": round(sum(hits) / len(dev), 3)},
        "largest_class_always": round(max(np.bincount([first[at] for at in agreed])) / len(agreed), 3),
        "calibration": calibration(probabilities[agreed], [first[at] for at in agreed]),
        "known_ground": layer(known),
        "unknown_ground": layer(unknown),
        "kind": scores(
            [KINDS.index(dev[at].kinds[0]) for at in kinds], [KINDS.index(answers[at].kind) for at in kinds], KINDS
        ),
        "role": scores(
            [ROLES.index(dev[at].roles[0]) for at in roles], [ROLES.index(answers[at].role) for at in roles], ROLES
        ),
        "with_evidence": round(sum(bool(one.evidence) for one in answers) / len(dev), 3),
    }


def _risks(written: list[Example]) -> dict[str, Json]:
    found = [(set(one.risks), set(risks_of(one.title, one.body))) for one in written]
    figures: dict[str, Json] = {}
    for name, flags in [*((str(risk), {risk}) for risk in Risk), ("any", set(Risk))]:
        true = sum(bool(truth & flags) for truth, _ in found)
        said = sum(bool(guess & flags) for _, guess in found)
        hit = sum(bool(truth & flags) and bool(guess & flags) for truth, guess in found)
        figures[name] = {
            "n": true,
            "said": said,
            "precision": round(hit / said, 3) if said else None,
            "recall": round(hit / true, 3) if true else None,
        }
    return figures


def _speed(model: LexicalModel, examples: list[Example]) -> dict[str, Json]:
    tickets = [ticket_of(one) for one in examples]
    spent = []
    for ticket in tickets:
        started = time.thread_time()
        answer(model, ticket, artefact.ENGINE)
        spent.append((time.thread_time() - started) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "n": len(spent),
        "median_cpu_ms": round(float(np.median(spent)), 2),
        "p95_cpu_ms": round(float(np.quantile(spent, 0.95)), 2),
        "max_cpu_ms": round(max(spent), 2),
        "peak_rss_mb_with_the_issues_loaded": round(peak / (1024 if sys.platform == "linux" else 1024**2)),
    }


def ticket_of(example: Example) -> CleanTicket:
    return CleanTicket(
        ref=TicketRef(tracker=TrackerName.GITHUB, install=InstallId("measure"), project="a/b", number="1"),
        url="",
        title=example.title,
        body=example.body,
        author=Login(""),
        labels=(),
        assignees=(),
        private=False,
        version="",
        hygiene=HygieneReport(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the local engine.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds golden/ and data/ with real issues")
    parser.add_argument("--model", type=Path, default=artefact.SHIPPED, help="folder of the model")
    chosen = parser.parse_args()
    print(json.dumps(measure(chosen.data, chosen.model), indent=1))  # noqa: T201  # the command's answer


if __name__ == "__main__":
    main()
