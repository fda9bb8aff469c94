"""A team corrects one ticket, and the next one like it comes with the right layer, with its reasons and its double."""

from __future__ import annotations

from bot.dry_run import propose
from bot.sandbox.slack.message import Message
from bot.slack.blocks.as_text import as_text
from bot.slack.blocks.card import card as card_of
from graphs.model import TicketKey
from tests.e2e.stage import CHANNEL, ML_LEAD, ON_DUTY, Stage
from tests.record.person import dump

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


async def test_a_dry_run_tells_what_the_record_knows_and_changes_nothing_in_it(stage: Stage) -> None:
    number, card = await stage.file_and_wait(*FIRST)
    await corrected(stage, card, "operations_and_governance")
    again, _ = await stage.file_and_wait(*FIRST)
    await stage.quiet()
    before = await dump(stage.core.record)
    settings = stage.core.settings
    view, _ = await propose(settings, f"{stage.repo}#{again}")
    assert view is not None
    assert view.analysis.layer == "operations_and_governance"
    assert [(one.short, one.decision and one.decision.status) for one in view.similar] == [
        (f"{stage.repo}#{number}", "approved")
    ]
    assert [(one.short, one.by) for one in view.precedents] == [(f"{stage.repo}#{number}", ML_LEAD)]
    assert f"Perhaps the same  #{number}" in as_text(card_of(view).blocks)
    assert await dump(stage.core.record) == before
    elsewhere = settings.model_copy(
        update={"strata_directory": settings.strata_directory / "new", "strata_record_url": ""}
    )
    plain, _ = await propose(elsewhere, f"{stage.repo}#{again}")
    assert plain is not None
    assert (plain.similar, plain.precedents) == ((), ())
    assert not elsewhere.strata_directory.exists()
