"""What can go wrong when we speak to Slack."""

from __future__ import annotations

from graphs.errors import Outage, StrataError


class PostUnknown(Outage):
    """Slack's answer was lost: the message may be there or not. Look before posting again."""


class SlackRefused(StrataError):
    """Slack said no and will say no again; the text says what to mend."""


class SlackNotSetUp(SlackRefused):
    """Slack says no until somebody mends the set-up: invites the bot, installs the app again."""
