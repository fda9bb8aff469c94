"""The gate: the one place that says whether an act is allowed. Implements `graphs.ports.Gatekeeper` with Cedar.

Owns loading and judging the rules of `policies/*.cedar`. Must not act, log or keep state; there is no switch that
lets an act through when the rules cannot be read or evaluated. An act is allowed only when Cedar says Allow and
reports no error: a missing attribute, an unknown id, a broken request or an exception is a deny with a reason.
"""

from __future__ import annotations

from pathlib import Path

import cedarpy

from graphs.acts import Action, Context, Principal
from graphs.gate_checks import check_rules
from graphs.model import TicketRef
from graphs.ports import Permission
from policies.problems import PolicyError, Problem
from policies.rules import Rules, read_rules

_ENTITIES = "[]"  # every circumstance travels in the context, so there is no entity data that could be out of date


class Gate:
    """Immutable. To change the rules, load another gate and swap it in; if that fails, keep this one."""

    def __init__(self, rules: Rules) -> None:
        """Raises `PolicyError` with every finding: rules that are not flawless are not used at all."""
        try:
            self._schema = cedarpy.Schema.from_str(rules.schema)
            self._entities = cedarpy.Entities.from_json_str(_ENTITIES, self._schema)
        except ValueError as error:
            raise PolicyError([Problem("strata.cedarschema", "", str(error), "restore the shipped schema")]) from error
        self._why = check_rules(rules, self._schema)
        self._policies = cedarpy.PolicySet.from_str(rules.text)
        self.policy_version = rules.version

    @classmethod
    def load(cls, folder: Path | None = None) -> Gate:
        """The shipped rules, with those in `folder` put over them. Raises `PolicyError`."""
        return cls(read_rules(folder))

    @property
    def rules(self) -> dict[str, str]:
        """What each rule says, by its id: for people and for `strata policy`."""
        return dict(self._why)

    def check(self, principal: Principal, action: Action, resource: TicketRef, context: Context) -> Permission:
        """Whether `principal` may do `action` to `resource` now, with the rules that decided."""
        try:
            request: dict[str, object] = {
                # As type and id, never as one string: an id with quotes or newlines stays an id.
                "principal": {"type": principal.kind.value, "id": principal.id},
                "action": {"type": "Action", "id": action.value},
                "resource": {"type": "Ticket", "id": resource.key},
                "context": context.as_cedar(),
            }
            answer = cedarpy.is_authorized(request, self._policies, self._entities, self._schema)
            errors, rules = answer.diagnostics.errors, self._rules_of(answer.diagnostics)
            allowed = answer.decision is cedarpy.Decision.Allow
        except Exception as error:  # noqa: BLE001  # whatever goes wrong here must end as a no
            return self._deny((), f"the request could not be judged ({type(error).__name__})")
        if errors:
            return self._deny(rules, f"the request could not be judged: {errors[0][:300]}")
        if not rules:
            return self._deny((), f"no rule lets {principal.kind.value} {action.value.replace('_', ' ')} in this case")
        why = "; ".join(self._why.get(rule, rule) for rule in rules)
        return Permission(allowed=allowed, policies=rules, policy_version=self.policy_version, why=why)

    def _rules_of(self, diagnostics: cedarpy.Diagnostics) -> tuple[str, ...]:
        names = diagnostics.id_annotations_by_reason
        return tuple(sorted(names.get(reason, reason) for reason in diagnostics.reasons))

    def _deny(self, rules: tuple[str, ...], why: str) -> Permission:
        return Permission(allowed=False, policies=rules, policy_version=self.policy_version, why=why)
