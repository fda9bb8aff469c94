"""What each family of models takes and refuses, in a line each.

Owns the differences between models; nothing else in the program asks for a model's name. Sampling parameters, prefill
and forced tool use are never sent: the newest models refuse them.
"""

from __future__ import annotations

from graphs.agent.talk import Effort
from graphs.model import Value

FAST, STRONG = "claude-haiku-5-5", "claude-sonnet-5-5"
"""Defaults; both names are in the SDK's own list of models (a test compares)."""


class Profile(Value):
    family: str
    """Part of the model's name."""
    effort: Effort | None = None
    """How hard it thinks, where it can be told."""
    max_tokens: int = 2_048
    """Thinking counts into it, so thinking models get more."""
    least_kept: int = 4_096
    """Tokens below which the service caches nothing, and says nothing. Of the 5.5 family it is an assumption: nothing
    was published when this was written."""
    holds_shape: bool = True
    """Whether the service is asked to hold the answer to the schema; else the schema stands in the prompt."""


PROFILES: tuple[Profile, ...] = (
    Profile(family="claude-haiku-5-5", effort="low", max_tokens=4_096, least_kept=1_024),
    Profile(family="claude-sonnet-5-5", effort="medium", max_tokens=6_144, least_kept=1_024),
    Profile(family="claude-opus-5-5", effort="medium", max_tokens=8_192, least_kept=1_024),
    Profile(family="claude-haiku-4-5", max_tokens=2_048, least_kept=4_096),
    Profile(family="claude-sonnet-4", max_tokens=2_048, least_kept=2_048),
    Profile(family="claude-opus-4", max_tokens=2_048, least_kept=4_096),
    Profile(family="claude-", max_tokens=8_192, least_kept=4_096),
)
OTHER = Profile(family="", max_tokens=4_096, least_kept=10**9, holds_shape=False)
"""A model of somebody else behind the same interface: nothing beyond its plain form is asked of it."""


def profile_of(model: str) -> Profile:
    """The profile with the longest family that is part of the name."""
    fitting = [one for one in PROFILES if one.family in model]
    return max(fitting, key=lambda one: len(one.family), default=OTHER)
