"""Who may get a ticket, as `graphs.ports.Directory` over `policies/owners.yaml` and a CODEOWNERS file.

Owns the order of preference: a named component beats a path of CODEOWNERS, which beats the layer; the first owner of a
layer beats the next one; absent people are passed over. Must not read files or a clock, and never takes an owner from
the ticket's text. Whom of several the history speaks for is `graphs.ranking.shortlist`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from graphs.model import CleanTicket, LayerId, Login, OwnerChoice, OwnerId, SlackUserId, TrackerName
from policies.codeowners import rule_for
from policies.shapes import CodeRule, Owner, Policies

MOST_PATHS = 50
_PATH = re.compile(r"(?<![\w/:.-])\.?/?((?:[\w.-]{1,80}/){1,12}[\w.-]{1,80})(?![\w/])")


class Title(IntEnum):
    """By what somebody is entitled to a ticket; the smaller, the stronger."""

    COMPONENT = 0
    CODE_OWNERS = 1
    LAYER = 2
    HISTORY = 3
    """No policy says so; only past tickets do."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody who may get the ticket, by which line of the policy."""

    owner: Owner
    title: Title
    reason: str
    """In about five words, for the card."""
    line: str
    """The policy line, for whoever asks why."""


@dataclass(frozen=True, slots=True)
class _Component:
    name: str
    pattern: re.Pattern[str]
    owner: Owner


