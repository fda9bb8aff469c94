"""Builds what a model is told: the stable start first, the ticket last, inside a fence.

Owns the order and the caps. The start (tools, rules, layers, owners) is the same for every ticket of an installation,
so a service can cache it; whatever changes from ticket to ticket comes after it. Must not talk to anybody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from graphs.agent.answer import shape
from graphs.agent.fence import Fence
from graphs.agent.talk import Request, Usage
from graphs.archive.past import Settled
from graphs.model import CleanTicket, LayerId
from graphs.owners import Owners
from graphs.taxonomy import LayerTaxonomy
from graphs.tools.search_past_tickets import line
from prompts.loader import Prompt, draft, load

HEAD_CHARS, TAIL_CHARS = 2_000, 500
PRECEDENTS = 3
CHARS_A_TOKEN, MARGIN = 3.5, 1.3
"""An estimate: the tokenizer of the newest models counts about 30 % more tokens than one by this measure."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The active versions; each field is a prompt, its placeholders are checked against the classes below."""

    triage: Prompt
    ticket: Prompt
    repair: Prompt
    shape: Prompt

    @classmethod
    def active(cls, drafts: Mapping[str, str] = MappingProxyType({})) -> Prompts:
        """`drafts`: versions by name that are used instead, to measure them. Raises `prompts.loader.PromptError`."""
        found = {name: draft(name, drafts[name]) if name in drafts else load(name) for name in PLACES}
        return cls(**found)

    @property
    def marked(self) -> tuple[str, ...]:
        return tuple(one.marked for one in (self.triage, self.ticket, self.repair, self.shape))

    @property
    def label(self) -> str:
        """Each with the start of its hash: `triage/v1@1f2e3d4c5b6a`."""
        return ",".join(f"{one.label}@{one.digest[:12]}" for one in (self.triage, self.ticket, self.repair, self.shape))


@dataclass(frozen=True, slots=True)
class ForTriage:
    """Places of `triage`."""

    layers: str
    owners: str


@dataclass(frozen=True, slots=True)
class ForTicket:
    """Places of `ticket`."""

    fence: str
    precedents: str
    ticket: str


@dataclass(frozen=True, slots=True)
class ForRepair:
    """Places of `repair`."""

    why: str
    layers: str


@dataclass(frozen=True, slots=True)
class ForShape:
    """Places of `shape`."""

    shape: str


PLACES = {"triage": ForTriage, "ticket": ForTicket, "repair": ForRepair, "shape": ForShape}


def rules(prompts: Prompts, taxonomy: LayerTaxonomy, owners: Owners, *, with_shape: bool) -> str:
    """The stable start. `with_shape`: the schema of the answer stands in it."""
    places = ForTriage(layers=_layers(taxonomy), owners=_owners(owners))
    text = prompts.triage.fill(layers=places.layers, owners=places.owners)
    if not with_shape:
        return text
    asked = ForShape(shape=json.dumps(shape(), separators=(",", ":")))
    return f"{text}\n\n{prompts.shape.fill(shape=asked.shape)}"


def first(prompts: Prompts, ticket: CleanTicket, precedents: Iterable[Settled], fence: Fence) -> str:
    """The first message: similar past tickets, then the ticket, both fenced."""
    past = "\n".join(line(one) for one in precedents)
    places = ForTicket(
        fence=fence.name,
        precedents=fence.around(past) if past else "none",
        ticket=fence.around(as_read(ticket)),
    )
    return prompts.ticket.fill(fence=places.fence, precedents=places.precedents, ticket=places.ticket)


def repair(prompts: Prompts, why: str, layers: Sequence[LayerId]) -> str:
    places = ForRepair(why=why[:300], layers=", ".join(layers))
    return prompts.repair.fill(why=places.why, layers=places.layers)


def as_read(ticket: CleanTicket) -> str:
    """The ticket with the middle of a long text left out, and said so."""
    body = ticket.body
    if len(body) > HEAD_CHARS + TAIL_CHARS:
        left = len(body) - HEAD_CHARS - TAIL_CHARS
        body = f"{body[:HEAD_CHARS]}\n[{left} characters left out]\n{body[-TAIL_CHARS:]}"
    labels = f"labels: {', '.join(ticket.labels[:20])[:300]}\n" if ticket.labels else ""
    return f"title: {ticket.title}\n{labels}\n{body}"


def taxonomy_version(taxonomy: LayerTaxonomy, owners: Owners) -> str:
    return hashlib.sha256(f"{_layers(taxonomy)}\n{_owners(owners)}".encode()).hexdigest()[:16]


def estimated_tokens(text: str) -> int:
    """From characters; no tokenizer was asked."""
    return round(len(text) / CHARS_A_TOKEN * MARGIN)


def tokens_in(request: Request) -> int:
    """What a request is read as, estimated."""
    parts = [request.system, *(one.model_dump_json() for one in request.turns)]
    parts += [json.dumps(one.shape) + one.purpose for one in request.tools]
    return estimated_tokens("".join(parts) + (json.dumps(request.shape) if request.shape else ""))


def broke_off(request: Request, attempts: int) -> Usage:
    """What attempts cost that the service may have read, and of which nobody was told anything."""
    return Usage(lost=attempts * tokens_in(request)) if attempts else Usage()


def _layers(taxonomy: LayerTaxonomy) -> str:
    parts = []
    for layer in taxonomy.layers:
        ties = "".join(f"\n  - {one}" for one in taxonomy.tie_breaks(layer))
        parts.append(f"- {layer}: {taxonomy.definition(layer)}{ties}")
    return "\n".join(parts)


def _owners(owners: Owners) -> str:
    lines = []
    for one in owners.everybody():
        parts = f"; components: {', '.join(one.components)}" if one.components else ""
        lines.append(f"- {one.id}: {', '.join(one.layers) or 'no layer'}{parts}")
    return "\n".join(lines)
