"""The roles of the program. `strata run` is all of them in one process; each can have processes of its own."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    WEB = "web"
    """The doors for trackers and Slack: stores what arrives. With Socket Mode it holds Slack's connection."""
    WORKER = "worker"
    """The agent: reads, thinks, proposes, speaks in Slack, takes verdicts."""
    EXECUTOR = "executor"
    """Writes what was approved. The one role that holds the write credential."""
    SCHEDULER = "scheduler"
    """Chores of the whole installation; several may run, one leads."""
