"""How often Slack lets one app in one workspace call a method. The figures are the least of each tier Slack publishes.

What answers a person within Slack's three seconds (an acknowledgement, a form, a note beside it) takes no turn: it
must not wait, and Slack counts it apart.
"""

from __future__ import annotations

from typing import Final

from bot.limits.rates import Rate

_PER_MINUTE: Final = {
    "chat.update": 50,
    "chat.postEphemeral": 100,
    "conversations.history": 50,
    "conversations.replies": 50,
    "users.info": 100,
    "views.publish": 100,
}
_POSTS: Final = 60
"""One a second in each channel; short bursts are let through."""
_POSTS_AT_ONCE: Final = 15


def posting(team: str, channel: str) -> Rate:
    return Rate(f"slack:{team}:chat.postMessage:{channel}", per_minute=_POSTS, burst=_POSTS_AT_ONCE)


def calling(team: str, method: str) -> Rate:
    most = _PER_MINUTE[method]
    return Rate(f"slack:{team}:{method}", per_minute=most, burst=most)
