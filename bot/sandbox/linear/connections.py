"""Lists as GraphQL connections, and Linear's filters on them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from graphql import GraphQLResolveInfo

Json = dict[str, object]
Info = GraphQLResolveInfo[None]
USUAL = 50


def connection(found: Sequence[Json]) -> Callable[..., Json]:
    """What a field with `first` and `after` resolves to. A cursor is the place in the list."""

    def resolve(_: Info, first: int = USUAL, after: str | None = None, **__: object) -> Json:
        return page(found, first, after)

    return resolve


def page(found: Sequence[Json], first: int = USUAL, after: str | None = None) -> Json:
    start = int(after or 0)
    end = start + first
    return {"nodes": list(found[start:end]), "pageInfo": {"hasNextPage": end < len(found), "endCursor": str(end)}}


def fits(one: Mapping[str, object] | None, wanted: object) -> bool:
    """Whether a value passes a filter: every named part must, and one of those under `or`."""
    if not isinstance(wanted, dict):
        return True
    if "null" in wanted and (one is None) != wanted["null"]:
        return False
    rest = {name: rule for name, rule in wanted.items() if name != "null" and rule is not None}
    if one is None:
        return not rest
    return all(_part(one, name, rule) for name, rule in rest.items())


def _part(one: Mapping[str, object], name: str, rule: object) -> bool:
    if name == "or" and isinstance(rule, list):
        return any(fits(one, it) for it in rule)
    value = one.get(name)
    if isinstance(value, Mapping) or value is None:
        return fits(value, rule)
    return isinstance(rule, dict) and all(_compared(value, how, told) for how, told in rule.items())


def _compared(value: object, how: str, told: object) -> bool:
    match how, told:
        case "eq", _:
            return value == told
        case "neq", _:
            return value != told
        case "in", list():
            return value in told
        case "nin", list():
            return value not in told
        case "eqIgnoreCase", str():
            return str(value).casefold() == told.casefold()
        case "gte", str():
            return datetime.fromisoformat(str(value)) >= datetime.fromisoformat(told)
        case _:
            raise NotImplementedError(how)
