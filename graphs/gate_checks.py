"""Judges permission rules before they are used: at start-up and whenever they change.

Owns the findings: syntax, the schema, names and reasons of rules, and that a team's own rules only forbid. Must not
decide about real acts.
"""

from __future__ import annotations

from collections.abc import Iterator

import cedarpy

from policies.problems import PolicyError, Problem
from policies.rules import Rules


def check_rules(rules: Rules, schema: cedarpy.Schema) -> dict[str, str]:
    """What each rule says, by id. Raises `PolicyError` with every finding in every file."""
    problems: list[Problem] = []
    why: dict[str, str] = {}
    for file, text in rules.files.items():
        problems += _file_problems(file, text, schema, why)
        if file in rules.own:
            problems += _permits(file, text)
    if problems:
        raise PolicyError(problems)
    return why


def _file_problems(file: str, text: str, schema: cedarpy.Schema, why: dict[str, str]) -> Iterator[Problem]:
    try:
        parsed = cedarpy.PolicySet.from_str(text).to_pst()
    except ValueError as error:
        yield Problem(
            file, "", f"is not valid Cedar: {error}", "correct the syntax; `strata.cedarschema` has the names"
        )
        return
    if parsed.templates and any(one not in parsed.static_policies for one in parsed.templates):
        yield Problem(
            file, "", "has a template (?principal or ?resource)", "write a plain rule: templates are not linked"
        )
    names = {key: one.annotations.get("id", "") for key, one in parsed.static_policies.items()}
    for key, policy in parsed.static_policies.items():
        name, place = names[key], names[key] or key
        if not name:
            yield Problem(file, place, "a rule without a name", 'put @id("a-short-name") before it')
        elif name in why:
            yield Problem(file, place, "a second rule with this name", "give each rule a name of its own")
        if not policy.annotations.get("why"):
            yield Problem(file, place, "a rule without a reason", 'put @why("what a person is told") before it')
        why[name] = policy.annotations.get("why", "")
    found = cedarpy.validate_policies(text, schema)
    for finding in found.errors:
        place = names.get(finding.policy_id) or finding.policy_id
        yield Problem(file, place, finding.error, "compare with strata.cedarschema")
    if not found.validation_passed and not found.errors:
        yield Problem(file, "", "does not pass validation", "compare with strata.cedarschema")


def _permits(file: str, text: str) -> Iterator[Problem]:
    try:
        parsed = cedarpy.PolicySet.from_str(text).to_pst()
    except ValueError:
        return  # told already
    for key, policy in parsed.static_policies.items():
        if policy.effect != "forbid":
            fix = "write it as a forbid; what is allowed at all is fixed by the program"
            yield Problem(file, policy.annotations.get("id", key), "a rule of your own may only forbid", fix)
