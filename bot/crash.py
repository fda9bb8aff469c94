"""Named boundaries at which a test may kill this process, as a power cut would.

Owns the list of names: every commit that something follows, and both sides of every call to the outside. Unarmed
(always, outside the crash tests) a point costs one comparison and does nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from types import MappingProxyType

POINTS: Mapping[str, str] = MappingProxyType(
    {
        # what comes in
        "inbox.storing": "a delivery is authentic and understood, nothing is stored",
        "inbox.committed": "a delivery is stored, its sender has no answer yet",
        "press.storing": "a press or form came in, nothing is stored",
        "press.committed": "a press or form is stored, Slack has no answer yet",
        "command.storing": "a command came in, nothing is stored",
        "command.committed": "a command is stored, Slack has no answer yet",
        "lookup.committed": "somebody new pressed, a job will ask who they are, no form is open",
        # a job, whatever it does
        "job.claimed": "the lease is ours, nothing is done",
        "job.finished": "the job is finished, its worker has not looked for another",
        "job.given_back": "the job will be tried again later",
        "job.buried": "the job was given up, with all that follows from it",
        "lease.extended": "a heartbeat was stored while the job goes on",
        # thinking
        "triage.started": "the triage exists, the graph has not run",
        "screen.answered": "the ticket was read, its clean text is not stored",
        "screen.kept": "the clean text is stored",
        "gather.answered": "the tracker's labels were read, they are not stored",
        "gather.kept": "the tracker's labels are stored",
        "analyse.answered": "the engine has answered, its answer is not stored",
        "analyse.kept": "the engine's answer is stored",
        "check.answered": "the answer was checked, the result is not stored",
        "check.kept": "the checked answer is stored",
        "denial.kept": "the gate said no to the agent, the graph has not ended",
        "proposal.storing": "the proposal is made, nothing of it is stored",
        "proposal.committed": "the proposal is stored, no card is posted",
        "triage.waiting": "the thread waits for a person, its job is not finished",
        "triage.closed": "there was nothing to propose, the thread is still there",
        "triage.failed": "the triage has failed, whoever asked was not told",
        # cards
        "card.reserved": "the row says posting, the worker has not renewed its lease",
        "card.posting": "the lease is fresh, Slack was not asked",
        "card.sent": "Slack has the card, its timestamp is not stored",
        "card.posted": "the card's timestamp is stored",
        "card.updating": "Slack was not asked to change the card",
        "card.updated": "Slack shows the new card, the record does not know",
        "card.refreshed": "the record knows what the card shows",
        "notice.sent": "Slack has a notice to the team, its job is not finished",
        # deciding
        "person.asked": "Slack's directory has answered, the answer is not stored",
        "person.remembered": "Slack's directory's answer is stored",
        "decision.judging": "the press is understood, nothing is decided",
        "decision.uncommitted": "decision, outbox and audit entry are written and not committed",
        "decision.committed": "the decision is stored, nothing is written",
        "decision.refused": "the refusal is audited, the person was not told",
        "withdrawal.judged": "the ticket was looked at, its proposal still waits",
        "withdrawal.committed": "the proposal was taken back, its card does not say so",
        "expiry.committed": "the proposal has expired, its card does not say so",
        "command.judged": "the command is understood and allowed, nothing is done",
        "command.answered": "Slack has the answer to a command, its job is not finished",
        "command.queued": "the triage that somebody asked for is stored",
        # writing
        "execution.started": "an approved proposal was claimed, the ticket was not read",
        "outbox.sending": "the row says sending, nothing was sent",
        "label.created": "the tracker has a new label, the ticket has not",
        "tracker.applied": "the tracker changed the ticket, the row still says sending",
        "write.read_back": "the ticket was read after the write, the row still says sending",
        "operation.uncommitted": "effect and audit entry of an operation are written and not committed",
        "operation.done": "one operation of several is done",
        "operation.settled": "an operation is failed, unknown or was there already; the others go on",
        "execution.closed": "all is written, the card does not say so",
        # the end
        "settle.started": "the decision was read, the graph still waits",
        "settle.answered": "the graph goes on to its end, what became of it is not stored",
        "settle.kept": "what became of the thread is stored",
        "thread.ended": "the graph has come to its end, its thread is still there",
        "settle.resumed": "the thread is gone, its job is not finished",
    }
)


class _Armed:
    point: str | None = None
    passes: int = 0
    """How often the point is passed unharmed first."""


def arm(point: str | None) -> None:
    """Kills this process at `point`. Raises `ValueError` for a name that is not in `POINTS`."""
    if point is not None and point not in POINTS:
        raise ValueError(f"unknown crash point {point!r}; there are: {', '.join(sorted(POINTS))}")
    _Armed.point = point


def reached(point: str) -> None:
    """Marks a boundary in the program."""
    if _Armed.point != point:
        return
    if _Armed.passes:
        _Armed.passes -= 1
        return
    sys.stderr.write(f"crash point {point} reached, exiting\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)  # no clean-up of any kind: that is the point
