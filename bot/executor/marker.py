"""The keyed marker in our comments: how a comment is found again, and how an imitation is told from ours.

tag = HMAC-SHA256(key, "comment" || proposal id || position)
"""

from __future__ import annotations

import hashlib
import hmac
import re
from uuid import UUID

from bot.executor.port import PostedComment
from graphs.model import ProposalId

_MARKER = re.compile(r"<!-- strata:([0-9a-f]{32})\.(\d{1,3})\.([0-9a-f]{32}) -->")


class Marker:
    """Makes and checks markers with one secret key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, body: str, proposal: ProposalId, position: int) -> str:
        """The comment as it is posted: the text, then an HTML comment that readers do not see."""
        return f"{body}\n\n<!-- strata:{proposal}.{position}.{self._tag(proposal, position)} -->"

    def is_ours(self, body: str, proposal: ProposalId | None = None, position: int | None = None) -> bool:
        """Whether the text carries a genuine marker (of this proposal and position, where given)."""
        for found in _MARKER.finditer(body):
            of, at, tag = ProposalId(found[1]), int(found[2]), found[3]
            wanted = (proposal in (None, of)) and (position in (None, at))
            if wanted and hmac.compare_digest(tag, self._tag(of, at)):
                return True
        return False

    def wrote(self, comment: PostedComment, proposal: ProposalId, position: int) -> bool:
        """Whether a comment is the one of this proposal and position: by its marker, or by an id that we chose.

        Trackers that let a client choose the id may leave out what readers do not see.
        """
        by_id = hmac.compare_digest(comment.id.encode(), _as_id(self._tag(proposal, position)).encode())
        return by_id or self.is_ours(comment.body, proposal, position)

    def _tag(self, proposal: ProposalId, position: int) -> str:
        message = f"comment\n{proposal}\n{position}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:32]


def chosen_id(body: str) -> str | None:
    """The id to post a signed comment under, where a tracker takes one: a UUID (version 4) made of its tag."""
    found = _MARKER.search(body)
    return None if found is None else _as_id(found[3])


def _as_id(tag: str) -> str:
    return str(UUID(hex=tag, version=4))
