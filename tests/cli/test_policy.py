"""`strata policy`: the rules checked, asked about one act, and shown as a table; rules on trial refuse nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.exits import DONE, REFUSED, WRONG
from graphs.acts import AGENT, Action
from graphs.gate import Gate
from graphs.gate_table import rows
from policies.rules import read_rules
from tests.cli.strata import Strata
from tests.graphs.gate_cases import READ, TICKET

TRIAL = """@id("no-labels-on-fridays")
@why("we want to see what this would stop")
forbid (principal == Agent::"triage", action == Action::"read_ticket", resource);
"""
OWNERS = Path("policies/owners.yaml").resolve()
CONTEXT = READ.as_cedar()


def request(folder: Path, **changed: object) -> str:
    whole = {
        "principal": {"kind": "Agent", "id": "triage"},
        "action": "read_ticket",
        "ticket": "owner/repo#1",
        "context": CONTEXT,
        **changed,
    }
    (folder / "request.json").write_text(json.dumps(whole))
    return "request.json"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "owners.yaml").write_bytes(OWNERS.read_bytes())
    return folder


def test_rules_are_checked(strata: Strata, own: Path) -> None:
    many = len(Gate.load().rules)
    assert f"{many} rules in force, version" in strata("policy", "check").out
    (own / "mine.trial.cedar").write_text(TRIAL)
    said = strata("policy", "check", STRATA_POLICIES=str(own))
    assert f"{many} rules in force, 1 on trial (no-labels-on-fridays)" in said.out
    (own / "mine.trial.cedar").write_text(TRIAL.replace("forbid", "permit"))
    ended = strata("policy", "check", STRATA_POLICIES=str(own))
    assert (ended.code, "may only forbid" in ended.err) == (WRONG, True)


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({}, DONE, "allowed by agent-reads"),
        ({"context": {**CONTEXT, "kill_switch": True}}, REFUSED, "denied by agent-stops-when-paused: triage is paused"),
        ({"action": "add_label"}, REFUSED, "denied: "),
        ({"action": "rm -rf"}, REFUSED, "denied: "),
        ({"principal": {"kind": "Executor", "id": "main"}}, REFUSED, "denied: "),
        ({"context": {}}, REFUSED, "could not be judged"),
    ],
)
def test_one_act_is_explained(strata: Strata, tmp_path: Path, changed: dict[str, object], code: int, said: str) -> None:
    ended = strata("policy", "explain", request(tmp_path, **changed))
    assert (ended.code, said in ended.out) == (code, True), ended.out + ended.err


@pytest.mark.parametrize("broken", [{"ticket": "nowhere"}, {"principal": "me"}, {"more": 1}])
def test_a_request_that_is_none_is_refused_with_its_place(
    strata: Strata, tmp_path: Path, broken: dict[str, object]
) -> None:
    ended = strata("policy", "explain", request(tmp_path, **broken))
    assert ended.code == WRONG
    assert next(iter(broken)) in ended.err


def test_a_rule_on_trial_tells_what_it_would_refuse_and_refuses_nothing(
    strata: Strata, tmp_path: Path, own: Path
) -> None:
    (own / "mine.trial.cedar").write_text(TRIAL)
    ended = strata("policy", "explain", request(tmp_path), "--json", STRATA_POLICIES=str(own))
    found = json.loads(ended.out)
    assert (ended.code, found["allowed"], found["would_deny"]) == (DONE, True, ["no-labels-on-fridays"])
    told: list[tuple[str, tuple[str, ...]]] = []
    gate = Gate.load(own, lambda action, rules: told.append((action, rules)))
    assert gate.check(AGENT, Action.READ_TICKET, TICKET, READ).allowed
    assert gate.check(AGENT, Action.LIST_LABELS, TICKET, READ).would_deny == ()
    assert told == [("read_ticket", ("no-labels-on-fridays",))]
    assert gate.policy_version != Gate.load().policy_version
    (own / "mine.trial.cedar").rename(own / "mine.cedar")
    assert not Gate.load(own).check(AGENT, Action.READ_TICKET, TICKET, READ).allowed, "in force without its ending"
    assert read_rules(own).trial == ""


def test_the_table_shows_every_act_and_both_answers(strata: Strata) -> None:
    found = json.loads(strata("policy", "table", "--json").out)
    acts = {act for row in found for act in (*row["allowed"], *row["refused"])}
    assert acts == {one.value for one in Action}
    assert {act for row in found for act in row["allowed"]} == acts
    assert strata("policy", "table").out.startswith("| who | circumstance |")
    assert not [row for row in rows(Gate.load()) if row.who in ("the agent writes", "a person writes") and row.allowed]
