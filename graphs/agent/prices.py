"""What tokens cost: a dated table, and the cost of what was used.

Owns the step from tokens to US dollars. A model that is not in the table counts as the dearest one in it, so that a
budget is never missed by a name; on a server of one's own it counts as free.
"""

from __future__ import annotations

from graphs.agent.talk import Usage
from graphs.model import Value

DATED = "2026-11-23"
"""When the table was last compared with the vendor's price page."""
_MILLION = 1_000_000


class Price(Value):
    """US dollars for a million tokens."""

    fresh: float
    written: float
    kept_minutes: float
    kept_hour: float
    cached: float


FREE = Price(fresh=0, written=0, kept_minutes=0, kept_hour=0, cached=0)


def _price(fresh: float, written: float, cached: float) -> Price:
    """Writing to the cache costs a quarter more for five minutes, twice as much for an hour."""
    return Price(fresh=fresh, written=written, kept_minutes=1.25 * fresh, kept_hour=2 * fresh, cached=cached)


PRICES: dict[str, Price] = {
    "claude-haiku-5-5": _price(0.10, 0.50, 0.01),
    "claude-sonnet-5-5": _price(2, 10, 0.10),
    "claude-opus-5-5": _price(4, 20, 0.20),
    "claude-fable-5-1": _price(10, 50, 0.25),
    "claude-haiku-4-5": _price(1, 5, 0.10),
    "claude-sonnet-4-6": _price(3, 15, 0.30),
    "claude-opus-4-5": _price(5, 25, 0.50),
    "claude-opus-4-6": _price(5, 25, 0.50),
    "claude-opus-4-7": _price(5, 25, 0.50),
    "claude-opus-4-8": _price(5, 25, 0.50),
    "claude-opus-5": _price(5, 25, 0.50),
}
"""Prompts up to 100,000 tokens; ours are bounded far below."""


def price_of(model: str, *, own_server: bool = False) -> Price:
    """By the longest known name in `model`: clouds put regions and dates around it."""
    if own_server:
        return FREE
    known = max((name for name in PRICES if name in model), key=len, default=None)
    return PRICES[known] if known else max(PRICES.values(), key=lambda one: one.written)


def cost(usage: Usage, price: Price) -> float:
    """US dollars."""
    parts = (
        (usage.fresh + usage.lost) * price.fresh,
        usage.written * price.written,
        usage.kept_minutes * price.kept_minutes,
        usage.kept_hour * price.kept_hour,
        usage.cached * price.cached,
    )
    return sum(parts) / _MILLION
