"""The finished things this package hands out: a message, and the arguments that keep it quiet.

Must not build blocks.
"""

from __future__ import annotations

from graphs.model import Value

Json = dict[str, object]


class Message(Value):
    """A message ready to be sent: blocks to see, `text` for notifications and screen readers."""

    text: str
    blocks: tuple[Json, ...]
    metadata: Json | None = None

    def arguments(self) -> Json:
        """Arguments for chat.postMessage, chat.update and chat.postEphemeral.

        Link previews stay off: a preview would fetch an address that a stranger wrote.
        """
        quiet: Json = {"unfurl_links": False, "unfurl_media": False, "link_names": False, "parse": "none"}
        extra: Json = {"metadata": self.metadata} if self.metadata else {}
        return {"text": self.text, "blocks": [*self.blocks], **quiet, **extra}
