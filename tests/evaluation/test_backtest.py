"""The walk keeps the future out; thresholds, load and owners of a made history."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.evaluation.backtest.history import History, Past, read_history
from graphs.evaluation.backtest.load import Card, load
from graphs.evaluation.backtest.rankers import Frequency, OwnerRanker, Recency
from graphs.evaluation.backtest.result import backtest
from graphs.evaluation.backtest.thresholds import Judged, Standing, thresholds
from graphs.evaluation.backtest.walk import Learning, walk
from graphs.evaluation.cases import BadTickets
from graphs.learning.corpus import DEFAULT_LAYERS
from graphs.learning.engine import LocalEngine
from graphs.model import Kind
from tests.evaluation.made import MODEL, RETRIEVAL, START, FixedTriager, a_past, an_answer

RANKERS: dict[str, Callable[[], OwnerRanker]] = {"recency": Recency, "frequency": Frequency}
PLANTED = "from-the-future"


def rankings(past: list[Past]) -> dict[str, tuple[str, ...]]:
    return {one.past.filed.id: one.rankings["recency"] for one in walk(past, FixedTriager(), RANKERS)}


# --- no leak --------------------------------------------------------------------------------------------------------


def a_history_with_a_leak_planted() -> list[Past]:
    """The same title three times. Only later does anybody decide, and then always for the planted owner."""
    return [
        a_past("first", 0, known=20, owner=PLANTED),
        a_past("asked", 10, known=11, owner=PLANTED),
        a_past("later", 12, known=13, owner=PLANTED),
        a_past("last", 30, owner=PLANTED),
    ]


def test_a_planted_answer_of_the_future_is_not_used() -> None:
    found = rankings(a_history_with_a_leak_planted())
    assert found["first"] == ()
    assert found["asked"] == (), "what was filed earlier and decided later was used"
    assert found["later"] == (PLANTED,), "what was decided the day before is fair"
    assert found["last"] == (PLANTED,)


def test_the_planted_answer_would_be_found_if_the_walk_looked_ahead() -> None:
    """The same history with every outcome known when it was filed: so the test above can fail."""
    leaking = [one.model_copy(update={"known_at": one.filed.created_at}) for one in a_history_with_a_leak_planted()]
    assert rankings(leaking)["asked"] == (PLANTED,)


def test_what_is_decided_in_the_same_instant_is_not_known_yet() -> None:
    assert rankings([a_past("one", 0, known=5, owner="x"), a_past("two", 5)])["two"] == ()


_tickets = st.lists(
    st.tuples(st.integers(0, 9), st.none() | st.integers(0, 12), st.sampled_from(["a", "b", "c", ""])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(_tickets, st.integers(0, 10))
def test_changing_anything_of_the_future_changes_nothing_before(
    rows: list[tuple[int, int | None, str]], cut: int
) -> None:
    """All that is filed or becomes known from a day on may be replaced: what was said before that day stays."""
    past = [
        a_past(str(at), day, known=None if after is None else max(day, after), owner=owner)
        for at, (day, after, owner) in enumerate(rows)
    ]
    moment = START + timedelta(days=cut)
    changed = []
    for one in past:
        if one.filed.created_at >= moment:
            continue
        unknown = one.known_at is None or one.known_at >= moment
        outcome = one.outcome.model_copy(update={"owners": (PLANTED,)}) if unknown else one.outcome
        changed.append(one.model_copy(update={"outcome": outcome, "known_at": moment if unknown else one.known_at}))
    changed.append(a_past("new", cut + 1, known=cut + 1, owner=PLANTED))
    before, after = rankings(past), rankings(changed)
    assert {one.filed.id: before[one.filed.id] for one in past if one.filed.created_at < moment} == {
        name: ranking for name, ranking in after.items() if name != "new"
    }


def test_an_engine_is_given_nothing_but_what_was_filed(tmp_path: Path) -> None:
    """Labels, assignees and the text of today stand in the row and never reach the engine."""
    row = {
        "id": "a/b#1",
        "repo": "a/b",
        "created_at": "2026-01-05T09:00:00Z",
        "closed_at": "2026-01-06T09:00:00Z",
        "title": f"title {PLANTED}",
        "body": f"body {PLANTED}",
        "filed": {"title": "what was filed", "body": "then"},
        "labels": ["layer: retrieval and context", PLANTED],
        "assignees": [PLANTED],
    }
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps(row) + "\n", "utf-8")
    found = read_history(file, {"layer: retrieval and context": RETRIEVAL}, {})
    (one,) = found.past
    assert one.outcome.layer == RETRIEVAL
    assert (one.filed.title, one.filed.body, one.as_filed) == ("what was filed", "then", True)
    assert PLANTED not in one.filed.model_dump_json()


def test_the_engine_learns_in_the_order_in_which_things_became_known() -> None:
    triager = FixedTriager()
    past = [a_past("slow", 0, known=9), a_past("quick", 1, known=2), a_past("open", 2), a_past("end", 10)]
    steps = list(walk(past, triager, RANKERS))
    assert triager.asked == ["slow", "quick", "open", "end"]
    assert triager.learnt == ["quick", "slow"]
    assert [one.known_before for one in steps] == [0, 0, 0, 2]


def test_the_shipped_engine_learns_from_what_was_known_and_from_nothing_else() -> None:
    """Three alike tickets that a team wants in another layer than the engine would choose."""
    title = "The retriever returns no passages from the vector index"
    told = [a_past("first", 0, known=2, layer=MODEL, owner="x", title=title), a_past("second", 1, title=title)]
    steps = list(walk([*told, a_past("third", 3, title=title)], Learning(LocalEngine(), DEFAULT_LAYERS), RANKERS))
    first, second, third = (one.answer for one in steps)
    assert first.layer == RETRIEVAL
    assert second.scores == first.scores, "what is decided later was learnt already"
    assert third.scores[MODEL] > 2 * second.scores[MODEL]


def test_each_project_has_people_of_its_own() -> None:
    past = [a_past("one", 0, known=1, owner="x", project="a/b"), a_past("two", 2, project="c/d")]
    assert rankings(past)["two"] == ()


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_history_is_put_in_order_and_bad_lines_are_told(tmp_path: Path) -> None:
    rows = [
        {"id": "late", "created_at": "2026-02-01T00:00:00Z", "title": "late", "kind": None, "labels": ["Enhancement"]},
        {
            "id": "early",
            "created_at": "2026-01-01T00:00:00+02:00",
            "closed_at": "2025-01-01T00:00:00Z",
            "title": "early",
        },
        {"id": "no time", "title": "x"},
        {"id": "naive", "created_at": "2026-01-01T00:00:00", "title": "x"},
    ]
    file = tmp_path / "history.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    found = read_history(file, {}, {"enhancement": Kind.FEATURE})
    assert [one.filed.id for one in found.past] == ["early", "late"]
    assert found.past[0].known_at == found.past[0].filed.created_at
    assert found.past[1].outcome.kind is Kind.FEATURE
    assert [one.line for one in found.bad] == [3, 4]
    file.write_text("{}\n", "utf-8")
    with pytest.raises(BadTickets, match="line 1"):
        read_history(file, {}, {})


# --- rankers --------------------------------------------------------------------------------------------------------


def test_recency_forgets_and_frequency_does_not() -> None:
    past = [a_past(f"old {day}", day, known=day + 0.5, owner="veteran") for day in range(5)]
    past += [a_past(f"new {day}", day, known=day + 0.5, owner="newcomer") for day in (300, 301)]
    *_, last = walk([*past, a_past("asked", 310)], FixedTriager(), RANKERS)
    assert last.rankings == {"recency": ("newcomer", "veteran"), "frequency": ("veteran", "newcomer")}


def test_recency_halves_in_sixty_days() -> None:
    """One assignment of today against two of sixty days ago: a draw but for the day in between."""
    past = [
        a_past(f"{owner} {day}", day, known=day + 0.1, owner=owner)
        for owner, day in (("x", 0), ("x", 0.01), ("y", 60.5))
    ]
    *_, last = walk([*past, a_past("asked", 62)], FixedTriager(), RANKERS)
    assert last.rankings["recency"] == ("y", "x")
    past[2] = a_past("y", 59.5, known=59.6, owner="y")
    *_, last = walk([*past, a_past("asked", 62)], FixedTriager(), RANKERS)
    assert last.rankings["recency"] == ("x", "y")


# --- thresholds and load --------------------------------------------------------------------------------------------


def judgements(earlier: str, later: str) -> list[Judged]:
    sure = {"r": (0.9, True), "w": (0.9, False), "?": (0.3, False)}
    return [Judged(guess=RETRIEVAL, confidence=sure[one][0], right=sure[one][1]) for one in earlier + later]


@pytest.mark.parametrize(
    ("earlier", "later", "standing"),
    [
        ("r" * 60, "r" * 40, Standing.CONFIRMED),
        ("r" * 60, "r" * 10 + "?" * 30, Standing.LIKELY),
        ("r" * 60, "r" * 30 + "w" * 10, Standing.REFUTED),
        ("r" * 60, "?" * 40, Standing.UNTESTED),
        ("r" * 50 + "w" * 10, "r" * 40, Standing.NONE),
        ("r" * 6, "r" * 4, Standing.NONE),
    ],
)
def test_thresholds_are_chosen_early_and_tested_late(earlier: str, later: str, standing: Standing) -> None:
    found, other = thresholds(judgements(earlier, later), (RETRIEVAL, MODEL))
    assert found.standing is standing
    assert (found.threshold is not None) == (standing is not Standing.NONE)
    assert other.standing is Standing.NONE


def test_weeks_without_a_ticket_count() -> None:
    cards = [
        Card(at=START + timedelta(weeks=week), layer=RETRIEVAL, unsure=week == 0, sure=False, owner="data-lead")
        for week in (0, 0, 0, 2)
    ]
    found = load(cards, any_threshold=False)
    assert found is not None
    assert found.per_week == (3, 0, 1)
    assert (found.median.value, found.busiest, found.unsure_share, found.sure_share) == (1, 3, 0.75, None)
    assert found.by_owner == {"data-lead": pytest.approx(1.33)}
    assert load([], any_threshold=True) is None


def test_a_backtest_tells_everything_of_a_made_history() -> None:
    past = tuple(
        a_past(str(at), at, known=at + 0.5, owner="xy"[at % 2], layer=RETRIEVAL if at % 10 else MODEL)
        for at in range(200)
    )
    triager = FixedTriager(an_answer(RETRIEVAL, 0.9).model_copy(update={"cost_usd": 0.001}))
    found = backtest("made", History(past=past, bad=()), triager, target=0.8)
    assert found.report.layers is not None
    assert found.report.layers.figures.accuracy is not None
    assert found.report.layers.figures.accuracy.value == 0.9
    assert found.owners is not None
    assert found.owners.by_ranker["recency"].hits[3].value == pytest.approx(198 / 200)
    assert found.owners.cold["recency"].n == 20
    assert {one.layer: one.standing for one in found.thresholds}[RETRIEVAL] is Standing.CONFIRMED
    assert found.load is not None
    assert found.load.sure_share == 1.0
    assert found.cost_per_ticket == 0.001
