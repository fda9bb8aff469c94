"""Data for a model, kept apart from what it is told to do.

Owns the fence: a name drawn anew for each request, so that no text can close it, around text that passed the
normaliser and the redactor. Nothing else of what strangers wrote enters a prompt.
"""

from __future__ import annotations

import secrets

from graphs.hygiene.normalise import normalise
from graphs.hygiene.redact import Redactor

_TAIL = 200


class Fence:
    """One request's own. Its name is 64 random bits and never shown to anybody but the model."""

    def __init__(self, redactor: Redactor, name: str = "") -> None:
        self._redactor = redactor
        self.name = name or f"data-{secrets.token_hex(8)}"

    def around(self, text: str) -> str:
        """`text` is clean already; it can hold the fence's name only if its writer guessed it."""
        return f"<{self.name}>\n{text.replace(self.name, 'data')}\n</{self.name}>"

    def cleaned(self, text: str, chars: int) -> str:
        """Raw text as a model may see it: normalised, redacted, at most `chars` long."""
        normal = normalise(text[: 4 * chars], max_chars=2 * chars)
        clean = self._redactor.redact(normal.text).text
        if normal.truncated or len(text) > 4 * chars:
            clean = clean[:-_TAIL]  # the cut may have left half a secret there, which no rule knows
        return clean if len(clean) <= chars else clean[:chars].rstrip() + " …"
