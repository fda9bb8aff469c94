"""Errors the inside raises or expects.

StrataError
├── EngineUnavailable     no engine could answer now; try again or fall back
├── TrackerError
│   ├── TicketGone        deleted, moved or never there (404, 410, 301)
│   ├── TrackerRefused    the credential may not do this (401, 403)
│   ├── TrackerRejected   the tracker understood and said no (409, 412, 422)
│   ├── RateLimited       come back after `retry_after_s`
│   └── TrackerUnavailable  time-out, 5xx, broken answer: the outcome of a write is unknown
└── Denied                the gate said no
"""

from __future__ import annotations


class StrataError(Exception):
    """Base of every error this program raises on purpose; its text is safe to show to an operator."""


class EngineUnavailable(StrataError):
    """No engine could answer now."""


class BadRow(StrataError):
    """A row of a file cannot be used; the text says why."""


class Outage(StrataError):
    """A service cannot be reached just now. Waiting is right: nothing that a person decided may be lost by it."""


class TrackerError(StrataError):
    """A tracker call did not work."""


class TicketGone(TrackerError):
    """The ticket was deleted, moved or never existed."""


class TrackerRefused(TrackerError):
    """The credential may not do this."""


class TrackerRejected(TrackerError):
    """The tracker understood the request and said no."""


class RateLimited(TrackerError):
    """The tracker asks to wait."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TrackerUnavailable(TrackerError, Outage):
    """Time-out, server error or a broken answer; whether a write took place is unknown."""


class Denied(StrataError):
    """The gate said no."""
