"""Who answers, in which order, and what happens when money, time or the service runs out: never silence."""

from __future__ import annotations

import pytest

from bot.service.spending import MemoryJournal
from graphs.agent.budget import DAY_S, HOUR_S, Limits, Outcome
from graphs.agent.cascade import WATCHED, Cascade, Ladder
from graphs.agent.prompting import tokens_in
from graphs.agent.settling import LEAST, Settling, threshold
from graphs.agent.talk import ModelAway, ModelRejected, Reply, Request, Stop, Usage
from graphs.archive.past import Library
from graphs.errors import EngineUnavailable
from graphs.model import Analysis, Kind, LayerId, Opinion
from graphs.ports import Dossier
from graphs.rates import wilson
from tests.agent.doubles import Bench, Line, Shelf, a_bench, a_dossier, said, settled, verdict
from tests.builders import MODEL, RETRIEVAL, a_clean_ticket, a_ref, a_ticket, an_analysis

FAST, STRONG = "claude-haiku-5-5", "claude-sonnet-5-5"


class Local:
    """The local engine: one answer for all, or none."""

    name = "local-test"

    def __init__(self, answer: Analysis | None) -> None:
        self.answer = answer
        self.asked = 0

    async def analyse(self, dossier: Dossier) -> Analysis:
        self.asked += 1
        if self.answer is None:
            raise EngineUnavailable("no local engine")
        return self.answer


async def test_attempts_that_broke_off_are_in_the_books() -> None:
    """By an estimate of what was sent, whether an answer came in the end or not; and budgets know of them."""
    answered = said(verdict()).model_copy(update={"broke_off": 1})
    for line, attempts in ((answered, 1), (ModelAway("cut off", broke_off=2), 2)):
        bench = a_bench(line)
        spent = (await bench.agent().ask(a_dossier(), None)).spent
        [request] = bench.talker.requests
        once = tokens_in(request)
        told = Usage() if isinstance(line, ModelAway) else line.usage
        assert spent.usage == told.plus(Usage(lost=attempts * once))
        assert once > 3_000
        assert spent.usd == pytest.approx(((told.fresh + attempts * once) * 0.1 + told.written * 0.5) / 1e6, abs=1e-6)


def by_model(fast: Line, strong: Line) -> Line:
    def line(request: Request) -> Reply:
        chosen = fast if request.model == FAST else strong
        if isinstance(chosen, Exception):
            raise chosen
        return chosen(request) if callable(chosen) else chosen

    return line


def cascade(
    bench: Bench,
    local: Analysis | None,
    *,
    limits: Limits | None = None,
    second: bool = True,
    settling: Settling | None = None,
) -> Cascade:
    return Cascade(
        Ladder(
            local=Local(local),
            fast=bench.agent(FAST),
            strong=bench.agent(STRONG) if second else None,
            journal=bench.journal,
            limits=limits or bench.kit.limits,
            settling=settling,
        )
    )


def asked(bench: Bench) -> list[str]:
    return [one.model for one in bench.talker.requests]


AGREES = an_analysis(RETRIEVAL, 0.8)
SURE_OTHER = an_analysis(MODEL, 0.8)
UNSURE_OTHER = an_analysis(MODEL, 0.55)
STRANGE_OTHER = SURE_OTHER.model_copy(update={"known_ground": False})


@pytest.mark.parametrize(
    ("local", "sure", "models"),
    [
        (AGREES, "likely", [FAST]),
        (None, "certain", [FAST]),
        (UNSURE_OTHER, "likely", [FAST]),
        (STRANGE_OTHER, "likely", [FAST]),
        (SURE_OTHER, "certain", [FAST, STRONG]),
        (AGREES, "unsure", [FAST, STRONG]),
    ],
)
async def test_the_stronger_model_is_asked_where_it_may_change_the_answer(
    local: Analysis | None, sure: str, models: list[str]
) -> None:
    bench = a_bench(by_model(said(verdict(sure=sure)), said(verdict(sure="certain", kind="task"))))
    found = await cascade(bench, local).analyse(a_dossier())
    assert asked(bench) == models
    assert found.engine == models[-1]
    assert found.kind is (Kind.TASK if len(models) == 2 else Kind.BUG)
    assert found.cost_usd == pytest.approx(sum(one.usd for one in bench.journal.spent), abs=1e-6)
    assert [one.agreed for one in bench.journal.spent] == [None if local is None else local.layer == RETRIEVAL] * len(
        models
    )


FAULTS: list[Line] = [ModelAway("gone"), ModelRejected("unknown model"), said("", Stop.REFUSAL), said("nonsense")]


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_second_model_stands_in_for_the_first(fault: Line) -> None:
    bench = a_bench(by_model(fault, said(verdict())))
    found = await cascade(bench, AGREES).analyse(a_dossier())
    assert (found.engine, found.stands_in) == (STRONG, "")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("second", [True, False])
async def test_the_local_engine_stands_in_for_both_and_says_so(fault: Line, *, second: bool) -> None:
    bench = a_bench(fault)
    found = await cascade(bench, AGREES, second=second).analyse(a_dossier())
    assert found.engine == AGREES.engine
    assert found.layer_scores == AGREES.layer_scores
    assert found.stands_in
    assert found.opinion is None
    assert len(bench.journal.spent) == 1 + second


