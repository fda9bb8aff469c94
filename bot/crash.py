"""Named boundaries at which a test may kill this process, as a power cut would.

Owns the list of names. Unarmed (always, outside the crash tests) a point costs one comparison and does nothing.
"""

from __future__ import annotations

import os
import sys

POINTS = frozenset(
    {
        "inbox.committed",  # a delivery is stored, its sender has no answer yet
        "triage.started",  # the triage exists, the graph has not run
        "proposal.committed",  # the proposal is stored, no card is posted
        "card.posting",  # the row says posting, Slack was not asked
        "card.sent",  # Slack has the card, its timestamp is not stored
        "decision.committed",  # the decision is stored, nothing is written
        "outbox.sending",  # the row says sending, nothing was sent
        "tracker.applied",  # the tracker changed the ticket, the row still says sending
        "operation.done",  # one operation of several is done
        "settle.resumed",  # the graph has ended, its job is not finished
    }
)


class _Armed:
    point: str | None = None


def arm(point: str | None) -> None:
    """Kills this process at `point`. Raises `ValueError` for a name that is not in `POINTS`."""
    if point is not None and point not in POINTS:
        raise ValueError(f"unknown crash point {point!r}; there are: {', '.join(sorted(POINTS))}")
    _Armed.point = point


def reached(point: str) -> None:
    """Marks a boundary in the program."""
    if _Armed.point == point:
        sys.stderr.write(f"crash point {point} reached, exiting\n")
        sys.stderr.flush()
        os._exit(137)  # no clean-up of any kind: that is the point
