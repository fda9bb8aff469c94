"""Reminders in the thread of a card: when, whom, and when not; and the note when duty changes hands."""

from __future__ import annotations

from datetime import date

import pytest

from bot.record.absences import Away
from bot.record.tables import jobs, proposals
from bot.service.absences import RecordAbsences
from bot.service.duty import hand_over_note
from bot.service.reminding import Reminding
from bot.tasks import TellChannel
from bot.work.worker import TryAgain
from graphs.calendar import Calendar
from graphs.model import Proposal, SlackUserId
from policies.shapes import Clock
from tests.builders import DAY
from tests.service.house import CHANNEL, House
from tests.service.test_commands import typed

OWNER, BACKUP, DUTY = (SlackUserId(one) for one in ("U03DATALEAD", "U02MLLEAD", "U01ONDUTY"))
CLOCK = Calendar(Clock.model_validate({"backup": [BACKUP], "duty": {"people": [DUTY, BACKUP], "since": "2026-01-05"}}))


async def posted(house: House) -> Proposal:
    """A card in the channel, its owner in Slack, with reminders to come."""
    house.calendar = CLOCK
    proposal = await house.propose()
    job = await house.claim("post_card")
    assert job
    await house.cards.post(job)
    return proposal


async def reminded(house: House) -> list[str]:
    """What the thread was told by the next reminder."""
    await house.later(jobs.c.run_at, 2 * DAY)
    job = await house.claim("remind_of_card")
    assert job
    before = len(house.desk.replied)
    await Reminding(house.record, house.cards, CLOCK).remind(job)
    return [text for _, _, text in house.desk.replied[before:]]


async def passed(house: House, share: float) -> None:
    """As if this share of the card's time were over."""
    async with house.record.begin() as tx:
        waiting = await tx.triages.waiting(1)
        proposal = await tx.proposals.latest(waiting[0].id)
    assert proposal
    back = int(DAY * share)
    moved = proposal.model_copy(
        update={"created_at": proposal.created_at - back, "expires_at": proposal.expires_at - back}
    )
    async with house.record.engine.begin() as connection:
        await connection.execute(proposals.update().values(body=moved.model_dump_json()))


async def away(house: House, user: SlackUserId) -> None:
    async with house.record.begin() as tx:
        await tx.absences.put(Away(user=user, first=date(2020, 1, 1), last=date(2999, 1, 1)))


async def test_first_the_owner_then_the_backup_and_then_it_expires(house: House) -> None:
    await posted(house)
    await passed(house, 0.3)
    (text,) = await reminded(house)
    assert f"<@{OWNER}>" in text
    assert f"<@{BACKUP}>" not in text
    await passed(house, 0.5)
    (text,) = await reminded(house)
    assert f"<@{BACKUP}> <@{OWNER}>" in text
    assert [(channel, thread) for channel, thread, _ in house.desk.replied] == [(CHANNEL, "1.0")] * 2


async def test_nobody_is_reminded_too_early_or_of_what_is_decided(house: House) -> None:
    await posted(house)
    with pytest.raises(TryAgain) as waits:
        await reminded(house)
    assert DAY / 4000 - 60 < waits.value.after_s <= DAY / 4000
    await typed(house, "reject acme/assistant#12 not now")
    await house.later(jobs.c.lease_until, 2 * DAY)
    assert await reminded(house) == []


async def test_what_was_put_off_is_not_spoken_of(house: House) -> None:
    await posted(house)
    await passed(house, 0.3)
    await typed(house, "snooze acme/assistant#12 2h")
    with pytest.raises(TryAgain) as waits:
        await reminded(house)
    assert 7000 < waits.value.after_s <= 7200


async def test_a_paused_channel_is_left_in_peace(house: House) -> None:
    await posted(house)
    await passed(house, 0.3)
    await typed(house, "pause channel")
    with pytest.raises(TryAgain):
        await reminded(house)
    assert house.desk.replied == []


async def test_whoever_is_away_is_not_reminded_and_gets_no_tickets(house: House) -> None:
    await posted(house)
    await passed(house, 0.3)
    await away(house, OWNER)
    (text,) = await reminded(house)
    assert f"<@{OWNER}>" not in text
    async with house.record.read() as tx:
        now = await tx.now()
    assert await RecordAbsences(house.record, CLOCK).now_away(now) == {OWNER: "2999-01-01"}


async def test_duty_changes_hands_with_one_note(house: House) -> None:
    await house.propose()
    assert await hand_over_note(house.record, CLOCK)
    assert not await hand_over_note(house.record, CLOCK)
    (note,) = await house.waiting("tell_channel")
    assert isinstance(note, TellChannel)
    assert {*note.to} == {DUTY, BACKUP}
    assert "1 card waits" in note.text
    assert not await hand_over_note(house.record, Calendar(Clock()))
