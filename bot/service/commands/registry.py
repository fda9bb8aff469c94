"""Every command by its word. To add one: a file beside this one, a line here, and one in `bot.slack.blocks.usage`."""

from __future__ import annotations

from bot.service.commands import (
    approve,
    away,
    explain,
    listing,
    next_card,
    owners,
    pause,
    reject,
    snooze,
    stats,
    undo,
    usage,
)
from bot.service.commands.asking import Registry, Verb
from graphs.acts import Action

COMMANDS: Registry = {
    "approve": Verb(approve.run, None),
    "away": Verb(away.leave, Action.SET_AWAY),
    "back": Verb(away.come_back, Action.SET_AWAY),
    "explain": Verb(explain.run, Action.LOOK),
    "help": Verb(usage.run, None),
    "list": Verb(listing.run, Action.LOOK),
    "next": Verb(next_card.run, Action.LOOK),
    "owners": Verb(owners.run, Action.LOOK),
    "pause": Verb(pause.pause, Action.TURN_SWITCH),
    "reject": Verb(reject.run, None),
    "resume": Verb(pause.resume, Action.TURN_SWITCH),
    "snooze": Verb(snooze.run, None),
    "stats": Verb(stats.run, Action.LOOK),
    "undo": Verb(undo.run, None),
}
