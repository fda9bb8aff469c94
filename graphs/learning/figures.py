"""Accuracy, macro-F1 and calibration of answers.

Owns the formulas; knows nothing of tickets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

Json = JsonValue
Doubles = NDArray[np.float64]
BINS = 10


def scores(truth: Sequence[int], guess: Sequence[int], names: Sequence[str]) -> dict[str, Json]:
    """Macro-F1 is the mean over the answers that occur in truth or guess."""
    right = sum(one == other for one, other in zip(truth, guess, strict=True))
    each = {str(name): _f1(truth, guess, at) for at, name in enumerate(names) if at in set(truth) | set(guess)}
    return {
        "n": len(truth),
        "accuracy": round(right / len(truth), 3) if truth else None,
        "macro_f1": round(sum(each.values()) / len(each), 3) if each else None,
        "f1": {name: round(value, 3) for name, value in each.items()},
        "support": {str(name): list(truth).count(at) for at, name in enumerate(names)},
    }


def _f1(truth: Sequence[int], guess: Sequence[int], answer: int) -> float:
    both = sum(one == answer == other for one, other in zip(truth, guess, strict=True))
    either = list(truth).count(answer) + list(guess).count(answer)
    return 2 * both / either if either else 0.0


def calibration(probabilities: Doubles, truth: Sequence[int]) -> dict[str, Json]:
    """Expected calibration error over ten bins, and accuracy where the model is surest."""
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == np.asarray(truth)
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    error = sum(
        float((bins == one).mean()) * abs(float(right[bins == one].mean()) - float(sure[bins == one].mean()))
        for one in set(bins.tolist())
    )
    order = np.argsort(-sure, kind="stable")
    return {
        "expected_error": round(error, 3),
        "mean_confidence": round(float(sure.mean()), 3),
        "accuracy_of_surest": {
            f"{share:.0%}": round(float(right[order[: max(1, int(share * len(order)))]].mean()), 3)
            for share in (0.3, 0.5, 0.7)
        },
    }
