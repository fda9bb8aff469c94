"""Formulas against known values, other implementations and simulations."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from graphs.evaluation.calibration import Booleans, bins, calibrated, error
from graphs.evaluation.classes import classify, macro_f1
from graphs.evaluation.comparing import Outcome, compare, mcnemar
from graphs.evaluation.coverage import best_point, curve, layer_sets
from graphs.evaluation.intervals import Doubles, mean, resampled, share
from graphs.evaluation.ranking import ranked

NAMES = ("a", "b", "c")


def test_wilson_is_that_of_the_literature() -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263 and 0 of 20."""
    some, none = share(81, 263), share(0, 20)
    assert some is not None
    assert none is not None
    assert some.low == pytest.approx(0.2553, abs=1e-4)
    assert some.high == pytest.approx(0.3662, abs=1e-4)
    assert none.low == 0.0
    assert none.high == pytest.approx(0.1611, abs=1e-4)
    assert share(0, 0) is None


def test_the_bootstrap_holds_the_mean_and_is_the_same_each_time() -> None:
    values = np.random.default_rng(5).normal(3.0, 1.0, 400)
    first, second = mean(values), resampled(lambda rows: float(values[rows].mean()), 400, resamples=400)
    assert first is not None
    assert second is not None
    assert first.low is not None
    assert first.high is not None
    assert first.low < 3.0 < first.high
    # 1.96 standard errors of the mean, on either side
    assert first.high - first.low == pytest.approx(2 * 1.96 / 20, rel=0.1)
    assert first.value == second.value
    assert mean(values) == first


def test_classes_are_those_of_scikit_learn() -> None:
    draws = np.random.default_rng(1)
    truth, guess = draws.integers(0, 3, 300).tolist(), draws.integers(0, 3, 300).tolist()
    found = classify(truth, guess, NAMES)
    precision, recall, f1, support = precision_recall_fscore_support(truth, guess, labels=[0, 1, 2])
    for at, one in enumerate(found.classes):
        assert one.precision is not None
        assert one.recall is not None
        assert one.f1 is not None
        assert one.precision.value == pytest.approx(precision[at], abs=1e-4)
        assert one.recall.value == pytest.approx(recall[at], abs=1e-4)
        assert one.f1.value == pytest.approx(f1[at], abs=1e-4)
        assert one.support == support[at]
    assert found.macro_f1 is not None
    assert found.macro_f1.value == pytest.approx(f1_score(truth, guess, average="macro"), abs=1e-4)
    assert [list(row) for row in found.confusion] == confusion_matrix(truth, guess).tolist()


def test_the_macro_f1_leaves_out_classes_that_nobody_named() -> None:
    assert macro_f1([0, 0, 1], [0, 0, 1], 3) == 1.0
    found = classify([0, 0, 1], [0, 0, 1], NAMES)
    assert found.classes[2].precision is None
    assert found.classes[2].f1 is None
    assert found.majority is not None
    assert found.majority.value == pytest.approx(2 / 3, abs=1e-4)
    assert found.majority_macro_f1 == pytest.approx(0.4, abs=1e-4)


def test_nothing_measured_gives_no_figure() -> None:
    found = classify([], [], NAMES)
    assert (found.n, found.accuracy, found.macro_f1) == (0, None, None)
    assert calibrated(np.zeros(0), np.zeros(0, dtype=np.bool_)) is None
    assert curve(np.zeros(0), np.zeros(0, dtype=np.bool_)) is None
    assert ranked([], []) is None


# --- calibration ----------------------------------------------------------------------------------------------------


def simulated(seed: int, off: float, n: int = 600) -> tuple[Doubles, Booleans]:
    """An engine that is `off` too sure."""
    draws = np.random.default_rng(seed)
    sure = draws.uniform(0.35, 0.95, n)
    return sure, draws.random(n) < sure - off


@pytest.mark.parametrize("off", [0.0, 0.1])
def test_the_error_interval_holds_the_true_error(off: float) -> None:
    found = [error(*simulated(seed, off), resamples=100) for seed in range(40)]
    held = sum(one.low <= off <= one.high for one in found if one.low is not None and one.high is not None)
    assert held >= 35


