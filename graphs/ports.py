"""What the inside needs from the outside, as protocols. Implemented in `bot`, faked by hand in tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from graphs.acts import Action, Context, Principal
from graphs.model import (
    Analysis,
    CleanTicket,
    Kind,
    LayerId,
    Millis,
    OwnerChoice,
    Proposal,
    Similar,
    SlackUserId,
    Ticket,
    TicketRef,
    TriageId,
    Value,
)


class Dossier(Value):
    """Everything an engine is given about one ticket. Nothing in it is trusted text."""

    ticket: CleanTicket
    layers: tuple[LayerId, ...]
    triage: TriageId = TriageId("")
    """Whose audit a refusal goes to; empty where there is no triage, as for a file of tickets."""


class Model(Protocol):
    """Reads a dossier, answers with an analysis. The local engine and Claude both implement it."""

    name: str

    async def analyse(self, dossier: Dossier) -> Analysis:
        """Raises `graphs.errors.EngineUnavailable` when no answer can be had now."""
        ...


class TicketReader(Protocol):
    """The agent's view of a tracker: read only, with a credential that cannot write."""

    async def read(self, ref: TicketRef) -> Ticket:
        """Raises `graphs.errors.TicketGone`, `TrackerRefused` or `TrackerUnavailable`."""
        ...

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        """Names of all labels that exist in the ticket's project."""
        ...


class Directory(Protocol):
    """Who owns what, from `policies/owners.yaml`."""

    def owner_for(self, layer: LayerId, ticket: CleanTicket, today: str) -> OwnerChoice | None:
        """The owner with a reason, or None where nobody fits. `today` is an ISO date; absent people are skipped."""
        ...


class Notebook(Protocol):
    """The record's memory of a triage: each step's answer is stored once, and the first one stays."""

    async def recall(self, triage: TriageId, step: str) -> str | None: ...

    async def keep(self, triage: TriageId, step: str, answer: str) -> str:
        """Stores `answer` (JSON) unless the step has one already; returns what is stored."""
        ...

    async def propose(self, proposal: Proposal) -> Proposal:
        """Stores the proposal and moves the triage to `awaiting`; a second call returns the first proposal."""
        ...

    async def close(self, triage: TriageId, why: str) -> None:
        """Ends a triage that has nothing to propose; one that ended already stays as it is."""
        ...

    async def denied(self, triage: TriageId, action: str, permission: Permission) -> None:
        """Audits that the gate said no to the agent."""
        ...

    async def now(self) -> Millis:
        """The record's clock."""
        ...


class Absent(Protocol):
    """Who said to be away, beside what owners.yaml says."""

    async def now_away(self, now: Millis) -> Mapping[SlackUserId, str]:
        """The last day of each absence that covers this moment, as an ISO date, by person."""
        ...


class Neighbours(Protocol):
    """The tickets seen lately, by likeness."""

    async def find(self, ticket: CleanTicket, opened_at: Millis) -> tuple[Similar, ...]:
        """At most three of the ticket's project, filed before it, best first; none below a measured precision, none
        that few may read for a ticket that many may read. Never raises: where it cannot tell, it names none."""
        ...


class Gatekeeper(Protocol):
    """Says whether an act is allowed. Denies on any doubt."""

    @property
    def policy_version(self) -> str: ...

    def check(self, principal: Principal, action: Action, resource: TicketRef, context: Context) -> Permission:
        """Never raises: whatever goes wrong is a deny with a reason."""
        ...


class Permission(Value):
    """The gate's answer, with what an auditor needs."""

    allowed: bool
    policies: tuple[str, ...]
    """Ids of the policies that decided."""
    policy_version: str
    why: str
    would_deny: tuple[str, ...] = ()
    """Ids of rules on trial that would have said no; they decide nothing yet."""


class Taxonomy(Protocol):
    """The layers and the labels they become."""

    @property
    def layers(self) -> Sequence[LayerId]: ...

    @property
    def labels(self) -> frozenset[str]:
        """Every label that a proposal may carry."""
        ...

    def layer_label(self, layer: LayerId) -> str: ...

    def kind_label(self, kind: Kind) -> str: ...

    def layer_title(self, layer: LayerId) -> str:
        """The layer in words, for people."""
        ...

    def review_questions(self, layer: LayerId) -> tuple[str, ...]:
        """What a reviewer of this layer asks."""
        ...
