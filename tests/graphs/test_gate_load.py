"""Rules that are not flawless are not used at all."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from graphs.acts import DECISIONS, EXECUTOR, READS, WRITES, Action, Approval, Person, PrincipalKind
from graphs.gate import Gate
from policies.problems import PolicyError
from policies.rules import Rules, read_rules
from tests.graphs.gate_cases import ASK, ASKS, DECIDE, PROPOSE, READ, SWITCHES, TICKET, UNDO, WRITE

SHIPPED = read_rules()
FORBID = '@id("own") @why("closed on Sundays") forbid (principal is Executor, action, resource) when { %s };'


def refused(folder: Path, text: str) -> str:
    (folder / "own.cedar").write_text(text)
    with pytest.raises(PolicyError) as caught:
        Gate.load(folder)
    assert all(problem.fix for problem in caught.value.problems)
    return str(caught.value)


def test_a_team_may_forbid_more(tmp_path: Path) -> None:
    (tmp_path / "own.cedar").write_text(FORBID % 'resource == Ticket::"github:main:acme/assistant#7"')
    strict = Gate.load(tmp_path)
    answer = strict.check(EXECUTOR, Action.COMMENT, TICKET, WRITE)
    assert (answer.allowed, answer.policies, answer.why) == (False, ("own",), "closed on Sundays")
    assert strict.policy_version != Gate.load().policy_version


def test_a_rule_that_fails_while_it_is_evaluated_is_a_no(tmp_path: Path) -> None:
    (tmp_path / "own.cedar").write_text(FORBID % "context.max_age_s + 9223372036854775807 < 0")
    answer = Gate.load(tmp_path).check(EXECUTOR, Action.COMMENT, TICKET, WRITE)
    assert not answer.allowed
    assert "could not be judged" in answer.why


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('@id("own") @why("x") permit (principal, action, resource);', "may only forbid"),
        ('@id("own") @why("x") permit (principal == Executor::"main", action, resource);', "may only forbid"),
        ("forbid (principal, action, resource", "not valid Cedar"),
        (FORBID % "context.kil_switch", "kil_switch"),
        (FORBID % 'context.writes_so_far > "3"', "own"),
        (FORBID % "context.max_age_s", "own"),
        ("forbid (principal is Executor, action, resource);", "without a name"),
        ('@id("own") forbid (principal is Executor, action, resource);', "without a reason"),
        ('@id("people-bot") @why("x") forbid (principal is Human, action, resource);', "second rule with this name"),
        ('@id("own") @why("x") forbid (principal == Executor::"other", action, resource);', "other"),
        ('@id("own") @why("x") forbid (principal == ?principal, action, resource);', "template"),
        ('@id("own") @why("x") forbid (principal is Agent, action == Action::"assign", resource);', "own"),
    ],
)
def test_a_flawed_rule_is_refused_with_a_reason(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_every_finding_is_listed_at_once(tmp_path: Path) -> None:
    (tmp_path / "second.cedar").write_text("forbid (principal is Human, action, resource);")
    said = refused(tmp_path, FORBID % "context.kil_switch")
    assert "own.cedar" in said
    assert "second.cedar" in said


@pytest.mark.parametrize("name", sorted([*SHIPPED.files, "strata.cedarschema"]))
def test_shipped_rules_cannot_be_replaced(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(PolicyError, match=re.escape(name)):
        Gate.load(tmp_path)


def test_a_rule_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.cedar").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyError, match="UTF-8"):
        Gate.load(tmp_path)


def test_a_broken_schema_is_refused() -> None:
    with pytest.raises(PolicyError, match="cedarschema"):
        Gate(Rules(SHIPPED.files, SHIPPED.schema + "\nentity Human;"))


def test_every_shipped_rule_has_a_name_and_says_why() -> None:
    rules = Gate.load().rules
    assert len(rules) == sum(text.count("@id(") for text in SHIPPED.files.values())
    assert all(rules.values())


def test_no_shipped_rule_permits_an_agent_or_a_person_to_write() -> None:
    permits = [
        rule
        for text in SHIPPED.files.values()
        for rule in re.findall(r"^permit \((.*?)\)", text, re.MULTILINE | re.DOTALL)
    ]
    writing = [rule for rule in permits if "write" in rule or "Executor" in rule]
    assert len(permits) == 8
    assert [re.sub(r"\s+", " ", rule).strip() for rule in writing] == [
        'principal == Executor::"main", action in Action::"write", resource'
    ]


def _declared(block: str) -> set[str]:
    return set(re.findall(r"^\s*(\w+): ", block, re.MULTILINE))


def test_the_schema_and_the_types_are_twins() -> None:
    schema = SHIPPED.schema
    actions = {
        name.strip()
        for names in re.findall(r"^action ([^{;]*?)(?: in \[\w+\])? appliesTo", schema, re.MULTILINE)
        for name in names.split(",")
    }
    assert actions == {action.value for action in Action}
    assert set(re.findall(r"^entity (\w+)", schema, re.MULTILINE)) == {
        *(kind.value for kind in PrincipalKind),
        "Ticket",
    }
    for first, context in (
        ("read_ticket", READ),
        ("propose", PROPOSE),
        ("approve", DECIDE),
        ("undo", UNDO),
        ("ask_triage", ASK),
        ("create_label", WRITE),
    ):
        block = re.search(rf"^action {first}\b.*?context: {{(.*?)^  }}", schema, re.MULTILINE | re.DOTALL)
        assert block is not None
        assert _declared(block[1]) == set(context.as_cedar())
    for name, shape in (("Person", Person), ("Approval", Approval)):
        block = re.search(rf"^type {name} = {{(.*?)^}}", schema, re.MULTILINE | re.DOTALL)
        assert block is not None
        assert _declared(block[1]) == {field.name for field in dataclasses.fields(shape)}


def test_every_action_belongs_to_one_family() -> None:
    families = [READS, DECISIONS, WRITES, ASKS, SWITCHES, {Action.PROPOSE}]
    assert sorted(action for family in families for action in family) == sorted(Action)


def test_contexts_travel_as_json() -> None:
    for context in (READ, PROPOSE, DECIDE, UNDO, ASK, WRITE):
        assert json.loads(json.dumps(context.as_cedar()))
