"""What is wrong with a policy folder, told so that its author can fix it.

Owns `Problem` and `PolicyError`. Must not read files: it only carries what the readers found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the file, the place in it, what is wrong there and what to do."""

    file: str
    path: str
    """Where in the file, for example `owners[2].slack`; empty for the whole file."""
    what: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.path}" if self.path else self.file
        return f"{place}: {self.what}. Fix: {self.fix}."


class PolicyError(Exception):
    """The policies cannot be used. Lists every problem at once, so that one round of editing is enough."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the policies:"
        super().__init__("\n".join([head, *(f"- {one}" for one in self.problems)]))