async def test_an_unsure_first_answer_is_better_than_a_failed_second() -> None:
    bench = a_bench(by_model(said(verdict(sure="unsure")), ModelAway("gone")))
    found = await cascade(bench, AGREES).analyse(a_dossier())
    assert (found.engine, found.stands_in) == (FAST, "")


async def test_without_any_engine_there_is_no_answer() -> None:
    with pytest.raises(EngineUnavailable, match="gone"):
        await cascade(a_bench(ModelAway("gone")), None).analyse(a_dossier())


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(hour_usd=0.0005), "this hour"),
        (Limits(day_usd=0.0005), "today"),
        (Limits(hour_tokens=2_000), "this hour"),
        (Limits(day_tokens=2_000), "today"),
    ],
)
async def test_when_the_hour_or_the_day_is_used_up_nothing_is_asked(limits: Limits, why: str) -> None:
    bench = a_bench(said(verdict(), usage=Usage(fresh=1_500, written=1_000)))
    built = cascade(bench, AGREES, limits=limits)
    assert (await built.analyse(a_dossier())).engine == FAST
    found = await built.analyse(a_dossier())
    assert found.engine == AGREES.engine
    assert why in found.stands_in
    assert asked(bench) == [FAST]


async def test_both_models_share_the_tickets_budget() -> None:
    bench = a_bench(said(verdict(sure="unsure"), usage=Usage(written=50_000)))
    found = await cascade(bench, AGREES, limits=Limits(usd=0.02)).analyse(a_dossier())
    assert asked(bench) == [FAST]
    assert found.cost_usd == pytest.approx(0.025)


async def test_a_journal_forgets_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    journal, now = MemoryJournal(), [1_000_000.0]
    monkeypatch.setattr("bot.service.spending.time.time", lambda: now[0])
    bench = a_bench(said(verdict()))
    spent = (await bench.agent().ask(a_dossier(), None)).spent
    await journal.note(spent)
    now[0] += HOUR_S + 1
    assert (await journal.since(HOUR_S)).usd == 0
    assert (await journal.since(DAY_S)).usd == spent.usd


# --- what the local engine settles --------------------------------------------------------------------------------


def settling(bench: Bench, answer: Analysis, right: int, wrong: int, bar: float = 0.9) -> Settling:
    past = [settled(at) for at in range(1, right + 1)]
    past += [settled(at, layer=LayerId("business_workflow")) for at in range(right + 1, right + wrong + 1)]
    return Settling(Local(answer), Library(Shelf(*past)), bench.ledger, bar)


@pytest.mark.parametrize(
    ("right", "wrong", "settles"), [(0, 0, False), (LEAST - 1, 0, False), (LEAST, 0, True), (LEAST, 20, False)]
)
async def test_the_local_engine_settles_only_with_a_record(right: int, wrong: int, *, settles: bool) -> None:
    bench = a_bench(said(verdict()))
    built = cascade(bench, AGREES, settling=settling(bench, AGREES, right, wrong))
    ticket = a_clean_ticket(a_ticket(a_ref(13)))
    found = await built.analyse(a_dossier(ticket))
    assert found.engine == (AGREES.engine if settles else FAST)
    assert asked(bench) == ([] if settles else [FAST])
    assert found.stands_in == ""


@pytest.mark.parametrize(
    "update", [{"abstains": True}, {"known_ground": False}, {"layer_scores": {RETRIEVAL: 0.6, MODEL: 0.4}}]
)
async def test_what_it_is_not_sure_of_it_does_not_settle(update: dict[str, object]) -> None:
    bench = a_bench(said(verdict()))
    built = cascade(bench, AGREES.model_copy(update=update), settling=settling(bench, AGREES, 80, 0))
    assert (await built.analyse(a_dossier(a_clean_ticket(a_ticket(a_ref(13)))))).engine == FAST


async def test_a_share_of_what_it_settles_is_asked_of_the_model_too() -> None:
    bench = a_bench(said(verdict(layer="model_and_evaluation")))
    built = cascade(bench, AGREES, settling=settling(bench, AGREES, 80, 0), second=False)
    for number in range(100, 300):
        found = await built.analyse(a_dossier(a_clean_ticket(a_ticket(a_ref(number)))))
        assert found.engine == AGREES.engine, "watched or not, what is settled is settled"
    assert 200 / WATCHED / 3 < len(bench.journal.spent) < 200 / WATCHED * 3
    assert {one.agreed for one in bench.journal.spent} == {False}


def test_a_threshold_keeps_its_promise_on_the_lower_end_of_the_interval() -> None:
    assert wilson(50, 50)[0] == pytest.approx(0.9287, abs=1e-4)
    assert wilson(40, 50)[0] == pytest.approx(0.6696, abs=1e-4)
    answers = [(0.9, True)] * 60 + [(0.7, True)] * 10 + [(0.6, False)] * 30
    assert threshold(answers, 0.9) == 0.7
    assert threshold(answers, 0.6) == 0.6
    assert threshold(answers, 0.99) is None
    assert threshold(answers[: LEAST - 1], 0.5) is None
    assert threshold([(0.8, True)] * 60 + [(0.8, False)] * 60, 0.9) is None, "equals stand together"


def test_outcomes_and_opinions_have_words() -> None:
    from graphs.agent.budget import WORDS

    assert set(WORDS) == set(Outcome)
    assert Opinion().dropped == 0