class Owners:
    """The loaded owners. Pure: the same ticket on the same day gives the same owner."""

    def __init__(self, policies: Policies) -> None:
        self._owners = policies.owners
        self._channels = {LayerId(layer.id): layer.channel for layer in policies.layers}
        self._titles = {LayerId(layer.id): layer.title for layer in policies.layers}
        self._components = [
            _Component(name, _pattern(name), owner) for owner in policies.owners for name in owner.components
        ]
        self._code_owners = policies.code_owners

    def owner_for(self, layer: LayerId, ticket: CleanTicket, today: str) -> OwnerChoice | None:
        """The owner with a reason in about five words, or None where nobody fits."""
        day = date.fromisoformat(today)
        away: Owner | None = None
        for claim in self._claims(layer, ticket):
            if claim.owner.away(day):
                away = away or claim.owner
                continue
            reason = f"covers for {away.id} (away)" if away else claim.reason
            return choice(claim.owner, reason, ticket.ref.tracker)
        return None

    def claims(self, layer: LayerId, ticket: CleanTicket) -> list[Claim]:
        """Everybody whom the policy entitles, the strongest claim first, each owner once."""
        found: dict[str, Claim] = {}
        for claim in self._claims(layer, ticket):
            found.setdefault(claim.owner.id, claim)
        return list(found.values())

    def of_path(self, path: str) -> list[Claim]:
        """Whose a path or component is: by the line of CODEOWNERS that counts for it, then by a component's name."""
        rule, found = rule_for(path, self._code_owners), []
        for owner in self._named_by(rule):
            line = f"{owner.id} owns it (CODEOWNERS, line {rule.line if rule else 0})"
            found.append(Claim(owner, Title.CODE_OWNERS, "owns the path it names", line))
        for one in self._components:
            if one.pattern.search(path.casefold()):
                line = f"{one.owner.id} owns component {one.name} (owners.yaml)"
                found.append(Claim(one.owner, Title.COMPONENT, f"owns component {one.name}", line))
        return found

    def of_layer(self, layer: LayerId) -> list[Claim]:
        """Who has this layer, in order of preference."""
        return list(self._layer_claims(layer))

    def layers_of(self, user: SlackUserId) -> frozenset[LayerId]:
        """The layers of whoever holds a role as this Slack user."""
        return frozenset(LayerId(layer) for owner in self._owners if owner.slack == user for layer in owner.layers)

    def layers_named(self, text: str) -> tuple[LayerId, ...]:
        """The layer with this id or title, or those whose title has these words in it."""
        wanted = " ".join(text.casefold().replace("_", " ").split())
        names = {layer: (layer.replace("_", " "), title.casefold()) for layer, title in self._titles.items()}
        exact = tuple(layer for layer, spelled in names.items() if wanted in spelled)
        return exact or tuple(layer for layer, spelled in names.items() if wanted and wanted in spelled[1])

    def everybody(self) -> tuple[Owner, ...]:
        return self._owners

    def known_as(self, login: str) -> str:
        """The handle of the owner with this account, in whatever tracker; else the account itself."""
        wanted = login.casefold()
        return next((one.id for one in self._owners if wanted in _accounts(one)), login)

    def layer_title(self, layer: LayerId) -> str:
        return self._titles.get(layer, layer)

    def choices(self, tracker: TrackerName) -> tuple[OwnerChoice, ...]:
        """Everybody whom a person may pick instead."""
        return tuple(choice(owner, "picked by a person", tracker) for owner in self._owners)

    def find(self, owner: OwnerId, tracker: TrackerName) -> OwnerChoice | None:
        return next((one for one in self.choices(tracker) if one.owner == owner), None)

    def channel(self, owner: OwnerId) -> str | None:
        """The owning team's Slack channel, where it has one."""
        return next((one.channel for one in self._owners if one.id == owner), None)

    def channel_of_layer(self, layer: LayerId) -> str | None:
        return self._channels.get(layer)

    def away_until(self, owner: OwnerId, today: date, said: Mapping[SlackUserId, str]) -> str:
        """Last day of the owner's absence, by policy or by what they `said`; empty where they are here."""
        found = next((one for one in self._owners if one.id == owner), None)
        absence = found.absence(today) if found else None
        by_word = said.get(SlackUserId(found.slack), "") if found and found.slack else ""
        return by_word or (absence.end.isoformat() if absence else "")

    def _claims(self, layer: LayerId, ticket: CleanTicket) -> Iterator[Claim]:
        for component in self._named(layer, ticket):
            reason = f"owns component {component.name}"
            yield Claim(component.owner, Title.COMPONENT, reason, f"{component.owner.id} {reason} (owners.yaml)")
        yield from self._of_code(ticket)
        yield from self._layer_claims(layer)

    def _layer_claims(self, layer: LayerId) -> Iterator[Claim]:
        title = self.layer_title(layer)
        for owner in sorted(self._holders(layer), key=lambda one: one.layers.index(layer)):
            place = ("first", "second", "third")[min(owner.layers.index(layer), 2)]
            line = f"{owner.id} has {title} as its {place} layer (owners.yaml)"
            yield Claim(owner, Title.LAYER, f"owns {title}", line)

    def _of_code(self, ticket: CleanTicket) -> Iterator[Claim]:
        """Owners of the paths that the ticket names; who is not in the directory is passed over."""
        if not self._code_owners:
            return
        paths = dict.fromkeys(_PATH.findall(f"{ticket.title}\n{ticket.body}"))
        for path in list(paths)[:MOST_PATHS]:
            rule = rule_for(path, self._code_owners)
            for owner in self._named_by(rule):
                line = f"{owner.id} owns {path[:120]} (CODEOWNERS, line {rule.line if rule else 0})"
                yield Claim(owner, Title.CODE_OWNERS, "owns the path it names", line)

    def _named_by(self, rule: CodeRule | None) -> list[Owner]:
        """An account stands for the owner with that login, a team for the owner with its short name as id."""
        if rule is None:
            return []
        names = [name.removeprefix("@").casefold().rpartition("/") for name in rule.names if name.startswith("@")]
        wanted = {(short if team else f"login:{short}") for team, _, short in names}
        return [
            owner
            for owner in self._owners
            if owner.id in wanted or any(f"login:{one}" in wanted for one in _accounts(owner))
        ]

    def _named(self, layer: LayerId, ticket: CleanTicket) -> list[_Component]:
        """Components that the ticket names: in the title first, then of an owner of the layer, then the first named."""
        title, text = ticket.title.casefold(), f"{ticket.title}\n{ticket.body}".casefold()
        found = [(hit.start(), one) for one in self._components if (hit := one.pattern.search(text))]
        found.sort(key=lambda at: (not at[1].pattern.search(title), layer not in at[1].owner.layers, at[0]))
        return [one for _, one in found]

    def _holders(self, layer: LayerId) -> list[Owner]:
        return [owner for owner in self._owners if layer in owner.layers]


def choice(owner: Owner, reason: str, tracker: TrackerName) -> OwnerChoice:
    login = owner.logins.of(tracker)
    return OwnerChoice(
        owner=OwnerId(owner.id),
        name=owner.name,
        login=Login(login) if login else None,
        slack_user=SlackUserId(owner.slack) if owner.slack else None,
        reason=reason,
    )


def _accounts(owner: Owner) -> frozenset[str]:
    """In whatever tracker, in the form in which names are compared."""
    return frozenset(one.casefold() for one in owner.logins.named().values())


def _pattern(component: str) -> re.Pattern[str]:
    """A word or phrase as a whole word; a folder as the start of a path. No wildcards: one pass."""
    text = component.casefold()
    if text.endswith(("/", "/**")):
        return re.compile(rf"(?<![\w.-]){re.escape(text.removesuffix('**'))}(?=\S)")
    words = r"\s+".join(map(re.escape, text.split()))
    return re.compile(rf"(?<![\w/-]){words}(?![\w-])")
