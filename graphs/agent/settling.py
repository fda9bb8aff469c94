"""What the local engine may settle alone, judged by how often it was right about the team's own decided tickets.

Owns the threshold: the lowest confidence c such that, among the decided tickets on which the local engine is at least
that sure, the lower end of Wilson's 95 % interval of its precision reaches the bar. With
fewer than `LEAST` decided tickets above it, or no such c, it settles nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from graphs.archive.past import Library, Settled
from graphs.errors import EngineUnavailable
from graphs.model import Analysis, CleanTicket, HygieneReport, InstallId, Login, Millis
from graphs.ports import Dossier, Model, Notebook
from graphs.rates import wilson

LEAST, MOST = 50, 300
"""Decided tickets that are needed, and the newest ones that are looked at."""
RENEW_MS = 6 * 3_600_000


class Settling:
    """Measured anew every few hours, with an engine that has learnt nothing from the tickets it is measured on."""

    def __init__(self, untaught: Model, library: Library, notebook: Notebook, bar: float) -> None:
        self._engine = untaught
        self._library = library
        self._notebook = notebook
        self._bar = bar
        self._known: dict[InstallId, tuple[Millis, float | None]] = {}
        self._measuring = asyncio.Lock()

    async def settles(self, dossier: Dossier, local: Analysis) -> bool:
        if local.abstains or not local.known_ground:
            return False
        least = await self._threshold(dossier)
        return least is not None and local.confidence >= least

    async def _threshold(self, dossier: Dossier) -> float | None:
        now, install = await self._notebook.now(), dossier.ticket.ref.install
        async with self._measuring:
            at, found = self._known.get(install, (Millis(0), None))
            if not at or now - at > RENEW_MS:
                past = (await self._library.all(install, now))[:MOST]
                found = threshold(await self._answers(past, dossier), self._bar)
                self._known[install] = (now, found)
            return found

    async def _answers(self, past: Sequence[Settled], dossier: Dossier) -> list[tuple[float, bool]]:
        answers = []
        for one in past:
            try:
                said = await self._engine.analyse(Dossier(ticket=_as_filed(one), layers=dossier.layers))
            except EngineUnavailable:
                continue
            answers.append((said.confidence, said.layer == one.layer))
        return answers


def threshold(answers: Sequence[tuple[float, bool]], bar: float) -> float | None:
    """The lowest confidence from which on the precision is surely at least `bar`; None where there is none."""
    best, right = None, 0
    ordered = sorted(answers, reverse=True)
    for n, (confidence, was_right) in enumerate(ordered, 1):
        right += was_right
        whole = n == len(ordered) or ordered[n][0] < confidence  # equals stand together
        if whole and n >= LEAST and wilson(right, n)[0] >= bar:
            best = confidence
    return best


def _as_filed(one: Settled) -> CleanTicket:
    return CleanTicket(
        ref=one.ref,
        url="",
        title=one.title,
        body=one.body,
        author=Login(""),
        labels=(),
        assignees=(),
        private=one.private,
        version="",
        hygiene=HygieneReport(),
    )
