"""5,000 webhooks of one install within a minute, while its workers are slow and a backlog waits to be swept.

Owns what others feel of that: how long the sender waits, what the web role holds in memory, how long a person's press
takes, and when one ticket of another install gets its turn. Real processes: two web roles, one for each install, on one
record with one worker. The flood is not worked off: that would take as many minutes as it has thousands.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.bench.crew import Crew, open_crew
from bot.bench.endtoend import one_at_a_time
from bot.bench.figures import BenchFailed, percentile
from bot.bench.footprint import memory_mib, spent
from bot.bench.intake import PER_S, order, prepared, send, stored, unsent
from bot.bench.people import PATIENCE_S, Case, People, ticket_of
from bot.bench.setup import Setup
from bot.bench.stage import file
from bot.bench.stores import Servers
from bot.bench.sweep import swept
from bot.demo.town import CHANNEL, Bot, free_port
from bot.roles import Role
from bot.sandbox.github.seed import TEAM
from graphs.model import Value

NEIGHBOUR = "acme-two/helpdesk"
NEIGHBOUR_INSTALL = "neighbour"
BACKLOG = 1_000
PRESSES = 20
CALM = 5
_LOOK_S = 0.25


class Flood(Value):
    """One flood."""

    events: int
    seconds: float
    p50_ms: float
    p99_ms: float
    """How long the sender waits for its answer: the delivery is committed by then."""
    web_cpu_ms_per_event: float
    """What one webhook costs the web role; the presses of that time are in it."""
    web_mib_before: float
    web_mib_peak: float
    """The largest the web role has ever been."""
    calm_click_to_label_ms: float
    """Of a press when nothing else is to be done: the median."""
    click_to_label_ms: float
    click_to_label_max_ms: float
    """Of presses spread over the flood."""
    neighbour_to_card_s: float
    """One ticket of the other install, filed in the middle."""
    waited_before_neighbour: int
    """Tickets of the flood that were in line before it came."""
    overtaken_by: int
    """How many of those got their card before it."""
    cards_meanwhile: int
    sweep_cards_meanwhile: int
    """Of the backlog: with tickets in line that somebody has just filed, none."""


async def flood(folder: Path, setup: Setup, servers: Servers, events: int) -> Flood:
    """Raises `BenchFailed` when a delivery was refused or is not in the record."""
    async with open_crew(folder, setup.model_copy(update={"workers": 1}), servers) as crew, _neighbour(crew):
        crew.town.connect_webhook()
        people = People(crew.town)
        calm, cases = await one_at_a_time(crew, people, CALM), await _open_cards(people)
        await _rest(crew)
        await _backlog(crew)
        first = len(people.cases) + BACKLOG + 1
        hooks, web = await prepared(crew.town, folder, events), crew.town.bot.pid
        before, used = memory_mib(web) or 0.0, spent(web).cpu_s or 0.0
        await crew.hire(Role.WORKER)
        paced = order(crew.town, hooks, events).model_copy(update={"per_s": PER_S})
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(send(crew, paced))
            group.create_task(_press(people, cases, events / PER_S))
            turning = group.create_task(_neighbours_turn(crew, first, events / PER_S / 2))
        sent, turn = sending.result(), turning.result()
        await stored(crew, len(people.cases) + events + 1)  # the last one is the neighbour's
        after, shown = spent(web), _numbers(crew)
    labels = [case.label_s * 1000 for case in cases]
    return Flood(
        events=events,
        seconds=sent.seconds,
        p50_ms=percentile(sent.waits_ms, 0.5),
        p99_ms=percentile(sent.waits_ms, 0.99),
        web_cpu_ms_per_event=((after.cpu_s or 0.0) - used) / events * 1000,
        web_mib_before=before,
        web_mib_peak=after.peak_mib or 0.0,
        calm_click_to_label_ms=percentile([case.label_s * 1000 for case in calm], 0.5),
        click_to_label_ms=percentile(labels, 0.5),
        click_to_label_max_ms=max(labels),
        neighbour_to_card_s=turn.seconds,
        waited_before_neighbour=turn.in_line,
        overtaken_by=turn.overtaken_by,
        cards_meanwhile=len([one for one in shown if one >= first]),
        sweep_cards_meanwhile=_swept_since_the_first(shown, range(len(people.cases) + 1, first)),
    )


@dataclass(frozen=True)
class _Turn:
    """Of the one ticket of the other install."""

    seconds: float
    in_line: int
    overtaken_by: int


@asynccontextmanager
async def _neighbour(crew: Crew) -> AsyncIterator[Bot]:
    """The web role of another install, on the same record."""
    github, port = crew.town.github, free_port()
    github.add_repository(NEIGHBOUR, collaborators=TEAM)
    own = {"GITHUB_INSTALL": NEIGHBOUR_INSTALL, "GITHUB_REPOSITORIES": NEIGHBOUR, "STRATA_PORT": str(port)}
    web = Bot(port, {**crew.town.bot.env, **own}, crew.folder, (Role.WEB.value,), log=crew.town.bot.log)
    try:
        await web.start()
        github.add_hook(NEIGHBOUR, f"{web.url}/hooks/github/{NEIGHBOUR_INSTALL}", crew.town.secret)
        yield web
    finally:
        await web.stop()


async def _open_cards(people: People) -> list[Case]:
    """Cards that wait for a press."""
    cases = [await people.file() for _ in range(PRESSES)]
    for case in cases:
        await people.until_card(case)
    return cases


async def _rest(crew: Crew) -> None:
    """No worker is there."""
    await crew.quiet()
    for role, bot in tuple(crew.others):
        if role is Role.WORKER:
            await crew.dismiss(bot)


async def _backlog(crew: Crew) -> None:
    await unsent(crew.town, BACKLOG)
    ended = await swept(crew.town)
    if ended.told.queued != BACKLOG:
        raise BenchFailed(f"of a backlog of {BACKLOG} the sweep queued {ended.told.queued}")


async def _press(people: People, cases: list[Case], seconds: float) -> None:
    """Presses on all of them, spread over the time, and waits for what follows."""
    for case in cases:
        await people.approve(case)
        await asyncio.sleep(seconds / len(cases))
    for case in cases:
        await people.until_written(case)


async def _neighbours_turn(crew: Crew, first: int, after_s: float) -> _Turn:
    """Files the other install's ticket after a while and waits for its card."""
    await asyncio.sleep(after_s)
    async with crew.record.read() as tx:
        in_line = await tx.jobs.due()
    filed = time.time()
    await file(crew.town.github, NEIGHBOUR)
    while True:
        posted = _posted(crew)
        mine = [at for repository, _, at in posted if repository == NEIGHBOUR]
        if mine:
            break
        if time.time() - filed > PATIENCE_S:
            raise BenchFailed(f"no card came for the other install\n{crew.town.bot.tail()}")
        await asyncio.sleep(_LOOK_S)
    before = [at for repository, number, at in posted if repository != NEIGHBOUR and number >= first]
    return _Turn(mine[0] - filed, in_line - BACKLOG, sum(filed < at < mine[0] for at in before))


def _posted(crew: Crew) -> list[tuple[str, int, float]]:
    """(repository, number, when) of each card."""
    messages = [(ticket_of(one), float(one.ts)) for one in crew.town.slack.messages(CHANNEL)]
    return [(*ticket, at) for ticket, at in messages if ticket is not None]


def _numbers(crew: Crew) -> list[int]:
    """Of the first install's tickets that have a card, in the order of the cards."""
    return [number for repository, number, _ in _posted(crew) if repository == crew.town.repository]


def _swept_since_the_first(shown: list[int], backlog: range) -> int:
    """Cards of the backlog that came after the first of the flood: before it there was nothing else to do."""
    start = next((at for at, number in enumerate(shown) if number >= backlog.stop), len(shown))
    return len([number for number in shown[start:] if number in backlog])
