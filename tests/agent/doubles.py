"""An agent on a bench: the real loop, tools, gate and policies, with a model that says what a test wants.

Owns the stand-ins for the model, the record and the notes. Canaries stand in everything that a public ticket must not
lead to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.service.spending import MemoryJournal
from graphs.agent.budget import Limits
from graphs.agent.engine import Agent, Kit
from graphs.agent.prompting import Prompts
from graphs.agent.talk import Block, Call, ModelAway, ModelRejected, Reply, Request, Stop, Text, Usage
from graphs.archive.notes import Notes
from graphs.archive.past import Library, Settled
from graphs.hygiene.redact import Redactor
from graphs.model import CleanTicket, InstallId, Kind, LayerId, Millis, OwnerId, TicketRef, TriageId
from graphs.ports import Dossier, Permission
from graphs.tools.list_labels import ListLabels
from graphs.tools.look_up_owners import LookUpOwners
from graphs.tools.read_comments import ReadComments, TicketComment
from graphs.tools.registry import Sources, offers
from graphs.tools.toolbox import Toolbox
from tests.builders import NOW, a_clean_ticket, a_ref, a_ticket
from tests.graphs.doubles import GATE, OWNERS, TAXONOMY, TRIAGE, FakeNotebook, FakeReader, Trips, WatchedGate

CANARY = "CANARY-7f3a"
ELSEWHERE = "CANARY-8c1d"
"""Stands in another private project: not even a private ticket may lead there."""
DAY = 86_400_000
SMALL = Usage(fresh=1_000, written=200)


def verdict(**changed: object) -> dict[str, object]:
    """A good answer about the usual ticket."""
    return {
        "evidence": [{"source": "quote", "ref": "", "text": "quotes pages that are gone"}],
        "against": [],
        "layer": "retrieval_and_context",
        "sure": "likely",
        "secondary": [],
        "kind": "bug",
        "role": "ai_engineer",
        "risks": [],
        "would_change": "A log that shows the index was current.",
        "missing": [],
        "duplicates": [],
        "capability": None,
        **changed,
    }


def said(content: object, stop: Stop = Stop.END_TURN, usage: Usage = SMALL) -> Reply:
    text = content if isinstance(content, str) else json.dumps(content)
    return Reply(blocks=(Text(text=text),), stop=stop, usage=usage, model="m")


def called(*named: tuple[str, object], usage: Usage = SMALL) -> Reply:
    blocks: list[Block] = [
        Call.model_validate({"id": f"c{at}", "name": name, "input": given}) for at, (name, given) in enumerate(named)
    ]
    return Reply(blocks=tuple(blocks), stop=Stop.TOOL_USE, usage=usage, model="m")


Line = Reply | ModelAway | ModelRejected | Callable[[Request], Reply]


class ScriptedTalker:
    """Says one line after the other, the last one again and again. Keeps every request."""

    def __init__(self, *lines: Line) -> None:
        self.lines = list(lines)
        self.requests: list[Request] = []

    async def say(self, request: Request) -> Reply:
        self.requests.append(request)
        line = self.lines[0] if len(self.lines) == 1 else self.lines.pop(0)
        if isinstance(line, Exception):
            raise line
        return line(request) if callable(line) else line

    @property
    def sent(self) -> str:
        """All that was ever shown to the model."""
        return "\n".join(one.model_dump_json() for one in self.requests)


class Comments:
    def __init__(self, *bodies: str) -> None:
        self.bodies = bodies

    async def comments(self, ref: TicketRef) -> Sequence[TicketComment]:
        return [TicketComment.model_validate({"author": "customer-one", "body": one}) for one in self.bodies]


def settled(number: int, **changed: object) -> Settled:
    content = {
        "key": f"p{number}:9",
        "ref": a_ref(number),
        "title": f"Search quotes pages that were deleted, part {number}",
        "body": "After the nightly index run the answers cite documents that are gone.",
        "private": False,
        "layer": LayerId("retrieval_and_context"),
        "kind": Kind.BUG,
        "owner": OwnerId("data-lead"),
        "decided_at": Millis(NOW - number * DAY),
        **changed,
    }
    return Settled.model_validate(content)


class Shelf:
    """Implements `graphs.archive.past.SettledTickets`."""

    def __init__(self, *tickets: Settled) -> None:
        self.tickets = list(tickets)

    async def keys(self, install: InstallId, most: int) -> Sequence[str]:
        return [one.key for one in self.tickets if one.ref.install == install][:most]

    async def read(self, keys: Collection[str]) -> Sequence[Settled]:
        return [one for one in self.tickets if one.key in keys]


PAST = (
    settled(1),
    settled(2),
    settled(3, private=True, title=f"Deleted pages and {CANARY}", body=CANARY),
    settled(4, ref=a_ref(4, project="acme/secrets"), private=True, title=f"Deleted pages {ELSEWHERE}", body=ELSEWHERE),
    settled(5, ref=a_ref(5, project="acme/other")),
)


class Ledger(FakeNotebook):
    """Keeps denials with their policies."""

    def __init__(self) -> None:
        super().__init__(Trips())
        self.policies: list[tuple[str, tuple[str, ...]]] = []

    async def denied(self, triage: TriageId, action: str, permission: Permission) -> None:
        await super().denied(triage, action, permission)
        self.policies.append((action, permission.policies))


def notes(folder: Path) -> Notes:
    """One private note and one public one."""
    (folder / "private.md").write_text(f"# Index runs\nDeleted pages are {CANARY}.\n")
    (folder / "public.md").write_text(
        "---\ndate: 2025-05-01\nvisibility: public\n---\n# Index runs\nDeleted pages stay until the next full run.\n"
    )
    return Notes(folder)


@dataclass
class Bench:
    talker: ScriptedTalker
    kit: Kit
    gate: WatchedGate
    ledger: Ledger
    journal: MemoryJournal
    paused: list[bool] = field(default_factory=lambda: [False])

    def agent(self, model: str = "claude-haiku-5-5") -> Agent:
        return Agent(self.kit, model)


def a_bench(
    *lines: Line,
    limits: Limits | None = None,
    folder: Path | None = None,
    comments: Comments | None = None,
    past: Sequence[Settled] = PAST,
    own_server: bool = False,
) -> Bench:
    talker, gate, ledger, paused = ScriptedTalker(*lines), WatchedGate(), Ledger(), [False]
    library = Library(Shelf(*past))
    sources = Sources(
        owners=OWNERS,
        taxonomy=TAXONOMY,
        library=library,
        notes=notes(folder) if folder else Notes(None),
        read_comments=ReadComments(comments or Comments("I see it too.")),
        list_labels=ListLabels(FakeReader(a_ticket(), TAXONOMY.labels, Trips())),
        look_up_owners=LookUpOwners(OWNERS),
    )
    kit = Kit(
        talker=talker,
        prompts=Prompts.active(),
        taxonomy=TAXONOMY,
        owners=OWNERS,
        library=library,
        offers=offers(sources),
        toolbox=Toolbox(gate, ledger, lambda: paused[0]),
        notebook=ledger,
        redactor=Redactor(b"tests"),
        limits=limits or Limits(),
        policy_version=GATE.policy_version,
        paused=lambda: paused[0],
        own_server=own_server,
        fence="data-0000000000000000",
    )
    return Bench(talker, kit, gate, ledger, MemoryJournal(), paused)


def a_dossier(ticket: CleanTicket | None = None) -> Dossier:
    return Dossier(ticket=ticket or a_clean_ticket(), layers=tuple(TAXONOMY.layers), triage=TRIAGE)
