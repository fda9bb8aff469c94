"""`strata prompts`: a version becomes active with a name to it, and only where its report does not speak against it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.exits import DONE, REFUSED, WRONG
from bot.evaluation.releasing import REPORTS, reasons
from graphs.evaluation.report import Report, measured
from prompts.loader import FOLDER, draft, load
from tests.cli.strata import Strata
from tests.evaluation.made import MODEL, RETRIEVAL, a_case, an_answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped prompts with a draft of another version."""
    copy = tmp_path / "prompts"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    write(copy, "v2")
    return copy


def write(folder: Path, version: str) -> None:
    text = (folder / "triage" / "v1.md").read_text()
    (folder / "triage" / f"{version}.md").write_text(
        text.replace("version: v1", f"version: {version}").replace("You triage tickets", "You sort tickets")
    )


def report(marked: str, *, right: int = 60, usd: float = 0.001, quotes: int = 60) -> Report:
    """Of 60 tickets."""
    cases = [a_case(str(at), RETRIEVAL if at % 2 else MODEL, body=f"said {at}") for at in range(60)]
    answers = {}
    for at, case in enumerate(cases):
        layer = case.layer if at < right else (MODEL if case.layer == RETRIEVAL else RETRIEVAL)
        assert layer is not None
        quote = case.body if at < quotes else "never said"
        answers[case.id] = an_answer(layer).model_copy(update={"cost_usd": usd, "quotes": (quote,)})
    return measured("made", cases, answers).model_copy(update={"prompts": (marked,)})


Attach = Callable[[str, Report], None]


@pytest.fixture
def attach(strata: Strata, folder: Path, tmp_path: Path) -> Attach:
    def do(which: str, found: Report) -> None:
        (tmp_path / "report.json").write_text(found.model_dump_json())
        ended = strata("prompts", "attach", which, "report.json", "--folder", str(folder))
        assert ended.code == DONE, ended.err

    return do


def marked(folder: Path, version: str) -> str:
    return draft("triage", version, folder).marked


def activate(strata: Strata, folder: Path, which: str, by: str = "ml-lead", *more: str) -> tuple[int, str]:
    ended = strata("prompts", "activate", which, "--by", by, "--folder", str(folder), *more)
    return ended.code, " ".join((ended.out + ended.err).split())


def test_an_unmeasured_version_may_follow_an_unmeasured_one_with_a_name_to_it(strata: Strata, folder: Path) -> None:
    before = (folder / "active.toml").read_text()
    assert activate(strata, folder, "triage/v2", "Somebody Nice") == (
        REFUSED,
        "strata: 'Somebody Nice' is no role handle: write who approves it, for example ml-lead",
    )
    assert activate(strata, folder, "triage/v2", "ml-lead", "--dry-run")[0] == DONE
    assert (folder / "active.toml").read_text() == before
    code, said = activate(strata, folder, "triage/v2")
    assert code == DONE
    assert "triage/v2 is active, approved by ml-lead, unmeasured" in said
    assert load("triage", folder).text.startswith("You sort tickets")
    assert load("comment", folder) == load("comment")
    assert (folder / "active.toml").read_text() == before.replace('triage = "v1"', 'triage = "v2"')
    listed = strata("prompts", "list", "--folder", str(folder)).out
    assert f"{marked(folder, 'v2')}  approved by ml-lead, unmeasured" in listed
    assert activate(strata, folder, "triage/v1")[0] == DONE, "back again"
    assert (folder / "active.toml").read_text() == before


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, ""),
        ({"right": 57}, ""),
        ({"right": 30}, "layer macro-F1 is worse by 0.5"),
        ({"quotes": 40}, "the share of quotes that stand in their ticket fell from 1.000 to 0.667"),
        ({"usd": 0.002}, "an answer costs $0.00200 instead of $0.00100: more than 1.25 times as much"),
    ],
)
def test_a_measured_version_is_compared_with_the_active_one(
    strata: Strata, folder: Path, attach: Attach, changed: dict[str, int], why: str
) -> None:
    attach("triage/v2", report(marked(folder, "v2")))
    assert activate(strata, folder, "triage/v2")[0] == DONE
    assert load("triage", folder).score.startswith("report:")
    write(folder, "v3")
    unmeasured = activate(strata, folder, "triage/v3")
    assert unmeasured[0] == REFUSED
    assert "was measured and this one was not" in unmeasured[1]
    attach("triage/v3", report(marked(folder, "v3"), **changed))
    code, said = activate(strata, folder, "triage/v3")
    assert code == (REFUSED if why else DONE), said
    assert why in said
    assert load("triage", folder).version == ("v2" if why else "v3")


def test_a_report_is_about_this_very_text(strata: Strata, folder: Path, attach: Attach, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(report(marked(folder, "v1")).model_dump_json())
    ended = strata("prompts", "attach", "triage/v2", "report.json", "--folder", str(folder))
    assert ended.code == REFUSED
    assert "measure this very text" in ended.err
    attach("triage/v2", report(marked(folder, "v2")))
    file = folder / "triage" / "v2.md"
    file.write_text(file.read_text().replace("You sort", "You judge"))
    assert "measure this very text" in activate(strata, folder, "triage/v2")[1]
    file.write_text(file.read_text().replace("You judge", "You sort"))
    [kept] = (folder / REPORTS).iterdir()
    kept.write_text(kept.read_text() + " ")
    assert "its hash differs" in activate(strata, folder, "triage/v2")[1]
    kept.unlink()
    assert "cannot be read" in activate(strata, folder, "triage/v2")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("activate", "triage", "--by", "ml-lead"), WRONG, "write NAME/VERSION"),
        (("activate", "triage/v9", "--by", "ml-lead"), WRONG, "prompt triage/v9 is missing"),
        (("activate", "triage/v1", "--by", "ml-lead"), REFUSED, "is active already"),
        (("attach", "triage/v1", "none.json"), REFUSED, "released and never edited"),
        (("attach", "triage/v2", "none.json"), REFUSED, "none.json cannot be read"),
    ],
)
def test_what_cannot_be_is_said(strata: Strata, folder: Path, arguments: tuple[str, ...], code: int, why: str) -> None:
    ended = strata("prompts", *arguments, "--folder", str(folder))
    assert ended.code == code
    assert why in ended.err
    if code == REFUSED and "v2" not in arguments[1]:
        file = folder / "triage" / "v1.md"
        file.write_text(file.read_text() + "changed\n")
        assert strata("prompts", "list", "--folder", str(folder)).code == WRONG


def test_the_shipped_prompts_would_pass_the_gate_again() -> None:
    """Of each one that carries a report, the report is there and about its text."""
    for name in ("triage", "ticket", "repair", "shape", "comment"):
        prompt = load(name)
        assert prompt.score == "unmeasured" or (FOLDER / REPORTS / f"{prompt.score[7:]}.json").exists()
        assert reasons(name, prompt.version) == (f"{prompt.label} is active already",)


def test_what_cannot_be_measured_is_said(strata: Strata, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}")
    ended = strata("eval", "rows.jsonl", "--engine", "claude", "--prompt", "greeting/v1", ANTHROPIC_API_KEY="key")
    assert ended.code == WRONG
    assert "there is no prompt 'greeting'" in ended.err
    assert strata("eval", "rows.jsonl", "--prompt", "triage/v2").code == WRONG
