"""What may be read back from a checkpoint: plain values, and the few types that LangGraph itself writes.

Whoever can write to the store must not be able to have code called by it. LangGraph's strict setting leaves a foreign
type out and goes on with what was in it; here such a checkpoint is refused, because this program never wrote it.
"""

from __future__ import annotations

from threading import get_ident
from typing import Final

from langgraph.checkpoint.serde.event_hooks import SerdeEvent, register_serde_event_listener
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from graphs.errors import StrataError

_WRITTEN: Final = frozenset({"null", "bytes", "bytearray", "msgpack"})
"""The formats this program writes. Older ones (JSON, pickle) can name classes, and are none of ours."""


class Unreadable(StrataError):
    """A checkpoint holds what this program never wrote."""


class Strict(JsonPlusSerializer):
    """LangGraph's serializer with its strictest setting."""

    def __init__(self) -> None:
        super().__init__(allowed_msgpack_modules=None)

    def loads_typed(self, data: tuple[str, bytes]) -> object:
        """Raises `Unreadable` for what is foreign, and whatever msgpack says of what is broken."""
        if data[0] not in _WRITTEN:
            raise Unreadable(f"it is written in the format {data[0]!r}")
        blocked: list[str] = []
        here = get_ident()

        def listen(event: SerdeEvent) -> None:
            if get_ident() == here:  # the hook hears of every thread's loading
                blocked.append(f"{event['module']}.{event['name']}")

        forget = register_serde_event_listener(listen)
        try:
            value: object = super().loads_typed(data)
        finally:
            forget()
        if blocked:
            raise Unreadable(f"it asks for {blocked[0][:100]}")
        return value
