"""All figures of the local engine: `python -m graphs.learning.measure --data DIR` prints one JSON object.

Owns the command, and what the shipped model is asked: the real measuring set, which it never saw, risks and speed.
Figures of written tickets, kinds and roles come from folds (`graphs.learning.measure_folds`).
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

from graphs.learning import artefact, corpus
from graphs.learning.corpus import DEFAULT_LAYERS, KINDS, ROLES, Example, TwiceLabelled
from graphs.learning.engine import answer
from graphs.learning.figures import SEED, Json, calibration, scores, wilson
from graphs.learning.measure_folds import ablation, by_folds, slices
from graphs.learning.panel import Panel
from graphs.learning.risks import risks_of
from graphs.learning.scoring import LexicalModel
from graphs.model import Analysis, CleanTicket, HygieneReport, InstallId, LayerId, Login, Risk, TicketRef, TrackerName


def measure(data: Path, folder: Path = artefact.SHIPPED) -> dict[str, Json]:
    started = time.perf_counter()
    model = artefact.load(folder)
    loaded = time.perf_counter() - started
    real = corpus.real(data)
    return {
        "engine": artefact.ENGINE,
        "seed": SEED,
        "bytes": sum(one.stat().st_size for one in folder.glob(f"{artefact.ENGINE}.*")),
        "risk_on_written": _risks(corpus.written()),
        "real_dev": _real_dev(model, real.dev),
        "speed": {**_speed(model, [one.example for one in real.dev]), "load_ms": round(loaded * 1000, 1)},
        "folds": by_folds(model, corpus.written(), real),
    }


def _real_dev(model: LexicalModel, dev: list[TwiceLabelled]) -> dict[str, Json]:
    answers = [answer(Panel(model), ticket_of(one.example), artefact.ENGINE) for one in dev]
    guess = [DEFAULT_LAYERS.index(one.layer) for one in answers]
    first = [DEFAULT_LAYERS.index(one.layers[0]) for one in dev]
    agreed = [at for at, one in enumerate(dev) if one.layers[0] == one.layers[1]]
    kinds = [at for at, one in enumerate(dev) if one.kinds[0] == one.kinds[1]]
    roles = [at for at, one in enumerate(dev) if one.roles[0] == one.roles[1]]
    probabilities = np.array([[one.layer_scores[layer] for layer in DEFAULT_LAYERS] for one in answers])
    hits = sum(one.layer in both.layers for one, both in zip(answers, dev, strict=True))

    def layer(chosen: Sequence[int]) -> dict[str, Json]:
        return scores([first[at] for at in chosen], [guess[at] for at in chosen], DEFAULT_LAYERS)

    return {
        "layer_both_labels_agree": layer(agreed),
        "layer_either_label": {"n": len(dev), "accuracy": round(hits / len(dev), 3)},
        "largest_class_always": round(max(np.bincount([first[at] for at in agreed])) / len(agreed), 3),
        "calibration": calibration(probabilities[agreed], [first[at] for at in agreed]),
        "layer_set": _sets([answers[at] for at in agreed], [dev[at].layers[0] for at in agreed]),
        "known_ground": layer([at for at in agreed if answers[at].known_ground]),
        "unknown_ground": layer([at for at in agreed if not answers[at].known_ground]),
        "no_abstention": layer([at for at in agreed if not answers[at].abstains]),
        "slices": slices(agreed, [one.example for one in dev], layer),
        "kind": scores(
            [KINDS.index(dev[at].kinds[0]) for at in kinds], [KINDS.index(answers[at].kind) for at in kinds], KINDS
        ),
        "role": scores(
            [ROLES.index(dev[at].roles[0]) for at in roles], [ROLES.index(answers[at].role) for at in roles], ROLES
        ),
        "with_evidence": round(sum(bool(one.evidence) for one in answers) / len(dev), 3),
    }


def _sets(answers: Sequence[Analysis], truth: Sequence[LayerId]) -> dict[str, Json]:
    held = sum(right in one.layer_set for one, right in zip(answers, truth, strict=True))
    low, high = wilson(held, len(truth))
    return {
        "n": len(truth),
        "coverage": round(held / len(truth), 3),
        "coverage_95": [round(low, 3), round(high, 3)],
        "mean_size": round(float(np.mean([len(one.layer_set) for one in answers])), 2),
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
        answer(Panel(model), ticket, artefact.ENGINE)
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
    parser.add_argument("--ablation", action="store_true", help="instead: the layers without each family of features")
    chosen = parser.parse_args()
    found = ablation(chosen.data) if chosen.ablation else measure(chosen.data, chosen.model)
    print(json.dumps(found, indent=1))  # noqa: T201  # the command's answer


if __name__ == "__main__":
    main()
