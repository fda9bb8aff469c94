"""Reading a user's own tickets and answers, the report of them, slices, rubric and the gate."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from graphs.evaluation.answers import OfTheProduct, read_answers
from graphs.evaluation.cases import BadTickets, Case, read_cases
from graphs.evaluation.regression import NotComparable, judged
from graphs.evaluation.report import Report, measured
from graphs.evaluation.rubric import Criterion, Explanation, mark, summed
from graphs.evaluation.slicing import length_of, script_of, sliced
from graphs.learning.engine import LocalEngine
from graphs.lines import UnusableFile
from graphs.model import Evidence, Kind
from tests.evaluation.made import APPLICATION, MODEL, RETRIEVAL, a_case, an_answer

SECRET_TEXT = "canary-5a1e"


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in rows), "utf-8")
    return path


def a_report(guesses: str, *, sure: float = 0.8, start: int = 0) -> Report:
    """One ticket for each letter: `r` answered rightly, `w` wrongly."""
    cases = [a_case(str(at + start)) for at in range(len(guesses))]
    answers = {
        one.id: an_answer(RETRIEVAL if letter == "r" else MODEL, sure)
        for one, letter in zip(cases, guesses, strict=True)
    }
    return measured("made", cases, answers)


# --- reading --------------------------------------------------------------------------------------------------------


def test_own_tickets_are_read_and_bad_lines_told_by_number(tmp_path: Path) -> None:
    file = lines(
        tmp_path / "own.jsonl",
        {
            "id": 1,
            "title": "one",
            "body": None,
            "layer": RETRIEVAL,
            "kind": "enhancement",
            "risk": "security",
            "extra": 1,
        },
        "no json",
        "",
        {"id": "2", "title": "two", "kind": "wish"},
        {"id": "1", "title": "again"},
        ["no", "object"],
    )
    found = read_cases(file)
    (case,) = found.cases
    assert (case.id, case.body, case.kind, case.risk) == ("1", "", Kind.FEATURE, ("security",))
    assert [one.line for one in found.bad] == [2, 4, 5, 6]
    assert found.bad[1].why.startswith("kind:")


def test_files_without_a_ticket_are_refused_in_a_sentence(tmp_path: Path) -> None:
    for file, said in (
        (tmp_path / "none.jsonl", "cannot read"),
        (lines(tmp_path / "bad.jsonl", "{"), "line 1"),
        (lines(tmp_path / "empty.jsonl"), "holds no ticket"),
    ):
        with pytest.raises(UnusableFile, match=said):
            read_cases(file)
    (tmp_path / "other.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(BadTickets, match="UTF-8"):
        read_cases(tmp_path / "other.jsonl")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"id": "1", "title": "one"}\n')[:-9])
    with pytest.raises(UnusableFile, match="cannot read"):
        read_cases(tmp_path / "cut.jsonl.gz")


def test_answers_of_several_files_complete_each_other(tmp_path: Path) -> None:
    first = lines(
        tmp_path / "layers.jsonl",
        {"id": "1", "scores": {RETRIEVAL: 3, MODEL: 1}, "kind": "bug"},
        {"id": "2", "layer": MODEL},
    )
    second = lines(
        tmp_path / "owners.jsonl",
        {"id": "1", "owners": [{"owner": "data-lead", "score": 2, "why": "…"}]},
        {"id": "3", "candidates": [{"id": 7, "score": 1}]},
    )
    found = read_answers([first, second]).answers
    assert (found["1"].confidence, found["1"].owners, found["1"].kind) == (0.75, ("data-lead",), Kind.BUG)
    assert (found["2"].layer, found["2"].confidence, found["2"].known_ground) == (MODEL, 1.0, True)
    assert (found["3"].duplicates, found["3"].known_ground) == (("7",), False)


# --- the report -----------------------------------------------------------------------------------------------------


def test_a_report_asks_only_what_the_tickets_answer() -> None:
    report = measured("made", [Case(id="1", title="one", owner=("data-lead",))], {"1": an_answer()})
    assert report.layers is None
    assert report.kind is None
    assert report.owners is None
    assert (report.run.answered, report.run.unanswered) == (1, 0)


def test_a_report_has_every_section_its_tickets_allow() -> None:
    case = Case(
        id="1", title="one two three", layer=RETRIEVAL, kind=Kind.BUG, owner=("data-lead",), duplicate_of=("7",)
    )
    told = {
        "owners": ("x", "data-lead"),
        "duplicates": ("7",),
        "kind": Kind.BUG,
        "quotes": ("two", "four"),
        "cost_usd": 0.002,
    }
    report = measured(
        "made", [case, a_case("2")], {"1": an_answer().model_copy(update={**told, "layer_set": (RETRIEVAL, MODEL)})}
    )
    assert report.layers is not None
    assert report.layers.sets is not None
    assert report.owners is not None
    assert [one.value for one in report.owners.hits.values()] == [0, 1, 1, 1]
    assert report.duplicates is not None
    assert report.citations is not None
    assert report.citations.valid is not None
    assert report.citations.valid.value == 0.5
    assert (report.run.cost_per_right, report.run.unanswered) == (0.002, 1)


def test_tickets_on_which_the_engine_abstains_are_trusted_last() -> None:
    cases = [a_case(str(at)) for at in range(60)]
    answers = {
        one.id: an_answer(RETRIEVAL, 0.8) if at < 40 else an_answer(MODEL, 0.99, known=False)
        for at, one in enumerate(cases)
    }
    found = measured("made", cases, answers).layers
    assert found is not None
    assert found.curve is not None
    assert found.curve.best is not None
    assert found.curve.best.coverage == pytest.approx(2 / 3, abs=1e-4)
    assert found.abstained is not None
    assert found.abstained.value == pytest.approx(1 / 3, abs=1e-4)
    assert found.accuracy_abstained is not None
    assert found.accuracy_abstained.value == 0.0


def test_refused_layers_count_without_a_known_truth() -> None:
    refused = [Case(id=str(at), title="one", not_layer=layer) for at, layer in enumerate([RETRIEVAL, MODEL])]
    report = measured("grown", refused, {one.id: an_answer(RETRIEVAL) for one in refused})
    assert report.layers is None
    assert report.refused_again["layer"].value == 0.5


def test_the_report_holds_no_text_and_is_the_same_each_time() -> None:
    engine = OfTheProduct(LocalEngine())
    case = a_case("1", title=f"Search {SECRET_TEXT}", body=f"the retriever index lost {SECRET_TEXT} and its embeddings")
    reports = [
        measured("made", [case], {"1": engine.answer(case.title, case.body).model_copy(update={"milliseconds": None})})
        for _ in range(2)
    ]
    assert reports[0].model_dump_json() == reports[1].model_dump_json()
    assert SECRET_TEXT not in reports[0].model_dump_json()
    assert Report.model_validate_json(reports[0].model_dump_json()) == reports[0]


def test_quotes_are_checked_against_what_the_bot_reads() -> None:
    """The bot shows its engine a mark where a secret was; a quote of that is no invention."""
    token = "ghp_" + "a1B2" * 9
    case = a_case("1", body=f"The key {token} no longer opens the index of the retriever")
    engine = OfTheProduct(LocalEngine())
    answer = engine.answer(case.title, case.body)
    assert token not in str(answer)
    quoted = answer.model_copy(update={"quotes": ("The key [SECRET:github_pat:",)})
    report = measured("made", [case], {"1": quoted})
    assert report.citations is not None
    assert report.citations.valid is not None
    assert report.citations.valid.value == 1.0


# --- slices ---------------------------------------------------------------------------------------------------------


def test_a_slice_that_is_worse_is_marked() -> None:
    cases = [Case(id=str(at), title="one", reporter="customer" if at < 30 else "colleague") for at in range(90)]
    worse = sliced(cases, [at >= 25 for at in range(90)])
    alike = sliced(cases, [at % 3 > 0 for at in range(90)])
    assert {one.name for one in worse if one.differs} == {"customer", "colleague"}
    assert not [one for one in alike if one.differs]


def test_slices_by_what_can_be_seen() -> None:
    assert [length_of(a_case("1", body="x" * size)) for size in (10, 400, 4000)] == [
        "under 300 characters",
        "300 to 1,500",
        "over 1,500",
    ]
    assert [script_of(a_case("1", title=one)) for one in ("Search", "Поиск", "知识库检索", "12")] == [
        "Latin",
        "Cyrillic",
        "CJK",
        "",
    ]


# --- rubric ---------------------------------------------------------------------------------------------------------

TITLES = {RETRIEVAL: "retrieval and context", MODEL: "model and evaluation", APPLICATION: "application and tools"}
GOOD = Explanation(
    text="Retrieval and context, likely: the ticket says “deleted pages are cited”. Against: model and evaluation.",
    evidence=(Evidence(source="quote", text="deleted pages are cited"),),
    layer=RETRIEVAL,
    runner_up=MODEL,
)


def marks_of(**changes: object) -> frozenset[Criterion]:
    return frozenset(mark(GOOD.model_copy(update=changes), "Since Monday deleted pages are cited", "", TITLES).failed)


def test_a_good_explanation_meets_the_rubric() -> None:
    assert marks_of() == frozenset()


def test_each_flaw_fails_its_criterion() -> None:
    quote = Evidence(source="quote", text="deleted pages are cited")
    assert marks_of(evidence=()) == {Criterion.HAS_QUOTE}
    assert marks_of(evidence=(Evidence(source="quote", text="pages that nobody wrote"),)) == {Criterion.QUOTES_EXIST}
    assert marks_of(evidence=(Evidence(source="quote", text="Monday"),)) == {Criterion.QUOTES_EXIST}
    assert marks_of(evidence=(quote, quote)) == {Criterion.NOTHING_TWICE}
    assert marks_of(text="It is model and evaluation, not retrieval and context.") == {Criterion.NAMES_LAYER}
    assert marks_of(text="Retrieval and context, for the ticket says so.") == {Criterion.SPEAKS_AGAINST}
    assert marks_of(text="Retrieval and context, or application and tools.") == {Criterion.SPEAKS_AGAINST}
    assert marks_of(text="Retrieval and context, unsure.") == frozenset()
    assert marks_of(text="Retrieval and context.", runner_up=None) == frozenset()
    assert marks_of(text=GOOD.text + " very long" * 80) == {Criterion.SHORT}
    found = summed([mark(GOOD, "Since Monday deleted pages are cited", "", TITLES)])
    assert found is not None
    assert found.all_met is not None
    assert found.all_met.value == 1.0


# --- the gate -------------------------------------------------------------------------------------------------------


def test_the_same_version_passes() -> None:
    assert judged(a_report("r" * 30 + "w" * 10), a_report("r" * 30 + "w" * 10)).passed


def test_a_version_that_is_surely_worse_fails() -> None:
    found = judged(a_report("r" * 30 + "w" * 10), a_report("r" * 15 + "w" * 25), tolerance=1)
    assert not found.passed
    assert "McNemar" in found.reasons[0]
    assert found.comparison.verdict == "the new version is worse"


def test_a_fall_that_may_be_chance_fails_beyond_the_tolerance() -> None:
    old, new = a_report("r" * 30 + "w" * 10), a_report("r" * 28 + "w" * 12)
    assert judged(old, new, tolerance=0.1).passed
    found = judged(old, new, tolerance=0.02)
    assert not found.passed
    assert found.comparison.verdict == "no difference that chance could not make"


def test_a_version_that_is_surer_than_right_fails() -> None:
    found = judged(a_report("rw" * 40, sure=0.5), a_report("rw" * 40, sure=0.95))
    assert [one.partition(" went")[0] for one in found.reasons] == ["layer: calibration error"]


def test_reports_of_other_tickets_are_not_compared() -> None:
    with pytest.raises(NotComparable, match="only 0 tickets"):
        judged(a_report("rrr"), a_report("rrr", start=10))
    with pytest.raises(NotComparable, match="format"):
        judged(a_report("rrr").model_copy(update={"format": 0}), a_report("rrr"))
