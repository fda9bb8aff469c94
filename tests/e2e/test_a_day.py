"""A day in Slack with the real bot: mentions, direct messages, the Home tab, and the menu of a card to its end."""

from __future__ import annotations

from bot.sandbox.slack.views import View
from tests.e2e.stage import CHANNEL, ML_LEAD, ON_DUTY, Stage


async def opened(stage: Stage, ts: str, verb: str, user: str = ON_DUTY) -> View:
    """Chooses from the card's menu; a person who is new is asked to do it again."""
    for _ in range(20):
        menu = next(one for one in stage.slack.message(CHANNEL, ts).elements if one.action_id == "more")
        value = next(one["value"] for one in menu.body["options"] if one["value"].startswith(f"{verb}:"))  # type: ignore[attr-defined]
        outcome = await stage.slack.click(user, CHANNEL, ts, "more", value)
        assert outcome.acked, outcome.error
        views = await stage.slack.until(lambda: stage.slack.open_views(user), 10)
        if views[-1].body.get("callback_id"):
            return views[-1]
        await stage.slack.close_view(user, views[-1].id)
    raise AssertionError(f"the form of {verb} did not open")


async def test_a_question_is_posted_a_card_put_off_and_passed_on_and_all_of_it_is_heard_of(stage: Stage) -> None:
    number, card = await stage.file_and_wait()
    asked = await opened(stage, card.ts, "ask")
    await stage.slack.submit(ON_DUTY, asked.id)
    await stage.card_says(card, "reporter asked")
    assert [what for what, _ in stage.effects(number)] == ["commented"]

    passed = await opened(stage, card.ts, "hand_over")
    values = {"owner": {"choose_owner": "ml-lead"}, "note": {"write_note": "yours?"}}
    await stage.slack.submit(ON_DUTY, passed.id, values)
    await stage.card_says(card, "ML team")
    said = await stage.slack.until(lambda: [one for one in stage.slack.messages(CHANNEL) if one.thread_ts == card.ts])
    assert f"<@{ML_LEAD}>" in said[0].text

    await stage.slack.mention(ML_LEAD, CHANNEL, "list mine")
    await stage.told(ML_LEAD, "1 waiting for a decision")
    await stage.slack.direct_message(ML_LEAD, "next")
    room = stage.slack.world.store.dm(ML_LEAD).id
    await stage.slack.until(lambda: [one for one in stage.slack.messages(room) if "Next of yours" in one.all_text])

    await stage.slack.open_home(ML_LEAD)
    home = await stage.slack.until(lambda: stage.slack.home(ML_LEAD))
    assert f"{stage.repo}#{number}" in repr(home.body)

    later = await opened(stage, card.ts, "snooze", ML_LEAD)
    await stage.slack.submit(ML_LEAD, later.id)
    await stage.card_says(card, "put off by")
    assert (await stage.slack.click(ML_LEAD, CHANNEL, card.ts, "approve")).acked
    await stage.card_says(card, "All of it is set")
    assert sorted(what for what, _ in stage.effects(number)) == [
        *("assigned", "commented", "commented", "labeled", "labeled")
    ]
    assert stage.github.duplicate_writes() == ()
