"""`strata forget` and `strata audit`: what an operator is told, and that nothing happens by mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.record.record import Record
from bot.record.tables import audit
from tests.builders import a_ref, a_ticket
from tests.cli.strata import COMPLETE, Strata, with_record
from tests.record.person import LOGIN, approve, dump, held, of_kim, propose
from tests.record.seeds import tamper

KEY = a_ref(1).key
WHY = "--why=asked for by letter"


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """A folder whose record knows two tickets of a person: one written, one waiting."""

    async def make(record: Record) -> None:
        await approve(record, await propose(record, None, of_kim(1)))
        await propose(record, None, of_kim(2))

    with_record(tmp_path, make)
    return tmp_path


def test_a_dry_run_says_what_would_go_and_changes_nothing(strata: Strata, told: Path) -> None:
    before = with_record(told, dump)
    ended = strata("forget", LOGIN, WHY, "--dry-run", **COMPLETE)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "Tickets: 2",
        f"  {KEY}",
        f"  {a_ref(2).key} (its proposal is taken back)",
        "Audit entries that lose what they say of the person: 1",
        "Dry run: nothing was changed.",
    ]
    assert with_record(told, dump) == before


def test_nothing_goes_without_a_yes(strata: Strata, told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = with_record(told, dump)
    monkeypatch.setattr("typer.confirm", lambda *_args, **_more: False)
    assert strata("forget", LOGIN, WHY, **COMPLETE).code == 1
    assert with_record(told, dump) == before


def test_a_person_is_forgotten_and_the_audit_verifies(strata: Strata, told: Path) -> None:
    assert strata("audit", "verify", **COMPLETE).code == 0
    ended = strata("forget", f"@{LOGIN}", WHY, "--yes", **COMPLETE)
    assert (ended.code, ended.err) == (0, "")
    assert "Erased. Tickets: 2, proposals taken back: 1, audit entries: 1, clicks and commands: 0." in ended.out
    assert held(with_record(told, dump)) == []
    verified = strata("audit", "verify", **COMPLETE)
    assert verified.code == 0
    assert "5 entries verify. Head: " in verified.out
    assert len(verified.out.split()[-1]) == 64
    shown = strata("audit", "show", KEY, **COMPLETE)
    assert shown.out.count("(facts erased)") == 1
    again = strata("forget", LOGIN, WHY, "--yes", **COMPLETE)
    assert (again.code, again.out.splitlines()[0]) == (0, "Tickets: 0")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody/here", WHY), "is no ticket"),
        (("data-lead", WHY), "take this account out of owners.yaml first"),
        ((LOGIN, f"--why=asked for by {LOGIN.lower()}"), "leave the name out"),
        ((LOGIN, "--why= "), "say something"),
        (("@", WHY), "who is to be forgotten"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(strata: Strata, arguments: tuple[str, ...], words: str) -> None:
    ended = strata("forget", *arguments, "--yes", **COMPLETE)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.sentences[0]


@pytest.mark.parametrize("name", [KEY, "acme/assistant#1", "https://github.com/acme/assistant/issues/1"])
def test_one_ticket_is_named_in_any_way(strata: Strata, told: Path, name: str) -> None:
    ended = strata("forget", name, WHY, "--dry-run", **COMPLETE)
    assert ended.out.splitlines()[:2] == ["Tickets: 1", f"  {KEY}"]
    shown = strata("audit", "show", name, "--json", **COMPLETE)
    assert [one["entry"]["action"] for one in json.loads(shown.out)] == ["proposed", "approved"]
    other = strata("forget", name, "--install", "elsewhere", WHY, "--dry-run", **COMPLETE)
    assert other.out.startswith("Tickets: 1" if name == KEY else "Tickets: 0")


def test_a_busy_ticket_is_named_and_the_code_says_ask_again(
    strata: Strata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def make(record: Record) -> None:
        await approve(record, await propose(record, None, of_kim(1)), writing=True)

    with_record(tmp_path, make)
    monkeypatch.setattr("bot.cli.forget.PAUSE_S", 0.0)
    ended = strata("forget", LOGIN, WHY, "--yes", **COMPLETE)
    assert ended.code == 1
    assert ended.sentences == [f"strata: still being worked on: {KEY}. Ask again in a while."]


def test_a_broken_chain_ends_with_1_and_says_where(strata: Strata, told: Path) -> None:
    with_record(told, lambda record: tamper(record, update(audit).where(audit.c.seq == 2).values(sealed="{}")))
    ended = strata("audit", "verify", **COMPLETE)
    assert (ended.code, ended.out) == (1, "")
    assert ended.sentences == ["strata: entry 2 was changed after it was written"]


def test_the_audit_of_an_unknown_ticket_is_empty(strata: Strata, tmp_path: Path) -> None:
    assert strata("audit", "show", "acme/assistant#99", **COMPLETE).code == 1
    assert strata("audit", "show", "what", **COMPLETE).code == 2


def test_what_is_shown_steers_no_terminal(strata: Strata, tmp_path: Path) -> None:
    async def make(record: Record) -> None:
        async with record.begin() as tx:
            await tx.audit.append("system", "failed", a_ticket().ref.key, why="\x1b[2J gone")

    with_record(tmp_path, make)
    shown = strata("audit", "show", a_ticket().ref.key, **COMPLETE)
    assert "\x1b" not in shown.out
    assert "gone" in shown.out
