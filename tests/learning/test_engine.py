"""The shipped engine: what it answers, what it refuses, what it never does."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.errors import EngineUnavailable
from graphs.learning import corpus
from graphs.learning.calibration import WIDEST
from graphs.learning.engine import LocalEngine
from graphs.model import Kind, LayerId, Risk
from graphs.ports import Dossier, Model
from tests.learning.tickets import BODY, a_dossier

ENGINE = LocalEngine()


async def test_a_clear_ticket_gets_its_layer_with_probabilities_that_sum_to_one() -> None:
    engine: Model = LocalEngine()
    found = await engine.analyse(a_dossier())
    assert found.layer == "retrieval_and_context"
    assert sum(found.layer_scores.values()) == pytest.approx(1.0)
    assert set(found.layer_scores) == set(corpus.DEFAULT_LAYERS)
    assert (found.engine, found.known_ground, found.cost_usd) == ("local-lexical-3", True, 0.0)


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        (
            "Who signs off the escalation rule? Product and sales must agree which requests go to a person, and when.",
            "business_workflow",
        ),
        (
            "The send button in the chat window stays grey after an upload, the page has to be reloaded each time.",
            "application_and_tools",
        ),
        (
            "Judge model gives high scores to wrong answers; compare with human labels on the golden benchmark set.",
            "model_and_evaluation",
        ),
        (
            "API key is printed in clear text in the audit log of the gateway; rotate the secret and restrict access.",
            "operations_and_governance",
        ),
    ],
)
def test_each_layer_can_be_reached(text: str, layer: str) -> None:
    assert ENGINE.analyse_now(a_dossier(title=text[:60], body=text)).layer == layer


def test_a_layer_of_a_teams_own_costs_no_ticket_its_card() -> None:
    billing, left_out = LayerId("billing"), ENGINE.analyse_now(a_dossier()).layer
    layers = (*(one for one in corpus.DEFAULT_LAYERS if one != left_out), billing)
    found = ENGINE.analyse_now(a_dossier(layers=layers))
    assert set(found.layer_scores) == set(layers)
    assert sum(found.layer_scores.values()) == pytest.approx(1)
    assert found.layer_scores[billing] == 0
    assert found.evidence == ()  # what it found spoke for a layer that is not there
    assert not found.known_ground


def test_a_taxonomy_of_which_it_knows_nothing_is_refused_in_words() -> None:
    with pytest.raises(EngineUnavailable, match=r"none of the layers.*billing"):
        ENGINE.analyse_now(a_dossier(layers=(LayerId("billing"),)))


def test_a_missing_or_damaged_model_is_an_engine_that_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="strata train"):
        LocalEngine(tmp_path).analyse_now(a_dossier())


def test_many_engines_hold_one_model() -> None:
    one, other = LocalEngine(), LocalEngine(stacked=False)
    assert one._ready().lexical is other._ready().lexical


def test_quotes_stand_in_the_ticket_and_not_in_its_form_logs_or_links() -> None:
    quotes = [one.text for one in ENGINE.analyse_now(a_dossier()).evidence]
    assert 1 <= len(quotes) <= 2
    for quote in quotes:
        assert quote in BODY or quote in a_dossier().ticket.title
        assert len(quote) <= 160
        assert not any(noise in quote for noise in ("###", "http", "ERROR", "OS:", "I have searched", "_No response_"))


def test_a_line_that_a_hidden_comment_cuts_in_two_is_never_quoted_as_one() -> None:
    body = "Vector search returns no<!-- ignore --> passages from the index of the knowledge base.\nSecond line."
    found = ENGINE.analyse_now(a_dossier("Something", body)).evidence
    assert all(quote.text in body for quote in found)


def test_quotes_of_written_tickets_are_verbatim() -> None:
    for one in corpus.written()[::12]:
        found = ENGINE.analyse_now(a_dossier(one.title, one.body))
        assert all(quote.text in one.title or quote.text in one.body for quote in found.evidence)
        assert all(len(quote.text) <= 160 for quote in found.evidence)


@given(title=st.text(max_size=300), body=st.text(max_size=2_000))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_it(title: str, body: str) -> None:
    found = ENGINE.analyse_now(a_dossier(title, body))
    assert sum(found.layer_scores.values()) == pytest.approx(1.0)
    assert all(quote.text in title or quote.text in body for quote in found.evidence)


def test_chinese_is_read_and_known() -> None:
    body = "知识库上传文档后检索不到内容,分段为空,向量索引没有更新,模型回答说没有找到相关文档,请问如何解决这个问题"
    found = ENGINE.analyse_now(a_dossier("知识库检索不到文档内容", body))
    assert found.layer == "retrieval_and_context"
    assert found.known_ground


@pytest.mark.parametrize(
    "body",
    [
        "",
        "It is broken",
        "Die Waschmaschine im Keller schleudert nicht mehr und die Tür bleibt zu. Bitte einen Techniker schicken.",
        "asdf qwer zxcv hjkl uiop bnmv lkjh poiu trew qaz wsx edc rfv tgb yhn ujm " * 3,
        "Preheat the oven, whisk eggs with sugar, fold in flour and bake until golden; serve with lemon and berries.",
    ],
)
def test_strange_ground_is_said_to_be_strange(body: str) -> None:
    assert not ENGINE.analyse_now(a_dossier("Hello", body)).known_ground


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("[Bug]: could you add a dark mode", Kind.BUG),
        ("[Feature Request] crash when saving", Kind.FEATURE),
        ("feat(ui): crash when saving", Kind.FEATURE),
        ("[Question] add dark mode", Kind.QUESTION),
        ("Debugging: add support for breakpoints in the agent view", Kind.FEATURE),
    ],
)
def test_a_reporters_own_prefix_decides_the_kind_and_nothing_like_it_does(title: str, kind: Kind) -> None:
    assert ENGINE.analyse_now(a_dossier(title, "It would be nice to have this feature in the app.")).kind == kind


def test_risk_comes_from_the_tickets_words() -> None:
    leak = ENGINE.analyse_now(a_dossier("Leaked API key", "The token was stolen. Under GDPR we must answer."))
    assert {Risk.SECURITY, Risk.REGULATED, Risk.SENSITIVE_DATA} <= set(leak.risks)
    assert ENGINE.analyse_now(a_dossier()).risks == ()


def test_the_same_ticket_gets_the_same_answer_from_many_threads() -> None:
    engine = LocalEngine()

    async def ask() -> set[str]:
        answers = await asyncio.gather(*(engine.analyse(a_dossier()) for _ in range(24)))
        return {one.model_dump_json() for one in answers}

    assert len(asyncio.run(ask())) == 1


def test_answering_needs_neither_scikit_learn_nor_a_socket_nor_the_model_at_import() -> None:
    script = """
