"""What a tracker cannot do, as its adapter declares it: the card says so, and operations keep to it.

Owns the words. Must not know a vendor: who declares what is in `bot.trackers`.
"""

from __future__ import annotations

from enum import StrEnum

from graphs.model import Value


class Shortfall(StrEnum):
    """Something that not every tracker can do."""

    ONE_ASSIGNEE = "one_assignee"
    """A ticket has one assignee at most, and setting one replaces whoever is there."""
    UNSIGNED_TIME = "unsigned_time"
    """A delivery's signature does not cover when it was sent: only its id tells a repetition."""
    LOSES_EVENTS = "loses_events"
    """A delivery that failed is not sent again by itself: only reading the tracker finds it."""
    KEEPS_COMMENTS = "keeps_comments"
    """A comment cannot be deleted, not even one of ours: an undo leaves it."""

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Shortfall.ONE_ASSIGNEE: "takes one assignee only",
    Shortfall.UNSIGNED_TIME: "does not sign when a delivery was sent",
    Shortfall.LOSES_EVENTS: "does not repeat a lost delivery",
    Shortfall.KEEPS_COMMENTS: "never deletes a comment",
}
_ON_CARDS = (Shortfall.ONE_ASSIGNEE, Shortfall.KEEPS_COMMENTS)


class Capabilities(Value):
    """Of one tracker. Whatever is not named here it can do."""

    title: str
    """The vendor's name as people write it."""
    cannot: frozenset[Shortfall] = frozenset()
    makes_labels_by_use: bool = False
    """A label is there once a ticket carries it: there is no list of labels to be kept, and nothing to make."""

    def can(self, what: Shortfall) -> bool:
        """Whether the tracker does not fall short in this."""
        return what not in self.cannot

    @property
    def on_cards(self) -> tuple[str, ...]:
        """What whoever approves should know, in words: `GitLab takes one assignee only`."""
        return tuple(f"{self.title} {one.words}" for one in _ON_CARDS if one in self.cannot)
