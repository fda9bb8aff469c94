"""Accuracy, macro-F1 and calibration of answers.

Owns the formulas; knows nothing of tickets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from graphs import rates

Json = JsonValue
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
BINS = 15
RESAMPLES = 400
SEED = 20_261_123


def scores(
    truth: Sequence[int], guess: Sequence[int], names: Sequence[str], among: Collection[int] = ()
) -> dict[str, Json]:
    """Macro-F1 is the mean over the answers `among`, or else over those that occur in truth or guess."""
    right = sum(one == other for one, other in zip(truth, guess, strict=True))
    low, high = wilson(right, len(truth))
    true, said = np.asarray(truth, dtype=np.int64), np.asarray(guess, dtype=np.int64)
    spread = resampled(lambda at: _macro(true[at], said[at], among), len(truth))
    occur = set(truth) | set(guess)
    each = {str(name): _f1(truth, guess, at) for at, name in enumerate(names) if at in (among or occur)}
    return {
        "n": len(truth),
        "accuracy": round(right / len(truth), 3) if truth else None,
        "accuracy_95": [round(low, 3), round(high, 3)],
        "macro_f1": round(sum(each.values()) / len(each), 3) if each else None,
        "macro_f1_95": [round(one, 3) for one in spread],
        "f1": {name: round(value, 3) for name, value in each.items()},
        "support": {str(name): list(truth).count(at) for at, name in enumerate(names)},
    }


def _macro(truth: Ints, guess: Ints, among: Collection[int]) -> float:
    """The same macro-F1, for drawn tickets."""
    size = int(max(truth.max(), guess.max(), *among)) + 1
    both = np.bincount(truth[truth == guess], minlength=size)
    either = np.bincount(truth, minlength=size) + np.bincount(guess, minlength=size)
    counted = either > 0
    if among:
        counted &= np.isin(np.arange(size), list(among))
    return float(np.mean(2 * both[counted] / either[counted]))


def _f1(truth: Sequence[int], guess: Sequence[int], answer: int) -> float:
    both = sum(one == answer == other for one, other in zip(truth, guess, strict=True))
    either = list(truth).count(answer) + list(guess).count(answer)
    return 2 * both / either if either else 0.0


def calibration(probabilities: Doubles, truth: Sequence[int]) -> dict[str, Json]:
    """Expected calibration error over bins of equal size, plain and debiased, and accuracy of the surest."""
    sure = np.asarray(probabilities.max(axis=1), dtype=np.float64)
    right = np.asarray(probabilities.argmax(axis=1) == np.asarray(truth))
    low, high = resampled(lambda at: debiased_error(sure[at], right[at]), len(sure))
    order = np.argsort(-sure, kind="stable")
    return {
        "n": len(sure),
        "debiased_error": round(debiased_error(sure, right), 3),
        "debiased_error_95": [round(low, 3), round(high, 3)],
        "expected_error": round(
            sum(len(one) / len(sure) * abs(float(right[one].mean() - sure[one].mean())) for one in _bins(sure)), 3
        ),
        "mean_confidence": round(float(sure.mean()), 3),
        "accuracy": round(float(right.mean()), 3),
        "accuracy_of_surest": {
            f"{share:.0%}": round(float(right[order[: max(1, int(share * len(order)))]].mean()), 3)
            for share in (0.3, 0.5, 0.7)
        },
    }


def debiased_error(sure: Doubles, right: Bools) -> float:
    """Root of the mean squared gap between confidence and accuracy, less what chance alone would show.

    Kumar, Liang and Ma, "Verified Uncertainty Calibration" (2019): per bin (p - a)^2 - a (1 - a) / (n - 1). A sum below
    zero counts as 0.
    """
    total = 0.0
    for one in _bins(sure):
        hits = float(right[one].mean())
        noise = hits * (1 - hits) / max(1, len(one) - 1)
        total += len(one) / len(sure) * ((float(sure[one].mean()) - hits) ** 2 - noise)
    return math.sqrt(max(0.0, total))


def _bins(sure: Doubles) -> list[Ints]:
    return [one for one in np.array_split(np.argsort(sure, kind="stable"), BINS) if len(one)]


def resampled(figure: Callable[[Ints], float], size: int) -> tuple[float, float]:
    """The 95 % interval of a figure by the percentile bootstrap; `figure` is given the drawn indices. Fixed seed."""
    draw = np.random.default_rng(SEED)
    drawn = [figure(draw.integers(0, size, size)) for _ in range(RESAMPLES)] if size else [0.0]
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a share; all of 0 to 1 where nothing was asked."""
    return rates.wilson(hits, total) if total else (0.0, 1.0)
