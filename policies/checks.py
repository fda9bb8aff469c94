"""What must hold between the values of a policy folder.

Owns the cross checks. Must not read files. Each check returns all problems it sees, never only the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from policies.problems import Problem
from policies.shapes import Approval, Clock, KindLabels, Layer, Office, Owner

Item = TypeVar("Item")


def check_layers(layers: Mapping[int, Layer], kinds: KindLabels | None) -> list[Problem]:
    found = [*_twice("layers.yaml", "layers", "id", layers, lambda one: one.id)]
    found += _twice("layers.yaml", "layers", "label", layers, lambda one: one.label.casefold())
    if kinds is None:
        return found
    names = {layer.label.casefold() for layer in layers.values()}
    for field, label in kinds.model_dump().items():
        if str(label).casefold() in names:
            found.append(
                Problem("labels.yaml", f"kinds.{field}", "a layer has the same label", "rename one of the two")
            )
    taken = Counter(str(label).casefold() for label in kinds.model_dump().values())
    if any(count > 1 for count in taken.values()):
        found.append(Problem("labels.yaml", "kinds", "two kinds share one label", "give each kind a label of its own"))
    return found


def check_owners(owners: Mapping[int, Owner], known: set[str] | None, *, complete: bool = True) -> list[Problem]:
    """`complete` is False where an entry could not be read at all: then nothing is said about what is missing."""
    found = [*_twice("owners.yaml", "owners", "id", owners, lambda one: one.id)]
    found += _twice("owners.yaml", "owners", "name", owners, lambda one: one.name.casefold())
    found += _twice("owners.yaml", "owners", "slack", owners, lambda one: one.slack)
    for index, owner in owners.items():
        found += _one_owner(f"owners[{index}]", owner, known)
    if known is not None and complete:
        owned = {layer for owner in owners.values() for layer in owner.layers}
        found += [
            Problem("owners.yaml", "owners", f"nobody owns the layer `{layer}`", "add it to an owner's `layers`")
            for layer in sorted(known - owned)
        ]
    return found + list(_same_component(owners))


def check_approval(approval: Approval, owners: Mapping[int, Owner]) -> list[Problem]:
    if isinstance(approval.who, tuple) and len(set(approval.who)) < len(approval.who):
        return [Problem("approval.yaml", "who", "the same person is listed twice", "remove one")]
    if len(approval.second) == 1 and approval.who == approval.second:
        fix = "name a second person, or let more people approve first"
        return [Problem("approval.yaml", "second", "one person alone cannot approve twice", fix)]
    if approval.who in ("directory", "owners") and not any(owner.slack for owner in owners.values()):
        fix = "give at least one owner in owners.yaml a `slack` id, or set `who: members`"
        return [Problem("approval.yaml", "who", "no owner has a Slack id, so nobody could approve", fix)]
    return []


def check_clock(clock: Clock) -> list[Problem]:
    offices = dict(enumerate(clock.offices))
    found = [*_twice("clock.yaml", "offices", "id", offices, lambda one: one.id)]
    for at, office in offices.items():
        found += _one_office(f"offices[{at}]", office)
    people = dict(enumerate(user for office in clock.offices for user in office.people))
    if len(set(people.values())) < len(people):
        found.append(Problem("clock.yaml", "offices", "a person is in two offices", "leave them in one"))
    return found


def _one_office(path: str, office: Office) -> Iterator[Problem]:
    try:
        ZoneInfo(office.zone)
    except (KeyError, ValueError, OSError):
        yield Problem("clock.yaml", f"{path}.zone", "is no time zone", "write one such as Europe/Lisbon")
    if office.country:
        from holidays import list_supported_countries  # half a second, and only those with holidays pay it

        known = list_supported_countries(include_aliases=True)
        if office.country not in known:
            yield Problem("clock.yaml", f"{path}.country", "has no known holidays", "write two letters such as PT")
        elif office.region and office.region not in known[office.country]:
            fix = f"use one of: {', '.join(sorted(known[office.country])[:40])}"
            yield Problem("clock.yaml", f"{path}.region", "is no region of that country", fix)


def _one_owner(path: str, owner: Owner, known: set[str] | None) -> Iterator[Problem]:
    for at, layer in enumerate(owner.layers):
        if known is not None and layer not in known:
            fix = f"use one of: {', '.join(sorted(known))}"
            yield Problem("owners.yaml", f"{path}.layers[{at}]", f"unknown layer `{layer}`", fix)
    for name, items in (("layers", owner.layers), ("components", tuple(one.casefold() for one in owner.components))):
        if len(set(items)) < len(items):
            yield Problem("owners.yaml", f"{path}.{name}", "the same entry twice", "remove one")
    for earlier, later in pairwise(sorted(owner.absences, key=lambda one: (one.start, one.end))):
        if later.start <= earlier.end:
            what = f"absences overlap ({earlier.start} to {earlier.end} and {later.start} to {later.end})"
            yield Problem("owners.yaml", f"{path}.absences", what, "join them into one")


def _same_component(owners: Mapping[int, Owner]) -> Iterator[Problem]:
    holder: dict[str, str] = {}
    for index, owner in owners.items():
        for at, component in enumerate(owner.components):
            first = holder.setdefault(component.casefold(), owner.id)
            if first != owner.id:
                what = f"`{component}` is already a component of `{first}`"
                yield Problem("owners.yaml", f"owners[{index}].components[{at}]", what, "keep it with one owner")


def _twice(
    file: str, path: str, field: str, items: Mapping[int, Item], key: Callable[[Item], str | None]
) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, item in items.items():
        value = key(item)
        if value is None:
            continue
        first = seen.setdefault(value, index)
        if first != index:
            what = f"the same {field} as {path}[{first}]"
            yield Problem(file, f"{path}[{index}].{field}", what, f"give each one a {field} of its own")
