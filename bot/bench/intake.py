"""How many webhooks the bot takes in while its workers are busy with those it took in before.

Each accepted delivery is a committed row (fsync) before it is answered, and it is work: the workers read the ticket,
think and post a card all the while. First as fast as answers come, over some connections; then at a steady pace, for
how long one sender waits. Deliveries are those of the local GitHub, one ticket each, with its signatures.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

from bot.bench.endtoend import running
from bot.bench.figures import BenchFailed, percentile
from bot.bench.load import ACCEPTED, HOOKS, Hook, Order, Outcome
from bot.bench.setup import Setup
from bot.bench.site import Site
from bot.bench.stage import file as file_one
from bot.demo.town import CHANNEL, INSTALL, Town
from bot.record.inbox import Outcome as Stored
from bot.sandbox.github.webhooks import Delivery, headers
from graphs.model import Value

CONNECTIONS = 32
PER_S = 84
"""A steady 5,000 events a minute."""
AT_ONCE = 1_000
"""The local GitHub keeps that many deliveries to take from, and some more."""


class Intake(Value):
    accepted_per_s: float
    p50_ms: float
    p99_ms: float
    """Over `CONNECTIONS` connections, each sending its next delivery as soon as the last was answered."""
    steady_p50_ms: float
    steady_p99_ms: float
    """At `PER_S` deliveries a second."""
    cards_meanwhile: float
    """What the workers got done during all that."""


async def intake(folder: Path, setup: Setup, deliveries: int, steady: int) -> Intake:
    async with running(folder, setup) as bot:
        bot.town.connect_webhook()
        hooks = await prepared(bot.town, folder, deliveries + steady)
        quick = order(bot.town, hooks, deliveries)
        fast = await send(bot, quick)
        slow = await send(bot, quick.model_copy(update={"first": deliveries, "count": steady, "per_s": PER_S}))
        cards = sum(one.metadata is not None for one in bot.town.slack.messages(CHANNEL))
        await stored(bot, deliveries + steady)
    return Intake(
        accepted_per_s=deliveries / fast.seconds,
        p50_ms=percentile(fast.waits_ms, 0.5),
        p99_ms=percentile(fast.waits_ms, 0.99),
        steady_p50_ms=percentile(slow.waits_ms, 0.5),
        steady_p99_ms=percentile(slow.waits_ms, 0.99),
        cards_meanwhile=cards,
    )


async def prepared(town: Town, folder: Path, count: int) -> Path:
    """A file of deliveries of new tickets, which the local GitHub signed and did not send."""
    hooks: list[Hook] = []
    while (left := count - len(hooks)) > 0:
        found = await unsent(town, min(left, AT_ONCE))
        hooks += [Hook(headers=headers(one), body=one.payload) for one in found]
    file = folder / "hooks.json"
    file.write_bytes(HOOKS.dump_json(hooks))
    return file


async def unsent(town: Town, count: int) -> tuple[Delivery, ...]:
    """New tickets whose deliveries get lost."""
    town.github.webhook_faults.drop(count)
    for _ in range(count):
        await file_one(town.github, town.repository)
    await town.github.settle()
    return town.github.deliveries("issues.opened")[-count:]


def order(town: Town, hooks: Path, count: int) -> Order:
    at = urlsplit(town.bot.url)
    return Order(
        host=at.hostname or "",
        port=at.port or 0,
        path=f"/hooks/github/{INSTALL}",
        hooks=hooks,
        first=0,
        count=count,
        connections=CONNECTIONS,
    )


async def send(bot: Site, order: Order) -> Outcome:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.bench.load"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        start_new_session=True,  # Ctrl-C is for us: we end it
    )
    try:
        said, _ = await process.communicate(order.model_dump_json().encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BenchFailed(f"the sender of webhooks ended with exit code {process.returncode}")
    outcome = Outcome.model_validate_json(said)
    if outcome.answers != {ACCEPTED: order.count}:
        raise BenchFailed(f"the bot answered {outcome.answers} to {order.count} deliveries\n{bot.town.bot.tail()}")
    return outcome


async def stored(bot: Site, count: int) -> None:
    """What was answered with 202 is in the record."""
    async with bot.record.read() as tx:
        found = await tx.inbox.outcomes("github")
    if found.get(("issues.opened", Stored.ACCEPTED)) != count:
        raise BenchFailed(f"{count} deliveries were answered, stored are {dict(found)}")
