"""Linear's deliveries at the bot's own door: the answer that Linear wants, late ones, and ones that come again."""

from __future__ import annotations

import json
from functools import partial

import pytest

from bot.bootstrap.linear import LinearAdapter
from bot.executor.marker import Marker
from bot.intake import web
from bot.intake.hooks import Hooks
from bot.record.inbox import Outcome
from bot.record.record import Record
from bot.service.arrivals import LATEST_MS, Arrivals, Install
from bot.settings import Settings
from tests.intake.asgi import ask
from tests.trackers.linear.deliveries import SECRET, headers, issue


@pytest.fixture
def install() -> Install:
    known = {"linear_teams": ("ENG",), "linear_webhook_secret": SECRET}
    return LinearAdapter(Settings.model_validate(known)).install


async def body(record: Record, sent_ms_ago: int) -> bytes:
    async with record.read() as tx:
        now = await tx.now()
    return json.dumps({**issue("create"), "webhookTimestamp": now - sent_ms_ago}).encode()


async def ready() -> dict[str, str]:
    return {"record": "ok"}


async def test_linear_is_answered_with_the_one_status_it_takes_for_a_success(record: Record, install: Install) -> None:
    key, arrivals = (install.provider, install.id), Arrivals(record, Marker(b"x" * 32))
    app = web.build(Hooks({key: partial(arrivals.arrived, install)}, {key: install.answers}), ready)
    said = await body(record, 0)
    raw = [(name.encode(), value.encode()) for name, value in headers(said).items()]
    reply = await ask(app, "/hooks/linear/linear", [said], raw)
    assert (reply.status, reply.json()) == (200, {"outcome": "accepted"})


@pytest.mark.parametrize(("ago", "outcome"), [(7 * 3_600_000, Outcome.ACCEPTED), (LATEST_MS + 60_000, Outcome.IGNORED)])
async def test_a_delivery_may_be_as_late_as_linears_last_try_and_no_later(
    record: Record, install: Install, ago: int, outcome: Outcome
) -> None:
    said = await body(record, ago)
    arrivals = Arrivals(record, Marker(b"x" * 32))
    assert await arrivals.arrived(install, headers(said), said) is outcome
    assert await arrivals.arrived(install, headers(said), said) is Outcome.DUPLICATE
