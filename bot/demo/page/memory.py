"""What the page itself remembers between two requests: states of messages on people's screens, half-filled forms.

Nothing of it is saved: it is what a real client keeps in its window. Bounded, so that a long day costs nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.sandbox.slack.message import Message
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.views import View

KEPT = 500


@dataclass(frozen=True)
class Half:
    """A form that did not go through: what was entered, and what is wrong with it by block id."""

    entered: Mapping[str, Json] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 0


@dataclass(frozen=True)
class Asked:
    """A press that waits for "are you sure?"."""

    message: Message
    press: str
    chosen: str
    question: Json


@dataclass
class Memory:
    notices: dict[str, str] = field(default_factory=dict)
    """By handle: what went wrong with this person's last act."""
    asked: dict[str, Asked] = field(default_factory=dict)
    _halves: OrderedDict[tuple[str, str], Half] = field(default_factory=OrderedDict)
    _shown: OrderedDict[tuple[str, str, str], Message] = field(default_factory=OrderedDict)

    def show(self, user: str, message: Message) -> None:
        """This state of a message is on this person's screen; a click on it counts as a click on this state."""
        self._shown[user, message.ts, message.edited_at or ""] = message
        self._shown.move_to_end((user, message.ts, message.edited_at or ""))
        while len(self._shown) > KEPT:
            self._shown.popitem(last=False)

    def shown(self, user: str, ts: str, edited_at: str) -> Message | None:
        return self._shown.get((user, ts, edited_at))

    def keep(self, view: View, half: Half) -> None:
        self._halves[view.id, view.hash] = replace(half, attempts=self.half(view).attempts + 1)
        while len(self._halves) > KEPT:
            self._halves.popitem(last=False)

    def half(self, view: View) -> Half:
        """What was entered into this state of the view; a changed view starts empty."""
        return self._halves.get((view.id, view.hash), Half())
