"""Which Slack methods the code calls, and which permissions they cost.

The manifest asks for exactly these. A test compares the table with the calls in the source: a method that is
called and not listed fails, and so does one that is listed and not called.
"""

from __future__ import annotations

SCOPES_OF: dict[str, tuple[str, ...]] = {
    "auth.test": (),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history"),
    "conversations.replies": ("channels:history", "groups:history"),
    "conversations.info": ("channels:read", "groups:read"),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
}
SCOPES_OF_EVENTS: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "message.im": ("im:history",),
}
"""Events that we are told of, and what being told costs."""
COMMAND_SCOPE = "commands"
SOCKET_SCOPE = "connections:write"
"""Of the app-level token in Socket Mode; not part of a manifest."""


def bot_scopes() -> list[str]:
    """Sorted, each once: methods, events, and the slash command."""
    asked = {scope for scopes in (*SCOPES_OF.values(), *SCOPES_OF_EVENTS.values()) for scope in scopes}
    return sorted(asked | {COMMAND_SCOPE})
