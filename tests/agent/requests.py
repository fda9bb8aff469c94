"""The exact requests that a model is sent, for review, and what they cost: `python -m tests.agent.requests`.

Owns the designs that are compared: one question, a look-up in between, and both models. Tokens are an estimate,
characters / 3.5 x 1.3, because no tokenizer and no service was asked.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from bot.bench.agent import MEAN_CHARS
from bot.models import wire
from graphs.agent.caching import cheapest, factor
from graphs.agent.prices import DATED, Price, price_of
from graphs.agent.profiles import FAST, STRONG
from graphs.agent.prompting import estimated_tokens
from graphs.agent.talk import Keep, Request
from graphs.archive.past import Settled
from graphs.model import CleanTicket
from tests.agent.doubles import Bench, a_bench, a_dossier, called, said, settled, verdict
from tests.builders import a_clean_ticket, a_ticket

FOLDER = Path(__file__).parent / "snapshots"
THINKING = 300
"""Tokens of thinking that are assumed for a question; no service was asked."""
SECOND_SHARE, LOOK_UP_SHARE = 0.1, 0.15
"""Assumed: how many tickets the stronger model sees, and how many need a look-up."""


def a_mean_ticket() -> CleanTicket:
    body = (
        "Since the last index run the bot quotes pages that are gone. " + "It happens on every second question. " * 60
    )
    title = "Answers cite documents that were deleted"
    return a_clean_ticket(a_ticket(title=title, body=body[: MEAN_CHARS - len(title)]))


async def conversations() -> dict[str, tuple[Request, ...]]:
    """All requests of one conversation, by design."""
    look_up = called(("read_past_ticket", {"name": "acme/assistant#1"}))
    return {
        "one_question": await _asked(a_bench(said(verdict()), past=_past()), FAST),
        "with_a_look_up": await _asked(a_bench(look_up, said(verdict()), past=_past()), FAST),
        "stronger_model": await _asked(a_bench(said(verdict()), past=_past()), STRONG),
        "own_server": await _asked(a_bench(said(verdict()), past=_past(), own_server=True), "qwen3:30b"),
    }


def _past() -> tuple[Settled, ...]:
    return tuple(settled(at) for at in (1, 2, 3))


async def _asked(bench: Bench, model: str) -> tuple[Request, ...]:
    found = await bench.agent(model).ask(a_dossier(a_mean_ticket()), None)
    assert found.analysis is not None
    return tuple(bench.talker.requests)


def as_sent(request: Request) -> dict[str, object]:
    """As the SDK is given it; caching for five minutes, so that the breakpoint is seen."""
    kept = request.model_copy(update={"keep": Keep.MINUTES})
    return {
        "model": kept.model,
        "max_tokens": kept.max_tokens,
        "tools": wire.tools_of(kept),
        "system": wire.system_of(kept),
        "output_config": wire.output_of(kept),
        "messages": wire.messages_of(kept.turns),
    }


@dataclass(frozen=True)
class Estimate:
    """Tokens of one request."""

    stable: int
    fresh: int
    answer: int


def estimate(request: Request) -> Estimate:
    sent = as_sent(request)
    stable = json.dumps(sent["tools"]) + request.system + json.dumps(sent["output_config"])
    return Estimate(
        stable=estimated_tokens(stable),
        fresh=estimated_tokens(json.dumps(sent["messages"], ensure_ascii=False)),
        answer=estimated_tokens(json.dumps(verdict())) + THINKING,
    )


def dollars(requests: tuple[Request, ...], price: Price, stable_factor: float) -> float:
    found = [estimate(one) for one in requests]
    # Later questions of one conversation find what the first has written, where anything is kept at all.
    later = price.cached / price.fresh if stable_factor < 1 else 1.0
    factors = [stable_factor] + [later] * (len(found) - 1)
    parts = [
        (one.stable * each + one.fresh) * price.fresh + one.answer * price.written
        for one, each in zip(found, factors, strict=True)
    ]
    return sum(parts) / 1_000_000


def table(found: dict[str, tuple[Request, ...]]) -> str:
    """Dollars for 1,000 tickets, by design and by how often tickets come."""
    fast, strong = price_of(FAST), price_of(STRONG)
    rates = {"one a minute": 1 / 60, "one in 15 minutes": 1 / 900, "one in 3 hours": 1 / 10_800}
    first = estimate(found["one_question"][0])
    lines = [
        f"Prices of {DATED}, US dollars for 1,000 tickets of {MEAN_CHARS:,} characters; {first.stable:,} stable and",
        f"{first.fresh:,} fresh tokens in, {first.answer:,} out (of them {THINKING} assumed for thinking).",
        "All of it is an estimate from the exact requests (characters / 3.5 times 1.3); no service was asked.",
        "",
        "| tickets come | kept | one question | with a look-up | stronger model | the mix |",
        "|---|---|---|---|---|---|",
    ]
    for name, rate in rates.items():
        keep = cheapest(rate, fast)
        kept = factor(keep, rate, fast)
        bigger = factor(cheapest(rate * SECOND_SHARE, strong), rate * SECOND_SHARE, strong)
        one = dollars(found["one_question"], fast, kept) * 1_000
        two = dollars(found["with_a_look_up"], fast, kept) * 1_000
        second = dollars(found["stronger_model"], strong, bigger) * 1_000
        mix = one + LOOK_UP_SHARE * (two - one) + SECOND_SHARE * second
        lines.append(f"| {name} | {keep} | {one:.2f} | {two:.2f} | {second:.2f} | {mix:.2f} |")
    assumed = f"{LOOK_UP_SHARE:.0%} of the tickets need a look-up, {SECOND_SHARE:.0%} the stronger model"
    return "\n".join([*lines, "", f"The mix: {assumed}; both assumed."])


def snapshots(found: dict[str, tuple[Request, ...]]) -> dict[str, str]:
    """The last request of each conversation, which repeats all before it, by file name."""
    return {
        f"{name}.json": json.dumps(as_sent(asked[-1]), indent=1, ensure_ascii=False) + "\n"
        for name, asked in found.items()
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asked = asyncio.run(conversations())
    for name, text in snapshots(asked).items():
        (FOLDER / name).write_text(text)
    print(table(asked))  # noqa: T201  # a program's output
