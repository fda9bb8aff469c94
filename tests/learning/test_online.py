"""What the team decides teaches at once, no more than it should, and is forgotten when it is taken back."""

from __future__ import annotations

import numpy as np
import pytest

from graphs.learning.engine import LocalEngine
from graphs.learning.online import Decided, Memory
from graphs.model import LayerId, SlackUserId
from graphs.ports import Dossier
from tests.learning.tickets import a_dossier

ENGINE = LocalEngine()
SEARCH, RUNS = LayerId("retrieval_and_context"), LayerId("operations_and_governance")


def decided(
    number: int, layer: LayerId = RUNS, title: str = "Uploaded handbook is never found by search", by: str = "U1"
) -> Decided:
    ticket = a_dossier(title).ticket
    ref = ticket.ref.model_copy(update={"number": str(number)})
    return Decided(ticket=ticket.model_copy(update={"ref": ref}), layer=layer, by=SlackUserId(by))


def share(lessons: list[Decided], layer: LayerId, dossier: Dossier) -> float:
    return ENGINE.analyse_now(dossier, lessons).layer_scores[layer]


SIMILAR = a_dossier("The uploaded handbook cannot be found by our search")
OTHER = a_dossier("Send button stays grey", "The send button in the chat window stays grey after an upload.")


def test_one_correction_helps_the_very_next_similar_ticket_and_leaves_others_alone() -> None:
    before, after = share([], RUNS, SIMILAR), share([decided(1)], RUNS, SIMILAR)
    assert ENGINE.analyse_now(SIMILAR).layer == SEARCH
    assert after > before + 0.3
    assert ENGINE.analyse_now(SIMILAR, [decided(1)]).layer == RUNS
    assert share([decided(1)], RUNS, OTHER) == pytest.approx(share([], RUNS, OTHER), abs=0.03)


def test_nothing_decided_changes_nothing_and_taking_back_forgets() -> None:
    plain = ENGINE.analyse_now(SIMILAR)
    assert ENGINE.analyse_now(SIMILAR, []) == plain
    taught = ENGINE.analyse_now(SIMILAR, [decided(1), decided(2)])
    assert taught != plain
    assert ENGINE.analyse_now(SIMILAR, [decided(2)]) != taught
    assert ENGINE.analyse_now(SIMILAR, []) == plain


def test_the_order_of_decisions_does_not_matter_and_one_ticket_teaches_once() -> None:
    lessons = [decided(1), decided(2, SEARCH), decided(3, title="Nightly backup of the index fails")]
    one, other = (share(listed, RUNS, SIMILAR) for listed in (lessons, lessons[::-1]))
    assert one == pytest.approx(other)
    assert share([decided(1), decided(1, SEARCH)], RUNS, SIMILAR) == share([decided(1)], RUNS, SIMILAR)  # the newest


def test_a_confirmed_answer_moves_little() -> None:
    assert abs(share([decided(1, SEARCH)], SEARCH, SIMILAR) - share([], SEARCH, SIMILAR)) < share(
        [decided(1)], RUNS, SIMILAR
    ) - share([], RUNS, SIMILAR)


def test_one_author_cannot_outvote_the_rest() -> None:
    many = [decided(number, by="U1") for number in range(40)]
    rest = [decided(100 + number, SEARCH, by="U2") for number in range(20)]
    lessons = ENGINE.lessons([*many, *rest])
    weights = np.abs(Memory.of(lessons, 5).gaps).sum(axis=1) / np.abs(
        np.array([np.eye(5)[one.answer] - one.said for one in lessons])
    ).sum(axis=1)
    assert weights[:40].sum() == pytest.approx(30)
    assert weights[40:].sum() == pytest.approx(20)


def test_a_layer_that_the_engine_never_saw_teaches_nothing_and_breaks_nothing() -> None:
    assert ENGINE.analyse_now(SIMILAR, [decided(1, LayerId("billing"))]) == ENGINE.analyse_now(SIMILAR)


def test_precedents_are_the_most_alike_decided_tickets_best_first() -> None:
    lessons = [decided(1, title="Nightly backup of the index fails"), decided(2)]
    near = ENGINE.precedents(SIMILAR.ticket, lessons, 2)
    assert [key.rpartition("#")[2] for key, _ in near] == ["2", "1"]
    assert 1 >= near[0][1] > near[1][1] > 0
