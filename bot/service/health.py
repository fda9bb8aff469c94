"""How triage goes: five numbers of the last seven days, for `/triage stats` and the Home tab."""

from __future__ import annotations

from statistics import median

from bot.record.record import Transaction
from bot.slack.blocks.answers import Health

DAYS = 7
_DAY_MS = 86_400_000


async def health(tx: Transaction) -> Health:
    now = await tx.now()
    decided = await tx.proposals.decided_since(now - DAYS * _DAY_MS)
    by_people = [one for one in decided if one.status in ("approved", "edited", "rejected")]
    waits = [one.decided_at - one.proposed_at for one in by_people]
    kept = sum(one.status == "approved" for one in by_people)
    oldest = await tx.triages.waiting(1)
    per_day = [0] * DAYS
    for one in by_people:
        per_day[min((now - one.decided_at) // _DAY_MS, DAYS - 1)] += 1
    return Health(
        waiting=await tx.triages.count_waiting(),
        oldest_since=oldest[0].created_at if oldest else None,
        decided=len(by_people),
        as_proposed=kept,
        expired=sum(one.status == "expired" for one in decided),
        median_wait_ms=int(median(waits)) if waits else None,
        per_day=tuple(reversed(per_day)),
    )
