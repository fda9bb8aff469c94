"""What the gate must never let through, whatever it is given."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graphs.acts import (
    AGENT,
    EXECUTOR,
    WRITES,
    Action,
    Approval,
    Context,
    Principal,
    PrincipalKind,
    WriteContext,
    human,
)
from graphs.gate import Gate
from graphs.model import Digest, InstallId, SlackUserId, TicketRef, TrackerName
from tests.graphs.gate_cases import ASK, DECIDE, OTHER, PROPOSE, READ, TICKET, WRITE, YES

GATE = Gate.load()
NASTY = st.one_of(
    st.sampled_from(
        ["", "main", "triage", '"', "\n", '"; permit(principal, action, resource);', 'main" || true', "\x00", "\\"]
    ),
    st.text(max_size=20),
)
DIGESTS = st.sampled_from(["", "d" * 64, "e" * 64])
LONG = st.integers(min_value=-(2**70), max_value=2**70)
REFS = st.builds(
    TicketRef,
    tracker=st.just(TrackerName.GITHUB),
    install=st.sampled_from([InstallId("main"), InstallId("other")]),
    project=st.sampled_from(["acme/assistant", 'acme/"assistant', "acme/assistant\n", "acme/assistant#7"]),
    number=st.sampled_from(["7", "8", '7"', "7\n"]),
)
WRITE_CONTEXTS = st.builds(
    WriteContext,
    approval=st.builds(
        Approval,
        digest=DIGESTS.map(Digest),
        by=st.sampled_from(["", "U0ONDUTY"]).map(SlackUserId),
        age_s=LONG,
        decided=st.booleans(),
        target=REFS,
    ),
    action_digest=DIGESTS.map(Digest),
    kill_switch=st.booleans(),
    saw_untrusted=st.booleans(),
    value_listed=st.booleans(),
    writes_so_far=LONG,
    max_age_s=LONG,
)
PRINCIPALS = st.builds(Principal, kind=st.sampled_from(PrincipalKind), id=NASTY)
CONTEXTS = st.one_of(WRITE_CONTEXTS, st.sampled_from([READ, PROPOSE, DECIDE, ASK, WRITE]))


@given(principal=PRINCIPALS, action=st.sampled_from(sorted(WRITES)), resource=REFS, context=CONTEXTS)
@settings(max_examples=1500, deadline=None)
def test_no_input_makes_an_unapproved_write_allowed(
    principal: Principal, action: Action, resource: TicketRef, context: Context
) -> None:
    answer = GATE.check(principal, action, resource, context)
    if not answer.allowed:
        return
    assert principal == EXECUTOR
    assert isinstance(context, WriteContext)
    approval = context.approval
    assert approval.decided
    assert approval.by
    assert approval.target == resource
    assert approval.digest == context.action_digest != ""
    assert -60 <= approval.age_s <= context.max_age_s
    assert not context.kill_switch
    assert context.value_listed or not context.saw_untrusted or action not in {Action.ADD_LABEL, Action.ASSIGN}


@given(context=WRITE_CONTEXTS, action=st.sampled_from(sorted(WRITES)), name=NASTY)
@settings(max_examples=500, deadline=None)
def test_neither_the_agent_nor_a_person_can_ever_write(context: WriteContext, action: Action, name: str) -> None:
    good = replace(WRITE, approval=replace(YES, by=context.approval.by or SlackUserId("U0ONDUTY")))
    for principal in (AGENT, human(SlackUserId(name)), Principal(kind=PrincipalKind.AGENT, id=name)):
        for given_context in (context, good):
            assert not GATE.check(principal, action, TICKET, given_context).allowed


@given(name=NASTY)
@settings(max_examples=300, deadline=None)
def test_only_the_two_named_programs_exist(name: str) -> None:
    assume(name not in {"main", "triage"})
    assert not GATE.check(Principal(kind=PrincipalKind.EXECUTOR, id=name), Action.ASSIGN, TICKET, WRITE).allowed
    assert not GATE.check(Principal(kind=PrincipalKind.AGENT, id=name), Action.PROPOSE, TICKET, PROPOSE).allowed


@pytest.mark.parametrize("odd", ['7"', "7\n", "7\\", "7' or 1 == 1", '7" && true', "7\x00", "\uff17"])
def test_a_strange_id_is_an_id_of_its_own(odd: str) -> None:
    strange = TICKET.model_copy(update={"number": odd})
    about_it = replace(WRITE, approval=replace(YES, target=strange))
    assert GATE.check(EXECUTOR, Action.ASSIGN, strange, about_it).allowed
    assert not GATE.check(EXECUTOR, Action.ASSIGN, TICKET, about_it).allowed
    assert not GATE.check(EXECUTOR, Action.ASSIGN, strange, WRITE).allowed


@pytest.mark.parametrize("odd", ['U0"', "U0\n", "U0\\", '"; permit(principal, action, resource); //'])
def test_a_person_with_a_strange_id_is_a_person(odd: str) -> None:
    assert GATE.check(human(SlackUserId(odd)), Action.APPROVE, TICKET, DECIDE).allowed


class Raw:
    """A context as a careless caller might build it."""

    def __init__(self, content: dict[str, object]) -> None:
        self._content = content

    def as_cedar(self) -> dict[str, object]:
        return self._content


def changed(whole: Context, path: tuple[str, ...], *value: object) -> Context:
    """The context with another value at `path`, or with nothing there."""
    content = whole.as_cedar()
    inner = content
    for step in path[:-1]:
        found = inner[step]
        assert isinstance(found, dict)
        inner = found
    del inner[path[-1]]
    if value:
        inner[path[-1]] = value[0]
    return cast("Context", Raw(content))


def _paths(content: dict[str, object]) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for key, value in content.items():
        paths.append((key,))
        if isinstance(value, dict) and key in {"person", "approval"}:
            paths += [(key, inner) for inner in value]
    return paths


ALLOWED = (
    (AGENT, Action.READ_TICKET, READ),
    (AGENT, Action.PROPOSE, PROPOSE),
    (human(SlackUserId("U0ONDUTY")), Action.APPROVE, DECIDE),
    (human(SlackUserId("U0ONDUTY")), Action.ASK_TRIAGE, ASK),
    (EXECUTOR, Action.COMMENT, WRITE),
)


@pytest.mark.parametrize(("principal", "action", "context"), ALLOWED, ids=[action for _, action, _ in ALLOWED])
def test_a_missing_attribute_is_a_no(principal: Principal, action: Action, context: Context) -> None:
    assert GATE.check(principal, action, TICKET, context).allowed
    for path in _paths(context.as_cedar()):
        answer = GATE.check(principal, action, TICKET, changed(context, path))
        assert not answer.allowed, path
        assert "could not be judged" in answer.why


@pytest.mark.parametrize("value", [None, 1.5, [], {}, {"a": 1}, "\ud800", 2**80, float("nan")])
def test_a_value_of_no_fitting_type_is_a_no(value: object) -> None:
    for path in _paths(WRITE.as_cedar()):
        assert not GATE.check(EXECUTOR, Action.COMMENT, TICKET, changed(WRITE, path, value)).allowed, path


@pytest.mark.parametrize("value", [1, 0, "true", "false", ""])
def test_what_is_nearly_true_is_not_true(value: object) -> None:
    for path in [("kill_switch",), ("saw_untrusted",), ("value_listed",), ("approval", "decided")]:
        assert not GATE.check(EXECUTOR, Action.COMMENT, TICKET, changed(WRITE, path, value)).allowed, path


def test_an_attribute_too_many_is_a_no() -> None:
    assert not GATE.check(EXECUTOR, Action.COMMENT, TICKET, cast("Context", Raw({**WRITE.as_cedar(), "x": 1}))).allowed


def test_whatever_goes_wrong_inside_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("graphs.gate.cedarpy.is_authorized", broken)
    answer = GATE.check(EXECUTOR, Action.COMMENT, TICKET, WRITE)
    assert not answer.allowed
    assert "MemoryError" in answer.why


def test_the_answer_names_its_rules() -> None:
    yes = GATE.check(EXECUTOR, Action.COMMENT, TICKET, WRITE)
    assert yes.policies == ("executor-writes-what-was-approved",)
    no = GATE.check(EXECUTOR, Action.COMMENT, TICKET, replace(WRITE, kill_switch=True, writes_so_far=99))
    assert no.policies == ("executor-stops-when-paused", "executor-write-budget")
    assert "paused" in no.why
    assert yes.policy_version == no.policy_version == GATE.policy_version != ""
    nobody = GATE.check(EXECUTOR, Action.COMMENT, OTHER, WRITE)
    assert nobody.policies == ()
    assert "no rule lets" in nobody.why
