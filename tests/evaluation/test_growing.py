"""A correction by an approver becomes a redacted case with its reason; what says nothing, or was erased, does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.evaluation.growing import BadCaseFile, Grown, case_of, grow
from bot.record.corrections import Correction
from bot.record.tables import steps
from bot.service.forgetting import Forgetting, Whom
from graphs.answers import Screened
from graphs.evaluation.cases import read_cases
from graphs.hygiene.redact import Redactor
from graphs.model import Edited, InstallId, Kind, SlackUserId
from tests.builders import NOW, ON_DUTY, RETRIEVAL, a_clean_ticket, a_ref, a_rejection, a_ticket
from tests.service.house import House
from tests.service.test_verdicts import TOKEN, click, decision, form, taken

REPORTER = "kim-the-reporter"
REDACT = Redactor(b"tests")


def redact(text: str) -> str:
    return REDACT.redact(text).text


def decider(user: SlackUserId) -> str:
    return "on-duty" if user == ON_DUTY else "an approver"


async def grown(house: House, file: Path, *, dry_run: bool = False) -> Grown:
    return await grow(house.record, file, redact, decider, dry_run=dry_run)


def rows(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


async def an_edit(house: House, number: int = 1, comment: str = "It is about the process.", **chosen: str) -> None:
    ticket = a_ticket(a_ref(number), author=REPORTER, body=f"The key {TOKEN} opens nothing, says {REPORTER}.")
    proposal = await house.propose(ticket, f"{number:032x}")
    await taken(house, form(proposal, comment=comment, **chosen))


async def test_an_edit_becomes_a_case_with_what_is_right_and_why(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    await an_edit(house, layer="business_workflow", kind="task")
    assert await grown(house, file) == Grown(new=1, cases=1)
    (row,) = rows(file)
    assert (row["layer"], row["kind"], row["owner"]) == ("business_workflow", "task", ["ops-lead"])
    assert row["proposed"] == {"layer": RETRIEVAL, "kind": "bug", "owner": "data-lead"}
    assert (row["reason"], row["note"]) == ("changed layer, kind, owner", "It is about the process.")
    assert (row["decided_by"], row["tracker"]) == ("on-duty", "github")
    (case,) = read_cases(file).cases
    assert case.layer == "business_workflow"
    assert case.kind is Kind.TASK
    assert case.owners == frozenset({"ops-lead"})


async def test_a_case_holds_no_secret_and_not_who_reported(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    await an_edit(house, comment=f"because {TOKEN} is a secret")
    await grown(house, file)
    text = file.read_text("utf-8")
    assert TOKEN not in text
    assert "SECRET:github_pat" in text
    assert "author" not in rows(file)[0]
    assert ON_DUTY not in text


async def test_an_editors_words_are_redacted_before_they_are_stored(house: House) -> None:
    proposal = await house.propose()
    await taken(house, form(proposal, comment=f"because {TOKEN} is a secret"))
    made = await decision(house, proposal)
    assert isinstance(made, Edited)
    assert made.note.startswith("because [SECRET:github_pat:")


async def test_a_case_is_redacted_once_more_whatever_the_record_holds(house: House) -> None:
    proposal = await house.propose()
    ticket = a_clean_ticket(a_ticket(title=f"Title {TOKEN}", body=f"Body {TOKEN}"))
    told = Correction(
        stored_at=1,
        proposed=proposal,
        decision=a_rejection().model_copy(update={"note": f"Note {TOKEN}"}),
        chosen=None,
        screened=Screened(ticket=ticket, closed=False, opened_at=NOW).model_dump_json(),
    )
    case = case_of(told, redact, decider)
    assert case is not None
    assert TOKEN not in case.model_dump_json()
    assert [one.partition(" ")[0] for one in (case.title, case.body, case.note)] == ["Title", "Body", "Note"]


async def test_a_refusal_says_what_is_wrong(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    for number, reason in enumerate(("wrong_layer", "wrong_kind", "wrong_owner", "not_now", "duplicate")):
        proposal = await house.propose(a_ticket(a_ref(number + 1)), f"{number:032x}")
        await taken(house, form(proposal, "reject_form", reason=reason, comment="no"))
    assert await grown(house, file) == Grown(new=3, silent=2, cases=3)
    said = [{name: row[name] for name in row if str(name).startswith("not_")} for row in rows(file)]
    assert said == [{"not_layer": RETRIEVAL}, {"not_kind": "bug"}, {"not_owner": "data-lead"}]
    assert [case.not_layer for case in read_cases(file).cases] == [RETRIEVAL, None, None]


async def test_approvals_and_changed_comments_are_no_corrections(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    await taken(house, click(await house.propose(a_ticket(a_ref(1)), "1" * 32)))
    await an_edit(house, 2, "Only other words.", layer=RETRIEVAL, kind="bug", owner="data-lead")
    assert await grown(house, file) == Grown(silent=1)
    assert not file.exists()


async def test_growing_again_adds_nothing_and_keeps_what_people_wrote(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    await an_edit(house)
    await grown(house, file)
    (row,) = rows(file)
    file.write_text(json.dumps({**row, "role": "both", "note": "changed by hand"}) + "\n", "utf-8")
    await an_edit(house, 2)
    assert await grown(house, file) == Grown(new=1, renewed=1, cases=2)
    assert rows(file)[0] == {**row, "role": "both"}
    before = file.read_bytes()
    assert await grown(house, file) == Grown(renewed=2, cases=2)
    assert file.read_bytes() == before


async def test_a_case_stays_when_its_ticket_ages_and_goes_when_it_is_erased(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    proposal = await house.propose(a_ticket(a_ref(1)), "1" * 32)
    await taken(house, form(proposal, "reject_form", reason="wrong_layer", comment="no"))
    await grown(house, file)
    async with house.record.engine.begin() as connection:
        await connection.execute(steps.delete())
    assert await grown(house, file) == Grown(aged=1, cases=1)
    whom = Whom(install=InstallId("main"), ticket=proposal.target.key)
    await Forgetting(house.record, b"k" * 32).forget(whom, "asked for by letter")
    assert await grown(house, file) == Grown(erased=1)
    assert rows(file) == []


async def test_more_corrections_than_a_page(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.evaluation.growing.PAGE", 2)
    for number in range(5):
        await an_edit(house, number + 1)
    assert (await grown(house, tmp_path / "cases.jsonl", dry_run=True)).new == 5
    assert not (tmp_path / "cases.jsonl").exists()


async def test_a_file_of_something_else_is_left_alone(house: House, tmp_path: Path) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text('{"id": "1"}\n', "utf-8")
    with pytest.raises(BadCaseFile, match="line 1"):
        await grown(house, file)
    assert file.read_text("utf-8") == '{"id": "1"}\n'


async def test_a_rejection_that_names_the_layer_says_what_is_right(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    proposal = await house.propose()
    await taken(house, form(proposal, "reject_form", reason="wrong_layer", layer="business_workflow"))
    assert await grown(house, file) == Grown(new=1, cases=1)
    (row,) = rows(file)
    assert (row["layer"], row["not_layer"], row["reason"]) == ("business_workflow", RETRIEVAL, "wrong_layer")
    (case,) = read_cases(file).cases
    assert case.layer == "business_workflow"
