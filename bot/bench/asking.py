"""What `strata bench` is asked for on the command line, as values. Raises `BadSetting` for what cannot be measured."""

from __future__ import annotations

from bot.bench.scale import Asked
from bot.bench.setup import Store
from bot.bench.stores import Servers
from bot.settings import BadSetting
from graphs.model import Value

RUNS, TICKETS, IDLE_S = 1, 100, 10.0
QUICK_TICKETS, QUICK_IDLE_S = 3, 1.0
MOST_WORKERS, MOST_TICKETS = 16, 100_000


class Options(Value):
    """As they were typed; empty means not given."""

    store: str
    workers: str
    sweep: str
    flood: str
    recovery: int
    database_url: str
    redis_url: str

    @property
    def several_processes(self) -> bool:
        return bool(self.store or self.workers or self.sweep or self.flood or self.recovery)

    def asked(self, runs: int | None, tickets: int | None, *, quick: bool) -> Asked:
        """A store alone means tickets a second with one worker."""
        named = self.sweep or self.flood or self.recovery
        return Asked(
            stores=_stores(self.store or Store.SQLITE),
            workers=_counts("--workers", self.workers or ("" if named else "1"), 1, MOST_WORKERS),
            sweeps=_counts("--sweep", self.sweep, 2, MOST_TICKETS),
            floods=_counts("--flood", self.flood, 100, MOST_TICKETS),
            kills=self.recovery,
            runs=runs or RUNS,
            tickets=tickets or (QUICK_TICKETS if quick else TICKETS),
            idle_s=QUICK_IDLE_S if quick else IDLE_S,
            servers=Servers(database_url=self.database_url, redis_url=self.redis_url),
        )


def _stores(text: str) -> tuple[Store, ...]:
    try:
        return tuple(Store(one.strip()) for one in text.split(","))
    except ValueError:
        raise BadSetting(f"--store {text}: write {', '.join(Store)}, or several with commas between") from None


def _counts(option: str, text: str, least: int, most: int) -> tuple[int, ...]:
    words = [one.strip() for one in text.split(",")] if text else []
    numbers = tuple(int(one) for one in words if one.isascii() and one.isdigit())
    if len(numbers) < len(words) or not all(least <= one <= most for one in numbers):
        raise BadSetting(f"{option} {text}: write numbers from {least} to {most}, with commas between")
    return numbers
