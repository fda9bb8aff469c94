"""Slack's directory is remembered for a minute: no right outlives what Slack has taken away."""

from __future__ import annotations

import pytest

from bot.record.tables import people
from bot.service.people import MAX_AGE_MS
from bot.slack.errors import PostUnknown, SlackRefused
from bot.tasks import LookUpPerson
from tests.builders import ON_DUTY, TEAM, an_actor
from tests.service.house import CHANNEL, House


async def test_slack_is_asked_once_a_minute(house: House) -> None:
    assert MAX_AGE_MS == 60_000
    assert await house.people.known(ON_DUTY) is None
    for _ in range(3):
        assert (await house.people.actor(ON_DUTY, stranger=False)).is_known
    assert house.desk.asked_about == [ON_DUTY]
    await house.later(people.c.checked_at, MAX_AGE_MS - 10_000)
    await house.people.actor(ON_DUTY, stranger=False)
    assert house.desk.asked_about == [ON_DUTY]
    await house.later(people.c.checked_at, 20_000)
    assert await house.people.known(ON_DUTY) is None
    await house.people.actor(ON_DUTY, stranger=False)
    assert house.desk.asked_about == [ON_DUTY, ON_DUTY]


async def test_fault_30_a_right_that_slack_took_away_ends_within_a_minute(house: House) -> None:
    await house.people.actor(ON_DUTY, stranger=False)
    house.desk.directory[ON_DUTY] = an_actor(is_deactivated=True)
    assert not (await house.people.actor(ON_DUTY, stranger=False)).is_deactivated
    await house.later(people.c.checked_at, MAX_AGE_MS + 1000)
    assert (await house.people.actor(ON_DUTY, stranger=False)).is_deactivated


async def test_a_signed_payload_can_only_add_doubt(house: House) -> None:
    assert (await house.people.actor(ON_DUTY, stranger=True)).is_stranger
    assert not (await house.people.actor(ON_DUTY, stranger=False)).is_stranger, "the doubt is not remembered"
    house.desk.directory["U0OTHER"] = an_actor("U0OTHER", is_stranger=True)
    assert (await house.people.actor("U0OTHER", stranger=False)).is_stranger  # type: ignore[arg-type]  # a plain id


async def test_an_unknown_person_is_not_remembered(house: House) -> None:
    house.desk.directory[ON_DUTY] = an_actor(is_known=False)
    assert not (await house.people.actor(ON_DUTY, stranger=False)).is_known
    del house.desk.directory[ON_DUTY]
    assert (await house.people.actor(ON_DUTY, stranger=False)).is_known


async def test_a_refusal_makes_a_person_unknown_and_an_outage_does_not(house: House) -> None:
    house.desk.broken["person"] = SlackRefused("missing_scope")
    assert not (await house.people.actor(ON_DUTY, stranger=False)).is_known
    house.desk.broken["person"] = PostUnknown("lost")
    with pytest.raises(PostUnknown):
        await house.people.actor(ON_DUTY, stranger=False)


async def test_a_look_up_makes_a_person_known(house: House) -> None:
    async with house.record.begin() as tx:
        await tx.jobs.add(LookUpPerson(user=ON_DUTY, team=TEAM, channel=CHANNEL))
    job = await house.claim("look_up_person")
    assert job is not None
    await house.people.look_up(job)
    assert await house.people.known(ON_DUTY) is not None
