"""A card is posted once; what Slack refused to take is not looked for."""

from __future__ import annotations

import pytest

from bot.slack.errors import PostUnknown
from bot.tasks import Claimed, PostCard
from graphs.errors import RateLimited
from tests.service.house import House


async def _to_post(house: House) -> Claimed:
    proposal = await house.propose()
    async with house.record.begin() as tx:
        await tx.jobs.add(PostCard(triage=proposal.triage), ticket=proposal.target.key)
    job = await house.claim("post_card")
    assert job is not None
    return job


@pytest.mark.parametrize(("error", "looks"), [(RateLimited("wait", 1.0), False), (PostUnknown("lost"), True)])
async def test_a_post_is_looked_for_only_when_slack_may_have_it(house: House, error: Exception, *, looks: bool) -> None:
    job = await _to_post(house)
    house.desk.broken["post"] = error
    with pytest.raises(type(error)):
        await house.cards.post(job)
    del house.desk.broken["post"]
    house.desk.broken["find"] = PostUnknown("it looks")
    if looks:
        with pytest.raises(PostUnknown, match="it looks"):
            await house.cards.post(job)
    else:
        await house.cards.post(job)
    assert len(house.desk.posted) == (0 if looks else 1)


async def test_a_wait_after_a_lost_answer_forgets_nothing(house: House) -> None:
    job = await _to_post(house)
    for error in (PostUnknown("lost"), RateLimited("wait", 1.0)):
        house.desk.broken["post"] = error
        with pytest.raises(type(error)):
            await house.cards.post(job)
    house.desk.broken = {"find": PostUnknown("it looks")}
    with pytest.raises(PostUnknown, match="it looks"):
        await house.cards.post(job)
