"""What several processes share: over Redis where one is set, else each process has its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.cache import Cache, LocalCache
from bot.keys import derived
from bot.limits.limits import Limits
from bot.limits.meters import LocalMeter, Meter
from bot.limits.rates import RateLimits, Unlimited
from bot.redis.broadcast import Broadcast, open_broadcast
from bot.redis.cache import SharedCache
from bot.redis.delivery import open_delivery
from bot.redis.link import open_link
from bot.redis.meter import SharedMeter
from bot.settings import Settings
from bot.tasks import EXECUTOR_KINDS, WORKER_KINDS
from bot.work.delivery import Delivery, InProcess


@dataclass(frozen=True)
class Shared:
    delivery: Delivery
    limits: RateLimits
    cache: Cache
    broadcast: Broadcast
    state: Callable[[], str]
    """For `/readyz`."""


@asynccontextmanager
async def open_shared(settings: Settings, key: bytes) -> AsyncIterator[Shared]:
    """Never fails because Redis is not there. `key` is the installation's: two of them may share one Redis."""
    if settings.strata_redis_url is None:
        async with open_broadcast(None) as broadcast:
            yield Shared(InProcess(), _limits(settings, LocalMeter()), LocalCache(), broadcast, lambda: "ok")
        return
    async with AsyncExitStack() as stack:
        name = derived(key, "redis").hex()[:12]
        link = await stack.enter_async_context(open_link(settings.strata_redis_url, name))
        roles = {"worker": WORKER_KINDS, "executor": EXECUTOR_KINDS}
        yield Shared(
            delivery=await stack.enter_async_context(open_delivery(link, roles)),
            limits=_limits(settings, SharedMeter(link)),
            cache=SharedCache(link),
            broadcast=await stack.enter_async_context(open_broadcast(link)),
            state=link.state,
        )


def _limits(settings: Settings, meter: Meter) -> RateLimits:
    return Limits(meter) if settings.strata_limits else Unlimited()
