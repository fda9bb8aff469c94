"""How names of labels and accounts are compared: without regard to case, as trackers do it.

Where a person wrote `Kind: Bug`, adding `kind: bug` would change nothing, and reading back must find it.
"""

from __future__ import annotations

from collections.abc import Iterable


def same_name(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def folded(names: Iterable[str]) -> frozenset[str]:
    """The names in the form in which they can be compared."""
    return frozenset(one.casefold() for one in names)
