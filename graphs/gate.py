"""The gate: the one place that says whether an act is allowed. Implements `graphs.ports.Gatekeeper` with Cedar.

Owns loading and judging the rules of `policies/*.cedar`. Must not act, log or keep state; there is no switch that
lets an act through when the rules cannot be read or evaluated. An act is allowed only when Cedar says Allow and
reports no error: a missing attribute, an unknown id, a broken request or an exception is a deny with a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cedarpy

from graphs.acts import Action, Context, Principal
from graphs.gate_checks import check_rules
from graphs.model import TicketRef
from graphs.ports import Permission
from policies.problems import PolicyError, Problem
from policies.rules import Rules, read_rules

_ENTITIES = "[]"  # every circumstance travels in the context, so there is no entity data that could be out of date


def _silent(action: str, rules: tuple[str, ...]) -> None:
    """Nobody wants to know."""


def _names(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    return tuple(
        sorted(one.annotations["id"] for one in cedarpy.PolicySet.from_str(text).to_pst().static_policies.values())
    )


class Gate:
    """Immutable. To change the rules, load another gate and swap it in; if that fails, keep this one."""

    def __init__(self, rules: Rules, on_trial: Callable[[str, tuple[str, ...]], None] = _silent) -> None:
        """Raises `PolicyError` with every finding: rules that are not flawless are not used at all.

        `on_trial` is told the act and the rules on trial that would have refused it.
        """
        try:
            self._schema = cedarpy.Schema.from_str(rules.schema)
            self._entities = cedarpy.Entities.from_json_str(_ENTITIES, self._schema)
        except ValueError as error:
            raise PolicyError([Problem("strata.cedarschema", "", str(error), "restore the shipped schema")]) from error
        self._why = check_rules(rules, self._schema)
        self._policies = cedarpy.PolicySet.from_str(rules.text)
        self._trial = cedarpy.PolicySet.from_str(rules.trial) if rules.trial else None
        self._trial_names = _names(rules.trial)
        self._on_trial = on_trial
        self.policy_version = rules.version

    @classmethod
    def load(cls, folder: Path | None = None, on_trial: Callable[[str, tuple[str, ...]], None] = _silent) -> Gate:
        """The shipped rules, with those in `folder` put over them. Raises `PolicyError`."""
        return cls(read_rules(folder), on_trial)

    @property
    def rules(self) -> dict[str, str]:
        """What each rule in force says, by its id: for people and for `strata policy`."""
        return {name: why for name, why in self._why.items() if name not in self._trial_names}

    @property
    def trial(self) -> tuple[str, ...]:
        """Ids of the rules on trial."""
        return self._trial_names

    def check(self, principal: Principal, action: Action, resource: TicketRef, context: Context) -> Permission:
        """Whether `principal` may do `action` to `resource` now, with the rules that decided."""
        try:
            given = context.as_cedar()
        except Exception as error:  # noqa: BLE001  # whatever goes wrong here must end as a no
            return self._deny((), f"the request could not be judged ({type(error).__name__})")
        return self.judge({"type": principal.kind.value, "id": principal.id}, action.value, resource.key, given)

    def judge(self, principal: dict[str, str], action: str, resource: str, context: dict[str, object]) -> Permission:
        """As `check`, for a request out of a file: nothing in it has been looked at."""
        try:
            request: dict[str, object] = {
                # As type and id, never as one string: an id with quotes or newlines stays an id.
                "principal": principal,
                "action": {"type": "Action", "id": action},
                "resource": {"type": "Ticket", "id": resource},
                "context": context,
            }
            answer = cedarpy.is_authorized(request, self._policies, self._entities, self._schema)
            errors, rules = answer.diagnostics.errors, self._rules_of(answer.diagnostics)
            allowed = answer.decision is cedarpy.Decision.Allow
        except Exception as error:  # noqa: BLE001  # whatever goes wrong here must end as a no
            return self._deny((), f"the request could not be judged ({type(error).__name__})")
        if errors:
            return self._deny(rules, f"the request could not be judged: {errors[0][:300]}")
        if not rules:
            return self._deny((), f"no rule lets {principal['type']} {action.replace('_', ' ')} in this case")
        why = "; ".join(self._why.get(rule, rule) for rule in rules)
        would = self._tried(request) if allowed else ()
        if would:
            self._on_trial(action, would)
        return Permission(
            allowed=allowed, policies=rules, policy_version=self.policy_version, why=why, would_deny=would
        )

    def _tried(self, request: dict[str, object]) -> tuple[str, ...]:
        """Rules on trial that say no. One that cannot be judged would say no as well."""
        if self._trial is None:
            return ()
        try:
            answer = cedarpy.is_authorized(request, self._trial, self._entities, self._schema)
            return self._trial_names if answer.diagnostics.errors else self._rules_of(answer.diagnostics)
        except Exception:  # noqa: BLE001  # a rule on trial decides nothing, and nothing of it may stop an act
            return self._trial_names

    def _rules_of(self, diagnostics: cedarpy.Diagnostics) -> tuple[str, ...]:
        names = diagnostics.id_annotations_by_reason
        return tuple(sorted(names.get(reason, reason) for reason in diagnostics.reasons))

    def _deny(self, rules: tuple[str, ...], why: str) -> Permission:
        return Permission(allowed=False, policies=rules, policy_version=self.policy_version, why=why)
