"""The exact requests, as they stand in the repository for review, and the figures that follow from them."""

from __future__ import annotations

from dataclasses import fields

import pytest

from graphs.agent.caching import TTL_S, Arrivals, cheapest, factor
from graphs.agent.prices import FREE, PRICES, cost, price_of
from graphs.agent.profiles import FAST, OTHER, STRONG, profile_of
from graphs.agent.prompting import PLACES, Prompts
from graphs.agent.talk import Keep, Usage
from tests.agent.requests import FOLDER, conversations, estimate, snapshots, table
from tests.docs import ROOT


async def test_a_change_of_a_prompt_shows_in_review() -> None:
    found = snapshots(await conversations())
    kept = {file.name: file.read_text() for file in FOLDER.iterdir()}
    assert found == kept, "requests have changed: look at the difference, then run python -m tests.agent.requests"


async def test_the_figures_of_the_document_follow_from_the_requests() -> None:
    assert table(await conversations()) in (ROOT / "docs" / "agent.md").read_text(), "run `make docs`"


async def test_a_ticket_stays_within_its_tokens() -> None:
    found = await conversations()
    first = estimate(found["one_question"][0])
    assert first.stable <= 5_000
    assert first.fresh <= 1_500


@pytest.mark.parametrize("name", PLACES)
def test_placeholders_are_those_of_the_typed_arguments(name: str) -> None:
    prompt = getattr(Prompts.active(), name)
    assert prompt.variables == {one.name for one in fields(PLACES[name])}
    assert prompt.output == "graphs.agent.answer.Verdict"
    assert prompt.changed
    assert prompt.score == "unmeasured"


# --- prices and caches --------------------------------------------------------------------------------------------


def test_every_kind_of_token_has_its_price() -> None:
    usage = Usage(fresh=10**6, cached=10**6, kept_minutes=10**6, kept_hour=10**6, written=10**6)
    assert cost(usage, price_of(FAST)) == pytest.approx(0.10 + 0.01 + 0.125 + 0.20 + 0.50)
    assert cost(usage, FREE) == 0


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("anthropic.claude-haiku-5-5-v1:0", FAST),
        ("eu.anthropic.claude-sonnet-5-5-v1:0", STRONG),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-opus-5-5", "claude-opus-5-5"),
        ("claude-opus-5", "claude-opus-5"),
    ],
)
def test_a_cloud_name_has_the_price_and_the_profile_of_its_model(name: str, like: str) -> None:
    assert price_of(name) == PRICES[like]
    assert profile_of(name) == profile_of(like)


def test_an_unknown_name_never_slips_past_a_budget() -> None:
    assert price_of("claude-next-9") == max(PRICES.values(), key=lambda one: one.written)
    assert price_of("claude-next-9", own_server=True) == FREE
    assert profile_of("qwen3:30b") == OTHER
    assert profile_of("claude-next-9").holds_shape


@pytest.mark.parametrize("rate", [0.0, 1 / 86_400, 1 / 3_600, 1 / 840, 1 / 300, 1 / 60, 1.0])
@pytest.mark.parametrize("model", PRICES)
def test_what_is_kept_never_costs_more_than_nothing(rate: float, model: str) -> None:
    price = PRICES[model]
    assert factor(cheapest(rate, price), rate, price) <= 1.0


def test_thin_traffic_keeps_nothing_and_dense_traffic_keeps_something() -> None:
    price = PRICES[FAST]
    assert cheapest(0.0, price) is Keep.NOT
    assert cheapest(1 / 86_400, price) is Keep.NOT
    assert cheapest(1 / 840, price) is Keep.HOUR  # one in 14 minutes: five minutes would be written nearly every time
    assert cheapest(1.0, price) is Keep.MINUTES
    assert set(TTL_S) == set(Keep) - {Keep.NOT}


def test_the_rate_needs_some_arrivals_and_falls_with_silence() -> None:
    now = [0.0]
    arrivals = Arrivals(lambda: now[0])
    for _ in range(5):
        arrivals.note()
        now[0] += 10
    assert arrivals.rate() == pytest.approx(4 / 50)
    now[0] += 10_000
    assert arrivals.rate() < 0.001
    assert Arrivals(lambda: 0.0).rate() == 0.0
