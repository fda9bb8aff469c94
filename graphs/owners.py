"""Who gets a ticket, as `graphs.ports.Directory` over `policies/owners.yaml`.

Owns the order of preference: a named component beats the layer, the first owner of a layer beats the next one, absent
people are passed over. Must not read files or a clock, and never takes an owner from the ticket's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from graphs.model import CleanTicket, LayerId, Login, OwnerChoice, OwnerId, SlackUserId, TrackerName
from policies.shapes import Owner, Policies


@dataclass(frozen=True, slots=True)
class _Component:
    name: str
    pattern: re.Pattern[str]
    owner: Owner


class Owners:
    """The loaded owners. Pure: the same ticket on the same day gives the same owner."""

    def __init__(self, policies: Policies) -> None:
        self._owners = policies.owners
        self._titles = {LayerId(layer.id): layer.title for layer in policies.layers}
        self._components = [
            _Component(name, _pattern(name), owner) for owner in policies.owners for name in owner.components
        ]

    def owner_for(self, layer: LayerId, ticket: CleanTicket, today: str) -> OwnerChoice | None:
        """The owner with a reason in about five words, or None where nobody fits."""
        day = date.fromisoformat(today)
        away: Owner | None = None
        for owner, reason in self._candidates(layer, ticket):
            if owner.away(day):
                away = away or owner
                continue
            return choice(owner, f"covers for {away.id} (away)" if away else reason, ticket.ref.tracker)
        return None

    def choices(self, tracker: TrackerName) -> tuple[OwnerChoice, ...]:
        """Everybody whom a person may pick instead."""
        return tuple(choice(owner, "picked by a person", tracker) for owner in self._owners)

    def find(self, owner: OwnerId, tracker: TrackerName) -> OwnerChoice | None:
        return next((one for one in self.choices(tracker) if one.owner == owner), None)

    def channel(self, owner: OwnerId) -> str | None:
        """The owning team's Slack channel, where it has one."""
        return next((one.channel for one in self._owners if one.id == owner), None)

    def _candidates(self, layer: LayerId, ticket: CleanTicket) -> Iterator[tuple[Owner, str]]:
        for component in self._named(layer, ticket):
            yield component.owner, f"owns component {component.name}"
        title = self._titles.get(layer, layer)
        for owner in sorted(self._holders(layer), key=lambda one: one.layers.index(layer)):
            yield owner, f"owns {title}"

    def _named(self, layer: LayerId, ticket: CleanTicket) -> list[_Component]:
        """Components that the ticket names: in the title first, then of an owner of the layer, then the first named."""
        title, text = ticket.title.casefold(), f"{ticket.title}\n{ticket.body}".casefold()
        found = [(hit.start(), one) for one in self._components if (hit := one.pattern.search(text))]
        found.sort(key=lambda at: (not at[1].pattern.search(title), layer not in at[1].owner.layers, at[0]))
        return [one for _, one in found]

    def _holders(self, layer: LayerId) -> list[Owner]:
        return [owner for owner in self._owners if layer in owner.layers]


def choice(owner: Owner, reason: str, tracker: TrackerName) -> OwnerChoice:
    match tracker:
        case TrackerName.GITHUB:
            login = owner.logins.github
    return OwnerChoice(
        owner=OwnerId(owner.id),
        name=owner.name,
        login=Login(login) if login else None,
        slack_user=SlackUserId(owner.slack) if owner.slack else None,
        reason=reason,
    )


def _pattern(component: str) -> re.Pattern[str]:
    """A word or phrase as a whole word; a folder as the start of a path. No wildcards: one pass."""
    text = component.casefold()
    if text.endswith(("/", "/**")):
        return re.compile(rf"(?<![\w.-]){re.escape(text.removesuffix('**'))}(?=\S)")
    words = r"\s+".join(map(re.escape, text.split()))
    return re.compile(rf"(?<![\w/-]){words}(?![\w-])")
