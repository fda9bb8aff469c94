"""Nothing is sent to the outside under a lease that may have run out while this process slept.

The fence keeps a worker that slept beyond its lease from writing to the record; it cannot hold back a request. So the
lease is renewed right before something is sent, and whoever finds that time has passed since then does not send.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.record.record import Transaction
from bot.tasks import Claimed
from bot.work.worker import TryAgain


@dataclass(frozen=True)
class Renewed:
    """A lease that was whole at `at`, in seconds of the monotonic clock."""

    job: Claimed
    at: float

    def still_awake(self) -> None:
        """Raises `TryAgain` when half of the lease is gone already: another worker may soon be at it, or is."""
        if (time.monotonic() - self.at) * 1000 > self.job.lease_ms / 2:
            raise TryAgain("slept too long to send anything", 0.0, penalty=False)


async def renew(tx: Transaction, job: Claimed) -> Renewed:
    """Raises `bot.record.states.LeaseLost`."""
    at = time.monotonic()
    await tx.jobs.extend(job, job.lease_ms)
    return Renewed(job, at)
