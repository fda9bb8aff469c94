"""What can go wrong with webhooks on their way: lost, repeated, out of order, late.

Owns the script of a test. Must not send anything itself: `webhooks` asks for a plan and follows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class _Rule:
    left: int
    event: str | None
    apply: Callable[[Plan], None]

    def takes(self, event: str) -> bool:
        return self.left > 0 and self.event in {None, event, event.split(".", maxsplit=1)[0]}


@dataclass
class Plan:
    """How one delivery goes out."""

    copies: int = 1
    """0 is a lost delivery."""
    delay_s: float = 0.0
    hold_for: int = 0
    """Wait until so many later deliveries are there, then go out in reverse order."""


@dataclass
class WebhookScript:
    """`event` is GitHub's name with or without the action: `issues` or `issues.opened`; None is any."""

    _rules: list[_Rule] = field(default_factory=list)

    def drop(self, times: int = 1, *, event: str | None = None) -> None:
        """The next so many deliveries are never sent, and GitHub does not try again."""
        self._add(times, event, lambda plan: setattr(plan, "copies", 0))

    def duplicate(self, copies: int, *, times: int = 1, event: str | None = None) -> None:
        """Each is sent `copies` times at once, with the same GUID."""
        self._add(times, event, lambda plan: setattr(plan, "copies", copies))

    def delay(self, seconds: float, *, times: int = 1, event: str | None = None) -> None:
        self._add(times, event, lambda plan: setattr(plan, "delay_s", seconds))

    def reorder(self, group: int, *, event: str | None = None) -> None:
        """The next `group` deliveries are collected and sent last first, each after the one before answered."""
        self._add(group, event, lambda plan: setattr(plan, "hold_for", group))

    def clear(self) -> None:
        self._rules.clear()

    def plan(self, event: str) -> Plan:
        """Used up by the asking."""
        plan = Plan()
        for rule in self._rules:
            if rule.takes(event):
                rule.left -= 1
                rule.apply(plan)
        return plan

    def _add(self, times: int, event: str | None, apply: Callable[[Plan], None]) -> None:
        self._rules.append(_Rule(times, event, apply))