def test_the_debiased_error_is_nearer_to_the_truth_than_the_plain_one() -> None:
    found = [calibrated(*simulated(seed, 0.0, 300)) for seed in range(12)]
    debiased = [one.error.value for one in found if one is not None and one.error is not None]
    plain = [one.plain_error for one in found if one is not None and one.plain_error is not None]
    assert len(debiased) == len(plain) == 12
    assert np.mean(debiased) < 0.7 * np.mean(plain)


def test_bins_are_of_equal_size_and_sorted() -> None:
    sure, right = simulated(3, 0.0, 95)
    found = bins(sure, right)
    assert sum(one.n for one in found) == 95
    assert {one.n for one in found} <= {9, 10}
    assert [one.low for one in found] == sorted(one.low for one in found)
    assert all(one.low <= one.confidence <= one.high for one in found)


def test_few_tickets_tell_no_error() -> None:
    found = calibrated(*simulated(3, 0.0, 40))
    assert found is not None
    assert found.error is None


# --- coverage -------------------------------------------------------------------------------------------------------


def test_the_curve_trusts_the_surest_first_and_keeps_ties_together() -> None:
    sure = np.array([0.9] * 40 + [0.6] * 40)
    right = np.array([True] * 40 + [True] * 10 + [False] * 30)
    found = curve(sure, right)
    assert found is not None
    assert [(one.coverage, one.precision.value) for one in found.points] == [(0.5, 1.0), (1.0, 0.625)]
    assert found.best is not None
    assert (found.best.coverage, found.best.threshold) == (0.5, 0.9)


def test_a_threshold_needs_its_interval_and_enough_tickets() -> None:
    sure, right = np.full(19, 0.9), np.ones(19, dtype=np.bool_)
    assert best_point(sure, right, 0.5) is None
    # 37 of 40 is 92.5 %, but it might be 80 %
    assert best_point(np.full(40, 0.9), np.array([True] * 37 + [False] * 3), 0.9) is None
    assert best_point(np.full(40, 0.9), np.array([True] * 40), 0.9) is not None
    # abstained tickets have no confidence: no threshold is so low
    assert best_point(np.zeros(40), np.array([True] * 40), 0.9) is None


def test_layer_sets_are_counted() -> None:
    found = layer_sets([frozenset("ab"), frozenset("a"), frozenset("c")], ["a", "b", "c"])
    assert found.coverage is not None
    assert found.coverage.value == pytest.approx(2 / 3, abs=1e-4)
    assert found.sizes == {1: 2, 2: 1}
    assert found.by_class["b"].value == 0


# --- comparing ------------------------------------------------------------------------------------------------------


def test_mcnemar_is_the_exact_binomial_test() -> None:
    """10 against 2: 2 * P(X <= 2 | 12, 0.5) = 2 * 79 / 4096."""
    found = mcnemar([True] * 10 + [False] * 2 + [True] * 5, [False] * 10 + [True] * 2 + [True] * 5)
    assert (found.only_old, found.only_new) == (10, 2)
    assert found.p_value == pytest.approx(2 * 79 / 4096, abs=1e-6)
    assert mcnemar([True], [True]).p_value == 1.0


def outcomes(right: int, wrong: int, start: int = 0) -> list[Outcome]:
    guesses = ["a"] * right + ["b"] * wrong
    return [Outcome(id=str(at + start), truth="a", guess=one, confidence=0.5) for at, one in enumerate(guesses)]


def test_only_tickets_that_both_versions_answered_are_compared() -> None:
    found = compare(outcomes(30, 10), [*outcomes(20, 20), *outcomes(5, 0, start=100)])
    assert (found.paired, found.only_in_old, found.only_in_new) == (40, 0, 5)
    assert found.accuracy is not None
    assert found.accuracy.value == -0.25
    assert found.moved[0] == "20"
    relabelled = [one.model_copy(update={"truth": "c"}) for one in outcomes(30, 10)]
    assert compare(outcomes(30, 10), relabelled).truth_changed == 40


def test_ranks_are_counted_from_the_first_right_one() -> None:
    found = ranked([["x", "a"], ["b"], []], [{"a"}, {"b", "c"}, {"d"}], at=(1, 3))
    assert found is not None
    assert {k: one.value for k, one in found.hits.items()} == {1: 0.3333, 3: 0.6667}
    assert found.reciprocal_rank is not None
    assert found.reciprocal_rank.value == pytest.approx(0.5)
