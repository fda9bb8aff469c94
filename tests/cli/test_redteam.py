"""`strata redteam`: its report ends as promised, and a broken promise ends it with 1."""

from __future__ import annotations

import json

import pytest

from bot.redteam import report
from bot.redteam.running import Failure
from graphs.redteam import corpus
from tests.cli.strata import Strata

ENDS = [
    "patterns",
    "variants",
    "deterministic_failures",
    "label_flip",
    "owner_flip",
    "severity_drift",
    "benign_utility",
]
FEW = ("redteam", "--variants", "1", "--lies", "1", "--adapt", "2")


@pytest.fixture(autouse=True)
def _few_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them take a minute: `tests/redteam` tries each."""
    some = corpus.patterns()[::12]
    for module in ("bot.redteam.report", "graphs.redteam.variants", "graphs.redteam.flips", "bot.redteam.running"):
        monkeypatch.setattr(f"{module}.patterns", lambda: some)


def test_the_json_ends_with_the_figures(strata: Strata) -> None:
    ended = strata(*FEW, "--json")
    found = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert list(found)[-len(ENDS) :] == ENDS
    assert (found["patterns"], found["variants"], found["deterministic_failures"]) == (6, 6, [])
    assert found["label_flip"]["figure"]["method"] == "wilson"
    assert found["benign_utility"]["figure"]["n"] == 20
    assert strata(*FEW, "--json").out == ended.out


def test_people_get_lines(strata: Strata) -> None:
    ended = strata(*FEW)
    assert ended.code == 0
    assert "Promises broken: none" in ended.out


def test_a_broken_promise_ends_with_1(strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> list[Failure]:
        return [Failure(pattern=1, variant="1.0", lie="obeys", what="a secret is in the record")]

    monkeypatch.setattr(report, "deterministic", fails)
    ended = strata(*FEW)
    assert ended.code == 1
    assert "pattern 1, variant 1.0, against “obeys”: a secret is in the record" in ended.out


def test_a_wrong_number_ends_with_2(strata: Strata) -> None:
    assert strata("redteam", "--variants", "0").code == 2
