"""What a model's word for its certainty is worth: the table at first, then what was decided; the order stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.record.lessons import Made
from bot.service.certainties import counted
from graphs.agent.answer import Sure
from graphs.agent.certainty import LEAST, PRIOR, TABLE, Judged, learnt
from graphs.agent.concluding import shares
from graphs.model import LayerId
from tests.agent.doubles import a_bench, a_dossier, said, verdict
from tests.builders import MODEL, RETRIEVAL, an_analysis


def judged(**counts: tuple[int, int]) -> dict[Sure, Judged]:
    return {Sure(word): Judged(right=right, of=of) for word, (right, of) in counts.items()}


def test_too_few_decisions_leave_the_table_as_it_is() -> None:
    assert learnt({}) == TABLE
    assert learnt(judged(certain=(0, LEAST - 1))) == TABLE


@pytest.mark.parametrize(
    ("counts", "of", "share"),
    [
        ({"certain": (20, 20)}, Sure.CERTAIN, (20 + 18) / 40),
        ({"certain": (30, 60)}, Sure.CERTAIN, (30 + 18) / 80),
        ({"likely": (80, 80)}, Sure.LIKELY, 0.9),
        ({"likely": (40, 80)}, Sure.LIKELY, (40 + 14) / 100),
        ({"unsure": (20, 80)}, Sure.UNSURE, (20 + 9) / 100),
        ({"certain": (300, 480), "likely": (480, 480)}, Sure.LIKELY, (300 + 18) / 500),
    ],
)
def test_the_formula(counts: Mapping[str, tuple[int, int]], of: Sure, share: float) -> None:
    """(right + 20 p0) / (n + 20), and "likely" is never worth more than "certain"."""
    found = learnt(judged(**counts))
    assert found.of[of] == pytest.approx(share)
    assert found.of[Sure.CERTAIN] >= found.of[Sure.LIKELY] >= found.of[Sure.UNSURE]
    assert found.judged == {word: counts.get(word.value, (0, 0))[1] for word in Sure}


@pytest.mark.parametrize("share", [0.05, 0.2, 0.45, 0.9, 0.99])
@pytest.mark.parametrize("local", [None, an_analysis(MODEL, 0.99), an_analysis(RETRIEVAL, 0.4)])
def test_a_learnt_share_is_the_chosen_layers_where_that_can_be(share: float, local: object) -> None:
    layers = a_dossier().layers
    found = shares(RETRIEVAL, share, layers, [LayerId("business_workflow")], local)  # type: ignore[arg-type]  # as above
    assert sum(found.values()) == pytest.approx(1)
    assert max(found, key=lambda one: found[one]) == RETRIEVAL
    assert found[RETRIEVAL] == pytest.approx(max(share, 1 / len(layers) + 0.01))


class Decided:
    """Implements `graphs.agent.certainty.Decided`."""

    async def judged(self, place: str, model: str, prompts: str) -> Mapping[Sure, Judged]:
        assert (place, model) == (a_dossier().ticket.ref.place, "claude-haiku-5-5")
        assert prompts.startswith("triage/v1@")
        return judged(likely=(20, 80))


async def test_an_answer_carries_what_its_word_is_worth_and_from_how_much_that_is_known() -> None:
    bench = a_bench(said(verdict(sure="likely")))
    plain = (await bench.agent().ask(a_dossier(), None)).analysis
    taught = (await replace(bench, kit=replace(bench.kit, decided=Decided())).agent().ask(a_dossier(), None)).analysis
    assert plain is not None
    assert taught is not None
    assert [plain.confidence, taught.confidence] == pytest.approx([PRIOR[Sure.LIKELY], 0.34])
    assert plain.opinion is not None
    assert taught.opinion is not None
    assert (plain.opinion.certainty_learned_from, taught.opinion.certainty_learned_from) == (0, 80)
    assert plain.opinion.versions["certainty"] == "likely"


def test_other_prompts_teach_nothing() -> None:
    made = [
        Made(was_right=right, versions={"agent_prompts": prompts, "certainty": word})
        for right, prompts, word in [(True, "p1", "likely"), (False, "p1", "likely"), (True, "p2", "likely")]
    ]
    made += [Made(was_right=True, versions={"engine": "local-lexical-3"})]
    assert counted(made, "p1") == judged(likely=(1, 2))
