"""The digest covers everything an approval is about; the operations leave alone what people have set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.model import (
    AddLabel,
    Assign,
    Comment,
    Kind,
    Login,
    Operation,
    OwnerChoice,
    Seen,
    Ticket,
    TicketRef,
    TriageId,
    Value,
)
from graphs.proposing import digest_holds, digest_of, operations_for, proposal_id, seen_of
from tests.builders import RETRIEVAL, a_clean_ticket, a_proposal, a_ref, a_ticket, an_owner, some_operations
from tests.graphs.doubles import COMMENT, TAXONOMY

SEEN = Seen(labels=("triage",), assignees=(Login("on-duty"),), version="v1")
VERSIONS = {"operations": "1", "policy": "p1", "engine": "e1", "prompt": "comment/v1"}
WHOLE = digest_of(a_ref(), SEEN, some_operations(), VERSIONS)


def _changed(value: Value) -> Iterator[tuple[str, Value]]:
    """The value with each of its fields changed in turn. A field of a new kind must be added here."""
    for name, old in value:
        new: object
        match old:
            case bool():
                new = not old
            case str():
                new = f"{old}x"
            case tuple():
                new = (*old, "x")
            case _:
                raise NotImplementedError(name)
        yield name, value.model_copy(update={name: new})


TARGETS = dict(_changed(a_ref()))
SEENS = dict(_changed(SEEN))
OPERATIONS = {
    f"{at}.{name}": (*some_operations()[:at], new, *some_operations()[at + 1 :])
    for at, one in enumerate(some_operations())
    for name, new in _changed(one)
}


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # a tracker that does not exist
@pytest.mark.parametrize("field", TARGETS)
def test_any_field_of_the_target_changes_the_digest(field: str) -> None:
    target = TARGETS[field]
    assert isinstance(target, TicketRef)
    assert digest_of(target, SEEN, some_operations(), VERSIONS) != WHOLE


@pytest.mark.parametrize("field", SEENS)
def test_any_field_that_was_seen_changes_the_digest(field: str) -> None:
    seen = SEENS[field]
    assert isinstance(seen, Seen)
    assert digest_of(a_ref(), seen, some_operations(), VERSIONS) != WHOLE


@pytest.mark.parametrize("field", OPERATIONS)
def test_any_field_of_an_operation_changes_the_digest(field: str) -> None:
    assert digest_of(a_ref(), SEEN, OPERATIONS[field], VERSIONS) != WHOLE  # type: ignore[arg-type]  # copies of them


@pytest.mark.parametrize("name", VERSIONS)
def test_any_version_changes_the_digest(name: str) -> None:
    assert digest_of(a_ref(), SEEN, some_operations(), VERSIONS | {name: "other"}) != WHOLE
    assert digest_of(a_ref(), SEEN, some_operations(), {k: v for k, v in VERSIONS.items() if k != name}) != WHOLE


def test_more_fewer_or_swapped_operations_change_the_digest() -> None:
    one, two, three = some_operations()
    others: list[tuple[Operation, ...]] = [(), (one,), (one, two), (two, one, three), (one, two, three, three)]
    digests = {digest_of(a_ref(), SEEN, other, VERSIONS) for other in others}
    assert len(digests | {WHOLE}) == len(others) + 1


def test_text_cannot_move_from_one_field_to_the_next() -> None:
    together = digest_of(a_ref(), SEEN, (AddLabel(label="ab"), AddLabel(label="c")), VERSIONS)
    assert together != digest_of(a_ref(), SEEN, (AddLabel(label="a"), AddLabel(label="bc")), VERSIONS)


@given(st.permutations(list(VERSIONS)))
def test_the_order_of_keys_does_not_matter(order: list[str]) -> None:
    assert digest_of(a_ref(), SEEN, some_operations(), {name: VERSIONS[name] for name in order}) == WHOLE


def test_the_digest_survives_the_way_through_the_store() -> None:
    proposal = a_proposal(versions=dict(reversed(VERSIONS.items())), seen=SEEN)
    shuffled = json.dumps(dict(reversed(json.loads(proposal.model_dump_json()).items())))
    again = type(proposal).model_validate_json(shuffled)
    assert digest_holds(again)
    assert not digest_holds(again.model_copy(update={"operations": (AddLabel(label="other"),)}))


def test_the_digest_is_sha_256_over_canonical_json() -> None:
    """Written out by hand: whoever wants to check an approval later needs nothing of ours."""
    canonical = (
        '{"operations":[{"creates":false,"label":"x","op":"add_label"},{"body":"\\u001b\u20ac","op":"comment"}],'
        '"seen":{"assignees":["on-duty"],"labels":["triage"],"version":"v1"},'
        '"target":{"install":"main","number":"12","project":"acme/assistant","tracker":"github"},'
        '"versions":{"a":"2","b":"1"}}'
    )
    made = digest_of(a_ref(), SEEN, (AddLabel(label="x"), Comment(body="\x1b\u20ac")), {"b": "1", "a": "2"})
    assert made == hashlib.sha256(canonical.encode()).hexdigest()


def test_ids_follow_from_their_origin() -> None:
    assert proposal_id(TriageId("t"), "agent") == proposal_id(TriageId("t"), "agent")
    assert len({proposal_id(TriageId(t), *o) for t, o in [("t", ("agent",)), ("t", ()), ("u", ("agent",))]}) == 3


# --- operations ---------------------------------------------------------------------------------------------------

LAYER_LABEL, KIND_LABEL = TAXONOMY.layer_label(RETRIEVAL), TAXONOMY.kind_label(Kind.BUG)
OTHER_LAYER = next(TAXONOMY.layer_label(one) for one in TAXONOMY.layers if one != RETRIEVAL)


def made_for(
    ticket: Ticket, owner: OwnerChoice | None = None, tracker_labels: frozenset[str] = TAXONOMY.labels
) -> list[tuple[str, str]]:
    made = operations_for(
        a_clean_ticket(ticket),
        layer=RETRIEVAL,
        kind=Kind.BUG,
        owner=owner,
        taxonomy=TAXONOMY,
        tracker_labels=tracker_labels,
        comment=COMMENT,
    )
    return [_short(one) for one in made]


def _short(one: Operation) -> tuple[str, str]:
    match one:
        case AddLabel(label=label, creates=creates):
            return ("create" if creates else "label", label)
        case Assign(login=login):
            return "assign", login
        case Comment():
            return "comment", ""
    raise AssertionError(f"a proposal takes nothing back: {one}")


COMMENTED = ("comment", "")


@pytest.mark.parametrize(
    ("labels", "assignees", "expected"),
    [
        ((), (), [("label", LAYER_LABEL), ("label", KIND_LABEL), ("assign", "ml-lead"), COMMENTED]),
        (("unrelated",), (), [("label", LAYER_LABEL), ("label", KIND_LABEL), ("assign", "ml-lead"), COMMENTED]),
        ((OTHER_LAYER,), (), [("label", KIND_LABEL), ("assign", "ml-lead"), COMMENTED]),
        ((OTHER_LAYER.upper(),), (), [("label", KIND_LABEL), ("assign", "ml-lead"), COMMENTED]),
        ((LAYER_LABEL,), (), [("label", KIND_LABEL), ("assign", "ml-lead"), COMMENTED]),
        ((TAXONOMY.kind_label(Kind.TASK),), ("data-lead",), [("label", LAYER_LABEL), COMMENTED]),
        ((OTHER_LAYER, KIND_LABEL), (), [("assign", "ml-lead"), COMMENTED]),
        ((OTHER_LAYER, KIND_LABEL), ("data-lead",), []),
    ],
)
def test_what_people_have_set_is_left_alone(
    labels: tuple[str, ...], assignees: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    assert made_for(a_ticket(labels=labels, assignees=assignees), an_owner()) == expected


def test_nobody_is_assigned_without_an_account() -> None:
    expected = [("label", LAYER_LABEL), ("label", KIND_LABEL), COMMENTED]
    assert made_for(a_ticket(), an_owner(login=None)) == expected
    assert made_for(a_ticket(), None) == expected


def test_a_label_that_the_tracker_lacks_is_marked_as_new() -> None:
    assert made_for(a_ticket(), None, frozenset({KIND_LABEL.title()}))[:2] == [
        ("create", LAYER_LABEL),
        ("label", KIND_LABEL),
    ]


def test_the_comment_holds_no_text_of_the_ticket() -> None:
    ticket = a_ticket(title="$layer ${kind} canary-title", body="canary-body", author="canary-author")
    made = operations_for(
        a_clean_ticket(ticket),
        layer=RETRIEVAL,
        kind=Kind.BUG,
        owner=None,
        taxonomy=TAXONOMY,
        tracker_labels=(),
        comment=COMMENT,
    )
    (comment,) = [one for one in made if isinstance(one, Comment)]
    assert "canary" not in comment.body
    assert "not known yet" in comment.body


def test_seen_is_what_the_ticket_had() -> None:
    ticket = a_clean_ticket(a_ticket(labels=("a",), assignees=("on-duty",), version="v7"))
    assert seen_of(ticket) == Seen(labels=("a",), assignees=(Login("on-duty"),), version="v7")
