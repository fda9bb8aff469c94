"""The gate against the golden decision table, and every rule against its own removal."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from graphs.acts import WRITES
from graphs.gate import Gate
from policies.rules import Rules, read_rules
from tests.graphs.gate_cases import TICKET, Case, all_cases, expected

CASES = tuple(all_cases())
SHIPPED = read_rules()
WEAKENINGS = (
    ("executor.cedar", "context.approval.decided &&", ""),
    ("executor.cedar", 'context.approval.by != "" &&', ""),
    ("executor.cedar", 'context.approval.digest != "" &&', ""),
    ("executor.cedar", "context.approval.digest == context.action_digest &&", ""),
    ("executor.cedar", "context.approval.target == resource", "true"),
    ("executor.cedar", "-60 <= context.approval.age_s &&", ""),
    ("executor.cedar", "-60 <= context.approval.age_s &&", "0 <= context.approval.age_s &&"),
    ("executor.cedar", "context.approval.age_s <= context.max_age_s &&", ""),
    ("executor.cedar", "context.approval.age_s <= 604800", "true"),
    ("executor.cedar", "0 <= context.writes_so_far && ", ""),
    ("executor.cedar", "context.writes_so_far < 16", "true"),
    ("executor.cedar", "context.saw_untrusted && ", ""),
    ("executor.cedar", " && !context.value_listed", " && false"),
    ("executor.cedar", 'Action::"create_label", ', ""),
    ("executor.cedar", ', Action::"assign"', ""),
    ("people.cedar", 'context.who == "members" ||', ""),
    ("people.cedar", " && context.person.in_directory", ""),
    ("people.cedar", " && context.person.is_listed", ""),
    ("people.cedar", "context.person.is_reporter && ", ""),
    ("people.cedar", " && !context.reporter_may_approve", ""),
    ("people.cedar", ', Action::"ask_triage"', ""),
    ("people.cedar", ', Action::"ask_reporter", Action::"run_again"', ""),
    ("people.cedar", ', Action::"turn_switch"]', "]"),
    ("people.cedar", " && context.person.is_layer_owner", ""),
    ("people.cedar", "context.formal &&", ""),
    ("people.cedar", "context.has_first &&", ""),
    ("people.cedar", "context.first_is_self || ", ""),
    ("people.cedar", " || !context.person.is_second", ""),
    ("people.cedar", ', Action::"report"', ""),
    ("agent.cedar", "when { context.resource_private && ", "when { "),
    ("agent.cedar", "context.saw_untrusted && ", ""),
    ("agent.cedar", "context.saw_untrusted && context.resource_private && ", "context.saw_untrusted && "),
    ("agent.cedar", "context.saw_untrusted && context.resource_private && !context.own_ticket", "false"),
    (
        "agent.cedar",
        "context.saw_untrusted && context.resource_private && !context.own_ticket",
        "context.saw_untrusted && context.resource_private",
    ),
    ("agent.cedar", " && !context.ticket_private", ""),
    ("agent.cedar", "!context.ticket_private && !context.own_ticket", "!context.ticket_private"),
    ("agent.cedar", "0 <= context.calls_so_far && ", ""),
    ("agent.cedar", "context.calls_so_far < 40", "true"),
    ("agent.cedar", "1 <= context.operations && ", ""),
    ("agent.cedar", "context.operations <= 8", "true"),
)


def wrong(gate: Gate) -> Iterator[Case]:
    for case in CASES:
        if gate.check(case.principal, case.action, TICKET, case.context).allowed != expected(case):
            yield case


def split_rules() -> Iterator[tuple[str, str, str]]:
    """(file, text of one rule, its id)."""
    for file, text in SHIPPED.files.items():
        for rule in re.findall(r'^@id\(".*?;$', text, re.MULTILINE | re.DOTALL):
            yield file, rule, rule.split('"')[1]


def mutated(file: str, old: str, new: str) -> Gate:
    text = SHIPPED.files[file]
    assert text.count(old) == 1
    return Gate(Rules({**SHIPPED.files, file: text.replace(old, new)}, SHIPPED.schema))


RULES = tuple(split_rules())


def test_every_case_comes_out_as_promised() -> None:
    assert list(wrong(Gate.load())) == []


def test_the_table_holds_both_answers_for_every_action() -> None:
    answers = {(case.action, expected(case)) for case in CASES}
    assert len(answers) == 2 * len({case.action for case in CASES})
    assert sum(case.action in WRITES and expected(case) for case in CASES) > len(WRITES)


@pytest.mark.parametrize(("file", "rule", "name"), RULES, ids=[name for _, _, name in RULES])
def test_no_rule_can_be_removed_unnoticed(file: str, rule: str, name: str) -> None:
    assert next(wrong(mutated(file, rule, "")), None) is not None


@pytest.mark.parametrize(("file", "old", "new"), WEAKENINGS, ids=[f"{old} -> {new}" for _, old, new in WEAKENINGS])
def test_no_condition_can_be_weakened_unnoticed(file: str, old: str, new: str) -> None:
    assert next(wrong(mutated(file, old, new)), None) is not None