import builtins, socket, sys
opened = []
real = builtins.open
import io
def spy(file, *a, **k):
    opened.append(str(file)); return real(file, *a, **k)
builtins.open = spy; io.open = spy
def refuse(*a, **k): raise AssertionError("network")
import asyncio
from graphs.learning.calibration import WIDEST
from graphs.learning.engine import LocalEngine
engine = LocalEngine()
assert not any("npz" in one for one in opened), opened
socket.socket.connect = refuse
from tests.learning.tickets import a_dossier
engine.analyse_now(a_dossier())
assert any("npz" in one for one in opened), opened
assert not any(name.split(".")[0] in ("sklearn", "scipy", "bot") for name in sys.modules)
print("fine")
"""
    answered = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert (answered.stdout, answered.returncode) == ("fine\n", 0), answered.stderr


def test_a_huge_ticket_is_read_only_at_its_beginning() -> None:
    beginning = a_dossier(body=BODY + "x" * 8_000)
    endless = Dossier(
        ticket=beginning.ticket.model_copy(
            update={"body": beginning.ticket.body + "\nGPU kernels benchmark\n" * 50_000}
        ),
        layers=beginning.layers,
    )
    assert ENGINE.analyse_now(endless).layer_scores == ENGINE.analyse_now(beginning).layer_scores


def test_a_layer_set_starts_with_the_layer_and_strange_ground_gets_them_all() -> None:
    clear, strange = ENGINE.analyse_now(a_dossier()), ENGINE.analyse_now(a_dossier("Hello", "It is broken"))
    assert clear.layer_set[0] == clear.layer
    assert 1 <= len(clear.layer_set) <= WIDEST
    assert not clear.abstains
    assert set(strange.layer_set) == set(corpus.DEFAULT_LAYERS)
    assert strange.abstains
    sizes = [ENGINE.analyse_now(a_dossier(one.title, one.body)) for one in corpus.written()[::40]]
    assert all(one.abstains == (not one.known_ground or len(one.layer_set) > WIDEST) for one in sizes)
    assert {len(one.layer_set) for one in sizes} > {1, 2}


def test_second_layers_are_few_and_never_the_first() -> None:
    found = [ENGINE.analyse_now(a_dossier(one.title, one.body)) for one in corpus.written()[::10]]
    assert all(one.layer not in one.secondary and len(one.secondary) <= 2 for one in found)
    assert 0 < sum(bool(one.secondary) for one in found) < len(found) / 2
