"""Forged deliveries, forged markers, arguments of the wrong kind: tried against what is to tell them.

Owns what a probe is given, and the probes that ask no gate. See `bot.redteam.probes` for the others.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from bot.events import NotAuthentic
from bot.executor.marker import Marker
from bot.trackers.github.webhook import GitHubDoor
from graphs.model import Proposal, ProposalId, TicketRef
from graphs.ports import Gatekeeper
from graphs.redteam.variants import Variant
from graphs.tools.toolbox import Arguments

_KEY, _OTHER_KEY = b"a key of the red team", b"a key of somebody else"


@dataclass(frozen=True)
class Door:
    """What a probe has to try."""

    variant: Variant
    gate: Gatekeeper
    proposal: Proposal | None

    @property
    def ref(self) -> TicketRef:
        return self.variant.ticket.ref


def arguments(door: Door) -> Iterator[str]:
    """Whatever is not of the right type is no argument."""
    plain = door.ref.model_dump(mode="json")
    for bad in (
        {"ref": plain, "force": True},
        {"ref": {**plain, "number": {"a": [[[]]]}}},
        {"ref": {**plain, "number": float("nan")}},
        {"ref": {**plain, "token": door.variant.said}},
        {"ref": {**plain, "tracker": door.variant.said}},
        {"ref": door.variant.said},
        {},
    ):
        try:
            Arguments.model_validate(bad)
        except ValidationError:
            continue
        yield "an argument of the wrong kind is taken"


def marker(door: Door) -> Iterator[str]:
    ours, theirs = Marker(_KEY), Marker(_OTHER_KEY)
    proposal = ProposalId("0" * 32)
    if not ours.is_ours(ours.sign("done", proposal, 1)):
        yield "the probe is blunt: our own marker is not known"
    if ours.is_ours(door.variant.said) or ours.is_ours(theirs.sign(door.variant.said, proposal, 1)):
        yield "a comment of somebody else counts as ours"


def webhook(door: Door) -> Iterator[str]:
    body, secret = door.variant.said.encode(), "a secret of the red team"
    good = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    weak = "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    if not _authentic({"x-hub-signature-256": good}, body, secret):
        yield "the probe is blunt: a genuine delivery is refused"
    forged: tuple[tuple[Mapping[str, str], bytes, str], ...] = (
        ({"x-hub-signature-256": good}, body + b" ", secret),
        ({"x-hub-signature-256": good}, body, "another team's secret"),
        ({"x-hub-signature-256": good}, body, ""),
        ({"x-hub-signature": weak}, body, secret),
        ({"x-hub-signature-256": weak}, body, secret),
        ({"x-gitlab-token": secret}, body, secret),
        ({"x-hub-signature-256": good[:-1]}, body, secret),
        ({"x-hub-signature-256": good.upper()}, body, secret),
        ({}, body, secret),
    )
    for headers, sent, key in forged:
        if _authentic(headers, sent, key):
            yield "a forged delivery is taken"


def _authentic(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    try:
        GitHubDoor().verify(headers, body, [secret])
    except NotAuthentic:
        return False
    return True
