"""What we ask of Linear is in Linear's schema: our documents fit our slice, and the slice fits Linear's own types.

The types are those that `@linear/sdk` ships, generated from the schema of the service.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type, parse, validate

from bot.sandbox.linear.schema import schema
from bot.trackers.linear import documents
from bot.trackers.linear.documents import Document
from tests.trackers.github.examples import node_module

DOCUMENTS = [one for one in vars(documents).values() if isinstance(one, Document)]
_TYPE: Final = re.compile(r"^type (\w+) = (?:Node &\s+)?(?:\w+ & )?\{$(.*?)^\};?$", re.MULTILINE | re.DOTALL)
_FIELD: Final = re.compile(r"^ {2}(\w+)(\??): ([^;]+);$", re.MULTILINE)


@pytest.fixture(scope="module")
def published() -> Mapping[str, Mapping[str, tuple[bool, str]]]:
    """By type and field: may it be missing, and what it is."""
    (file,) = (node_module("@linear/sdk") / "dist").glob("index-*.d.mts")
    text = file.read_text(encoding="utf-8")
    return {
        name: {field: (bool(optional), kind) for field, optional, kind in _FIELD.findall(body)}
        for name, body in _TYPE.findall(text)
    }


def test_documents_are_distinct_and_named_as_they_call_themselves() -> None:
    assert len({one.name for one in DOCUMENTS}) == len(DOCUMENTS) == 12
    assert all(f" {one.name}(" in one.text for one in DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
def test_each_document_is_valid(document: Document) -> None:
    assert validate(schema(), parse(document.text)) == []


def test_the_slice_is_part_of_linears_schema(published: Mapping[str, Mapping[str, tuple[bool, str]]]) -> None:
    """Each field and each argument exists, is as mandatory as ours, and is of the type that ours is."""
    checked = 0
    for name, found in schema().type_map.items():
        if name.startswith("__") or not isinstance(found, GraphQLObjectType | GraphQLInputObjectType):
            continue
        for field, ours in found.fields.items():
            missing, theirs = published[name][field]
            wanted = str(ours.type)
            named = re.search(rf"\b{get_named_type(ours.type)}\b", theirs)
            assert named, f"{name}.{field}: {theirs} is not {wanted}"
            if isinstance(found, GraphQLObjectType):
                assert missing != wanted.endswith("!"), f"{name}.{field} may be missing: {missing}"
                checked += _arguments(published, name, field, ours.args)
            checked += 1
    assert checked > 130


def _arguments(
    published: Mapping[str, Mapping[str, tuple[bool, str]]], name: str, field: str, ours: Mapping[str, object]
) -> int:
    if not ours:
        return 0
    theirs = published[f"{name}{field[0].upper()}{field[1:]}Args"]
    assert ours.keys() <= theirs.keys(), f"{name}.{field} takes {', '.join(theirs)}"
    return len(ours)
