"""Which stories lead past which crash point, how often at least, and a night in which the bot dies at several of them.

Owns the plan of the sweep. A point that is missing here fails a test, so none can be forgotten.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress

from bot.crash import POINTS
from tests.crash.account import arrived, check, quiet
from tests.crash.bots import KILLED
from tests.crash.night import BotEnded, Night, Story
from tests.crash.stories import begin, play

S = Story
_CARD = {S.APPROVED: 1, S.EDITED: 1, S.REJECTED: 1, S.WITHDRAWN: 1, S.EXPIRED: 1, S.COMMANDED: 1, S.REFUSED: 1}
_PRESSED = {S.APPROVED: 1, S.EDITED: 1, S.REJECTED: 1, S.COMMANDED: 1}
_CLICKED = {S.APPROVED: 1, S.REFUSED: 2, S.COMMANDED: 1}
_WRITTEN = {S.APPROVED: 1, S.EDITED: 1, S.COMMANDED: 1, S.UNASSIGNABLE: 1, S.REFUSED: 1}
_OPERATION = {S.APPROVED: 4, S.COMMANDED: 4, S.EDITED: 3}
_ENDED = {S.APPROVED: 1, S.REJECTED: 1, S.WITHDRAWN: 1, S.EXPIRED: 1}
_ASKED = {S.COMMANDED: 1, S.CLOSED: 1}

REACHED: Mapping[str, Mapping[Story, int]] = {
    "inbox.storing": _CARD | {S.WITHDRAWN: 2},
    "inbox.committed": {S.APPROVED: 1, S.EDITED: 1, S.REJECTED: 1, S.WITHDRAWN: 2, S.EXPIRED: 1},
    "press.storing": _PRESSED,
    "press.committed": _PRESSED,
    "command.storing": _ASKED | {S.LISTED: 1},
    "command.committed": _ASKED | {S.LISTED: 1},
    "lookup.committed": {S.EDITED: 1, S.REJECTED: 1},
    "job.claimed": {S.APPROVED: 4, S.EDITED: 4, S.REJECTED: 4, S.WITHDRAWN: 4, S.EXPIRED: 4, S.UNREADABLE: 2},
    "job.finished": {S.APPROVED: 1, S.EDITED: 1, S.COMMANDED: 1},
    "job.given_back": {S.UNSURE: 1},
    "job.buried": {S.UNCARDED: 1},
    "lease.extended": {S.SLOW: 1},
    "triage.started": _CARD,
    "screen.answered": _CARD,
    "screen.kept": _CARD,
    "gather.answered": _CARD,
    "gather.kept": _CARD,
    "analyse.answered": _CARD,
    "analyse.kept": _CARD,
    "check.answered": _CARD,
    "check.kept": _CARD,
    "denial.kept": {S.PAUSED: 1},
    "proposal.storing": _CARD,
    "proposal.committed": _CARD,
    "triage.waiting": _CARD,
    "triage.closed": {S.CLOSED: 1},
    "triage.failed": {S.UNREADABLE: 1},
    "card.reserved": _CARD,
    "card.posting": _CARD | {S.UNREADABLE: 1},
    "card.sent": _CARD,
    "card.posted": _CARD,
    "card.updating": _PRESSED | {S.WITHDRAWN: 1, S.EXPIRED: 1},
    "card.updated": _PRESSED | {S.WITHDRAWN: 1, S.EXPIRED: 1},
    "card.refreshed": _PRESSED | {S.WITHDRAWN: 1, S.EXPIRED: 1},
    "notice.sent": {S.UNREADABLE: 1},
    "person.asked": _CLICKED | {S.EDITED: 1, S.REJECTED: 1},
    "person.remembered": _CLICKED | {S.EDITED: 1, S.REJECTED: 1},
    "decision.judging": _PRESSED,
    "decision.uncommitted": _PRESSED,
    "decision.committed": _PRESSED,
    "decision.refused": {S.REFUSED: 1},
    "withdrawal.judged": {S.WITHDRAWN: 1},
    "withdrawal.committed": {S.WITHDRAWN: 1},
    "expiry.committed": {S.EXPIRED: 1},
    "command.judged": _ASKED | {S.LISTED: 1},
    "command.answered": {S.LISTED: 1},
    "command.queued": _ASKED,
    "execution.started": _WRITTEN,
    "outbox.sending": _OPERATION,
    "label.created": {S.NEW_LABEL: 1},
    "tracker.applied": _OPERATION,
    "write.read_back": _OPERATION,
    "operation.uncommitted": _OPERATION,
    "operation.done": _OPERATION,
    "operation.settled": {S.UNASSIGNABLE: 1, S.UNSURE: 1},
    "execution.closed": _WRITTEN,
    "settle.started": _ENDED,
    "settle.answered": _ENDED | {S.CLOSED: 1},
    "settle.kept": _ENDED | {S.CLOSED: 1},
    "thread.ended": _ENDED | {S.CLOSED: 1},
    "settle.resumed": _ENDED,
}

ALONE = frozenset({"job.buried", "denial.kept", "label.created"})
"""What leads there would disturb the other tickets of the night."""
DEATHS_A_NIGHT = 4
"""A job may be started five times: the first ticket of a night may meet every death and must still come through."""


def nights(dice: random.Random) -> list[tuple[str, ...]]:
    """All points, each in one night."""
    rest = [one for one in POINTS if one not in ALONE]
    dice.shuffle(rest)
    groups = [tuple(rest[at : at + DEATHS_A_NIGHT]) for at in range(0, len(rest), DEATHS_A_NIGHT)]
    return [*groups, *((one,) for one in sorted(ALONE))]


async def one_night(night: Night, points: Sequence[str], dice: random.Random) -> None:
    """A life for each point: a ticket is filed, and the bot dies there. Then it lives, and all must come to its end."""
    for point in points:
        story = dice.choice(sorted(REACHED[point]))
        passes = dice.randrange(REACHED[point][story])
        print(f"{point}, passed {passes} times, ticket {night.next_number}: {story}")  # noqa: T201  # shown on failure
        await _until_it_dies(night, point, story, passes, dice)
    await night.bot.start()
    # What was stored must come through by itself: only deliveries that never got in are sent again.
    await night.redeliver(await arrived(night))
    for case in night.cases:
        await play(night, case)
    await night.redeliver()
    await quiet(night)
    assert await night.bot.stop() == 0
    await check(night)


async def _until_it_dies(night: Night, point: str, story: Story, passes: int, dice: random.Random) -> None:
    await night.bot.start(passes=passes, STRATA_CRASH_AT=point)
    with suppress(BotEnded):
        await play(night, await begin(night, story, dice))
        await quiet(night)
    assert await night.bot.ended() == KILLED, f"{point} was never reached\n{night.bot.tail()}"
    assert f"crash point {point} reached" in night.bot.log()
