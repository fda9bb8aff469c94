"""Every kind of job has one role that does it and one place in the order of urgency."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from bot.tasks import EXECUTOR_KINDS, PRIORITY, TASK, WORKER_KINDS, ExecuteProposal, Task
from graphs.model import ProposalId


def _kinds() -> set[str]:
    members = get_args(get_args(Task)[0])
    return {member.model_fields["kind"].default for member in members}


def test_each_kind_has_exactly_one_role() -> None:
    assert _kinds() == WORKER_KINDS | EXECUTOR_KINDS
    assert not WORKER_KINDS & EXECUTOR_KINDS


def test_each_kind_has_a_priority() -> None:
    assert _kinds() == set(PRIORITY)


def test_a_person_who_waits_comes_before_a_ticket_that_waits() -> None:
    assert max(PRIORITY, key=lambda kind: PRIORITY[kind]) == "take_verdict"
    assert min(PRIORITY["take_verdict"], PRIORITY["execute_proposal"]) > PRIORITY["triage_ticket"]


def test_only_the_executor_writes() -> None:
    assert set(EXECUTOR_KINDS) == {"execute_proposal"}


def test_a_stored_task_comes_back_as_its_own_type() -> None:
    task = ExecuteProposal(proposal=ProposalId("p"))
    assert TASK.validate_json(task.model_dump_json()) == task


@pytest.mark.parametrize(
    "body",
    ['{"kind":"of tomorrow"}', "{}", '{"kind":"execute_proposal"}', '{"kind":"execute_proposal","proposal":"p","x":1}'],
)
def test_what_is_no_task_is_refused(body: str) -> None:
    with pytest.raises(ValidationError):
        TASK.validate_json(body)
