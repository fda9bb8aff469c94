"""Who may decide: actors, approval rules and the gate together."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.acts import Action, Approval, human
from graphs.approvers import Approvers
from graphs.gate import Gate
from graphs.model import (
    Actor,
    Approved,
    Decision,
    Digest,
    Edited,
    Expired,
    Login,
    Millis,
    ProposalId,
    Rejected,
    RejectReason,
    SlackUserId,
    Withdrawn,
)
from policies.loader import load
from tests.builders import a_proposal

OWNERS = """
owners:
  - id: data-lead
    name: Data team
    slack: U0DATALEAD
    logins: {github: Data-Lead}
    layers:
      [business_workflow, application_and_tools, retrieval_and_context, model_and_evaluation, operations_and_governance]
"""
GATE = Gate.load()
LEAD, MEMBER = SlackUserId("U0DATALEAD"), SlackUserId("U0MEMBER01")
CARD = a_proposal()
BEFORE = Millis(CARD.expires_at - 1)


def approvers(folder: Path, who: str = "members", *, reporter: bool = True) -> Approvers:
    (folder / "owners.yaml").write_text(OWNERS)
    rules = (
        f"who: {who}\nreporter_may_approve: {str(reporter).lower()}\nexpires_after_hours: 2\napply_within_minutes: 3\n"
    )
    (folder / "approval.yaml").write_text(rules)
    return Approvers(load(folder))


def may(rules: Approvers, user: SlackUserId, *, action: Action = Action.APPROVE, author: str = "someone") -> bool:
    actor, due = Actor(user=user, team="T1"), CARD.expires_at
    context = rules.deciding(
        actor,
        CARD,
        author=Login(author),
        decided=False,
        now=BEFORE,
        due_at=due,
        kill_switch=False,
        risky=False,
        first=None,
    )
    return GATE.check(human(user), action, CARD.target, context).allowed


@pytest.mark.parametrize(
    ("who", "lead", "member"),
    [("members", True, True), ("directory", True, False), ("[U0MEMBER01]", False, True), ("[U0DATALEAD]", True, False)],
)
def test_approval_follows_the_rules(tmp_path: Path, who: str, lead: bool, member: bool) -> None:  # noqa: FBT001  # pytest passes by name
    rules = approvers(tmp_path, who)
    for action in (Action.APPROVE, Action.EDIT, Action.REJECT):
        assert (may(rules, LEAD, action=action), may(rules, MEMBER, action=action)) == (lead, member)


def test_a_reporter_is_known_by_the_account_in_the_tracker(tmp_path: Path) -> None:
    strict = approvers(tmp_path, reporter=False)
    assert not may(strict, LEAD, author="data-lead")
    assert may(strict, LEAD, author="data-leader")
    assert may(strict, LEAD, author="data-lead", action=Action.REJECT)
    assert may(strict, MEMBER, author="data-lead")
    assert may(approvers(tmp_path, reporter=True), LEAD, author="data-lead")


def test_an_expired_card_cannot_be_decided(tmp_path: Path) -> None:
    rules = approvers(tmp_path)
    actor = Actor(user=LEAD, team="T1")
    for now, allowed in ((BEFORE, True), (CARD.expires_at, False)):
        context = rules.deciding(
            actor,
            CARD,
            author=Login("x"),
            decided=False,
            now=now,
            due_at=CARD.expires_at,
            kill_switch=False,
            risky=False,
            first=None,
        )
        assert GATE.check(human(LEAD), Action.APPROVE, CARD.target, context).allowed is allowed


def test_an_actor_whom_slack_does_not_know_may_not_even_ask(tmp_path: Path) -> None:
    rules = approvers(tmp_path)
    for known in (True, False):
        context = rules.asking(Actor(user=LEAD, team="T1", is_known=known), kill_switch=False)
        assert GATE.check(human(LEAD), Action.ASK_TRIAGE, CARD.target, context).allowed is known


def test_the_times_of_the_rules(tmp_path: Path) -> None:
    rules = approvers(tmp_path)
    assert rules.expires_after_ms == 2 * 3600 * 1000
    assert rules.apply_within_s == 180


AT = Millis(1_000_000)
DECISIONS: list[tuple[Decision | None, bool]] = [
    (Approved(by=LEAD, at=AT), True),
    (Edited(by=LEAD, at=AT, proposal=CARD.id), True),
    (Edited(by=LEAD, at=AT, proposal=ProposalId("another")), False),
    (Rejected(by=LEAD, at=AT, reason=RejectReason.OTHER), False),
    (Expired(at=AT), False),
    (Withdrawn(at=AT, why="closed"), False),
    (None, False),
]


@pytest.mark.parametrize(("decision", "yes"), DECISIONS, ids=lambda value: getattr(value, "status", str(value)))
def test_only_a_yes_to_this_proposal_is_a_yes(decision: Decision | None, yes: bool) -> None:  # noqa: FBT001
    found = Approval.of(decision, CARD, recorded=Digest("recorded"), now=Millis(AT + 61_999))
    assert found.decided is yes
    assert found.digest == "recorded"
    assert found.target == CARD.target
    if yes:
        assert (found.by, found.age_s) == (LEAD, 61)
