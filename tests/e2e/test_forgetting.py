"""A reporter asks to be forgotten while the bot runs: the cards in Slack lose the words, what was written stays."""

from __future__ import annotations

from bot.keys import derived
from bot.service.forgetting import Forgetting, Whom
from graphs.model import InstallId
from tests.e2e.rest import at_rest
from tests.e2e.stage import CHANNEL, Stage
from tests.record.person import dump

TITLE = "Zebra answers cite deleted files"
BODY = "The zebra index keeps embeddings of files that were removed. Citations point to zebra pages that are gone."
WORDS = ("zebra", "reporter-1")


def wrong_words(text: str) -> list[str]:
    return [word for word in WORDS if word in text.lower()]


async def test_cards_lose_the_words_and_what_was_written_stays(stage: Stage) -> None:
    written, decided = await stage.file_and_wait(TITLE, BODY)
    await stage.approve(decided)
    await stage.card_says(decided, "All of it is set")
    waiting_number, waiting = await stage.file_and_wait(TITLE, BODY)
    assert await at_rest(stage) == {}
    assert wrong_words(decided.all_text) != []
    effects = stage.effects(written)
    forgetting = Forgetting(stage.core.record, derived(stage.core.key, "reporter"))
    forgotten = await forgetting.forget(Whom(install=InstallId("main"), account="reporter-1"), "a letter")
    assert (forgotten.tickets, forgotten.withdrawn, forgotten.busy) == (2, 1, ())
    await stage.card_says(waiting, "erased on request")
    assert await at_rest(stage) == {}
    for card in (decided, waiting):
        shown = stage.slack.message(CHANNEL, card.ts)
        assert wrong_words(shown.all_text + repr(shown.blocks)) == []
        assert "approve" not in shown.action_ids
    assert "All of it is set" in stage.slack.message(CHANNEL, decided.ts).all_text
    assert stage.effects(written) == effects
    assert stage.effects(waiting_number) == []
    assert {name: words for name, kept in (await dump(stage.core.record)).items() if (words := wrong_words(kept))} == {}
    async with stage.core.record.read() as tx:
        assert await tx.audit.verify() > 0
