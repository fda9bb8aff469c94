"""A team corrects one ticket, and the next one like it comes with the right layer, with its reasons and its double."""

from __future__ import annotations

from bot.sandbox.slack.message import Message
from bot.slack.blocks.as_text import as_text
from graphs.model import TicketKey
from tests.e2e.stage import CHANNEL, ML_LEAD, ON_DUTY, Stage

FIRST = (
    "Uploaded handbook is never found by search",
    "The handbook was uploaded yesterday, and our search finds nothing of it. The citations point to nowhere.",
)
NEXT = (
    "The uploaded handbook is not found by our search",
    "The handbook was uploaded last week, and search finds nothing of it. Citations are missing.",
)


async def corrected(stage: Stage, card: Message, layer: str) -> None:
    view = await stage.form(ML_LEAD, card, "edit")
    chosen = {
        "layer": {"choose_layer": layer},
        "kind": {"choose_kind": "bug"},
        "owner": {"choose_owner": "ops-lead"},
    }
    outcome = await stage.slack.submit(ML_LEAD, view, chosen)
    assert outcome.acked
    await stage.card_says(card, "Edited and approved", "All of it is set")


def shown(card: Message) -> str:
    return as_text([*card.blocks])


async def why(stage: Stage, card: Message) -> str:
    outcome = await stage.slack.click(ON_DUTY, CHANNEL, card.ts, "why")
    assert outcome.acked, outcome.error
    views = await stage.slack.until(lambda: stage.slack.open_views(ON_DUTY), 10)
    said = repr(views[-1].body)
    await stage.slack.close_view(ON_DUTY, views[-1].id)
    return said


async def test_a_correction_helps_the_next_ticket_and_why_says_whose_it_was(stage: Stage) -> None:
    number, card = await stage.file_and_wait(*FIRST)
    assert "retrieval and context" in card.all_text
    await corrected(stage, card, "operations_and_governance")
    following, second = await stage.file_and_wait(*NEXT)
    assert "layer: operations and governance" in second.all_text
    said = await why(stage, second)
    assert "this moved the guess" in said
    assert f"{stage.repo}#{number} (" in said
    assert ML_LEAD in said
    again, third = await stage.file_and_wait(*FIRST)
    assert f"Perhaps the same  #{number} (operations and governance)" in shown(third)
    assert f"#{again} (" not in shown(third)
    assert {stage.github.issue(stage.repo, one).state for one in (number, again)} == {"open"}, "nothing is closed by it"
    assert [stage.effects(one) for one in (following, again)] == [[], []]
    async with stage.core.record.read() as tx:
        told = await tx.lessons.of(TicketKey(f"github:main:{stage.repo}#{number}".lower()))
    assert told is not None
    assert (told.lesson.by, told.lesson.layer) == (ML_LEAD, "operations_and_governance")


async def test_a_rejection_that_names_the_layer_teaches_it_through_slacks_form(stage: Stage) -> None:
    _, card = await stage.file_and_wait(*FIRST)
    view = await stage.form(ML_LEAD, card, "reject")
    chosen = {
        "reason": {"choose_reason": "wrong_layer"},
        "layer": {"choose_layer": "operations_and_governance"},
        "note": {"write_note": "no"},
    }
    assert (await stage.slack.submit(ML_LEAD, view, chosen)).acked
    await stage.card_says(card, "Rejected")
    _, second = await stage.file_and_wait(*FIRST)
    assert "layer: operations and governance" in second.all_text
    assert "(rejected: wrong layer)" in shown(second)
