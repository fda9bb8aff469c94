"""What counts as a change that a person made meanwhile, and what does not."""

from __future__ import annotations

import pytest

from bot.executor.drift import changes, drift
from graphs.model import AddLabel, Assign, Comment, Login, Operation, Proposal, Seen, Ticket, TicketState
from tests.builders import a_proposal, a_ticket
from tests.executor.bench import KIND, LAYER, TAXONOMY

OTHER_LAYER, OTHER_KIND = "layer: model and evaluation", "kind: task"
ADD_LAYER, ADD_KIND, ASSIGN, COMMENT = (
    AddLabel(label=LAYER),
    AddLabel(label=KIND),
    Assign(login=Login("ml-lead")),
    Comment(body="Thanks."),
)


def seen(labels: tuple[str, ...] = (), assignees: tuple[str, ...] = ()) -> Proposal:
    before = Seen(labels=labels, assignees=tuple(Login(one) for one in assignees), version="v1")
    return a_proposal(operations=(ADD_LAYER, ADD_KIND, ASSIGN, COMMENT), seen=before)


@pytest.mark.parametrize(
    ("operation", "before", "now", "words"),
    [
        # A label of the same family is a person's answer to the same question.
        (ADD_LAYER, seen(), a_ticket(labels=(OTHER_LAYER,)), f"the label “{OTHER_LAYER}” was added"),
        (ADD_LAYER, seen(), a_ticket(labels=(OTHER_LAYER.title(),)), f"the label “{OTHER_LAYER.title()}” was added"),
        (ADD_KIND, seen(), a_ticket(labels=(OTHER_KIND,)), f"the label “{OTHER_KIND}” was added"),
        # A label of another family, or of none, is not.
        (ADD_LAYER, seen(), a_ticket(labels=(OTHER_KIND, "help wanted")), None),
        (ADD_LAYER, seen(), a_ticket(labels=(LAYER,)), None),
        (ADD_LAYER, seen(), a_ticket(labels=(LAYER.upper(),)), None),
        (ADD_LAYER, seen((OTHER_LAYER,)), a_ticket(labels=(OTHER_LAYER,)), None),
        (ADD_LAYER, seen((OTHER_LAYER,)), a_ticket(), None),
        (AddLabel(label="free"), seen(), a_ticket(labels=(OTHER_LAYER,)), None),
        # Somebody else is assigned.
        (ASSIGN, seen(), a_ticket(assignees=("data-lead",)), "data-lead was assigned"),
        (ASSIGN, seen(), a_ticket(assignees=("ml-lead", "data-lead")), "data-lead was assigned"),
        (ASSIGN, seen(), a_ticket(assignees=("b-lead", "a-lead")), "b-lead, a-lead were assigned"),
        (ASSIGN, seen(), a_ticket(assignees=("ml-lead",)), None),
        (ASSIGN, seen(), a_ticket(assignees=("ML-Lead",)), None),
        (ASSIGN, seen((), ("data-lead",)), a_ticket(assignees=("data-lead",)), None),
        (ASSIGN, seen(), a_ticket(labels=(OTHER_LAYER,)), None),
        # A closed ticket is out of everybody's hands, a locked one takes no comment.
        (ADD_LAYER, seen(), a_ticket(state=TicketState.CLOSED), "the ticket was closed"),
        (COMMENT, seen(), a_ticket(state=TicketState.CLOSED), "the ticket was closed"),
        (COMMENT, seen(), a_ticket().model_copy(update={"locked": True}), "the conversation was locked"),
        (ADD_LAYER, seen(), a_ticket().model_copy(update={"locked": True}), None),
        # Text, version and time may change: nothing that is written depends on them.
        (ADD_LAYER, seen(), a_ticket(title="new", body="new", version="v9"), None),
        (COMMENT, seen(), a_ticket(labels=(OTHER_LAYER,), assignees=("data-lead",)), None),
    ],
)
def test_drift(operation: Operation, before: Proposal, now: Ticket, words: str | None) -> None:
    assert drift(operation, before, now, TAXONOMY) == words


def test_all_changes_each_once_in_order() -> None:
    live = a_ticket(labels=(OTHER_KIND, OTHER_LAYER), assignees=("data-lead",))
    assert changes(seen(), live, TAXONOMY) == (
        f"the label “{OTHER_LAYER}” was added",
        f"the label “{OTHER_KIND}” was added",
        "data-lead was assigned",
    )
    assert changes(seen(), a_ticket(state=TicketState.CLOSED), TAXONOMY) == ("the ticket was closed",)
    closed = seen()
    known = closed.model_copy(update={"seen": closed.seen.model_copy(update={"closed": True})})
    assert changes(known, a_ticket(state=TicketState.CLOSED), TAXONOMY) == ()
    assert changes(seen(), a_ticket(), TAXONOMY) == ()


def test_a_locked_conversation_costs_the_comment_and_nothing_else() -> None:
    locked = a_ticket().model_copy(update={"locked": True})
    assert changes(seen(), locked, TAXONOMY) == ()
    only_a_comment = seen().model_copy(update={"operations": (COMMENT,)})
    assert changes(only_a_comment, locked, TAXONOMY) == ("the conversation was locked",)
