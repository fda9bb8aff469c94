"""Stories with a model: from the ticket to what is written, and what becomes of tickets when the model is out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.batches.backlog import Told, open_batches
from bot.batches.post import Pace
from bot.sandbox.model.scripted import Answer, Fails, Json, Says, Script, Server, answer, calls, serving, thinking
from bot.settings import Engine, Settings
from graphs.agent import prices
from graphs.model import InstallId, TicketKey, TicketRef, TrackerName
from tests.agent.doubles import verdict
from tests.e2e.stage import Stage, open_stage
from tests.models.batches import BatchDesk

QUOTE = "Citations point to pages that are gone."
GOOD = verdict(
    evidence=[{"source": "quote", "ref": "", "text": QUOTE}],
    against=[{"source": "quote", "ref": "", "text": "files that were removed"}],
    would_change="A log that shows the index was current.",
    missing=["When was the last full index run?"],
)
KEY = "model-key-canary-7f3a"


@asynccontextmanager
async def staged(
    folder: Path,
    on_store: Callable[[Settings], Settings],
    *script: Answer | Script,
    batches: BatchDesk | None = None,
) -> AsyncIterator[tuple[Stage, Server]]:
    async with serving(*script, batches=batches) as server:
        asked = {"strata_engine": Engine.CLAUDE, "anthropic_base_url": server.url, "anthropic_api_key": SecretStr(KEY)}
        async with open_stage(folder, change=lambda one: on_store(one).model_copy(update=asked)) as stage:
            yield stage, server


def investigating(request: Json) -> Answer:
    """Looks at the comments first, then answers."""
    messages = request["messages"]
    assert isinstance(messages, list)
    if len(messages) == 1:
        return calls(
            ("read_comments", {}), ("look_up_owners", {"layer": "retrieval_and_context"}), ("add_label", {"label": "x"})
        )
    return answer(GOOD)


async def test_a_model_looks_things_up_and_a_person_decides(
    tmp_path: Path, on_store: Callable[[Settings], Settings]
) -> None:
    async with staged(tmp_path, on_store, investigating) as (stage, server):
        number, card = await stage.file_and_wait()
        assert "claude-haiku-5-5" in card.all_text
        assert QUOTE.rstrip(".") in card.all_text
        await stage.quiet()
        assert stage.github.writes() == (), "a model cannot write, whatever it asks for"
        results = server.requests[1]["messages"]
        assert isinstance(results, list)
        assert [one["is_error"] for one in results[-1]["content"]] == [False, False, True]
        await stage.approve(card)
        await stage.card_says(card, "All of it is set")
        assert {"layer: retrieval and context", "kind: bug"} == set(stage.github.issue(stage.repo, number).labels)
        async with stage.core.record.read() as tx:
            spent = await tx.audit.entries("models")
            about = await tx.audit.entries(TicketKey(f"github:main:{stage.repo}#{number}"))
            await tx.audit.verify()
        assert [(one.facts["outcome"], one.facts["calls"]) for one in spent] == [("answered", "3")]
        proposed = next(one for one in about if one.action == "proposed")
        assert proposed.facts["model"] == "claude-haiku-5-5"
        assert "triage/v1@" in proposed.facts["agent_prompts"]
        denied = next(one for one in about if one.action == "denied")
        assert (denied.facts["operation"], denied.facts["policies"]) == ("unknown_tool", "agent-unknown-tool")
        assert KEY not in str(about) + str(spent) + card.all_text


async def test_fault_66_a_storm_stalls_no_ticket_and_the_local_engine_says_that_it_stands_in(
    tmp_path: Path, on_store: Callable[[Settings], Settings]
) -> None:
    async with staged(tmp_path, on_store, Fails(529, "overloaded_error", retry_after="86400")) as (stage, server):
        began = time.monotonic()
        numbers = [await stage.file(f"Search returns chunks of deleted files {at}") for at in range(6)]
        cards = await asyncio.gather(*(stage.card_for(number) for number in numbers))
        assert time.monotonic() - began < 20
        assert all("no model answered: local guess" in card.all_text for card in cards)
        assert len(server.requests) <= 2 * 8, "a few ask at the same time; then both models are left alone"
        server.script = [answer(GOOD)]
        await stage.approve(cards[0])
        await stage.card_says(cards[0], "Approved")


async def test_fault_67_what_a_model_sends_wrongly_ends_in_a_card(
    tmp_path: Path, on_store: Callable[[Settings], Settings]
) -> None:
    from bot.sandbox.model.scripted import Says, text

    async with staged(tmp_path, on_store, Says([thinking(), text("I would rather not.")], stop="refusal")) as (
        stage,
        _,
    ):
        _, card = await stage.file_and_wait()
        assert "no model answered: local guess" in card.all_text
        await stage.quiet()
        async with stage.core.record.read() as tx:
            spent = await tx.audit.entries("models")
        assert [one.facts["outcome"] for one in spent] == ["refused", "refused"], "both models were asked"


async def test_a_sweep_in_batches_ends_in_cards_that_were_paid_for_once(
    tmp_path: Path, on_store: Callable[[Settings], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started, cut off while it waits, started again: one batch, its answers on the cards, its bills in the audit."""
    monkeypatch.setattr(prices, "FREE", prices.PRICES["claude-haiku-5-5"])
    alone: list[str] = []

    def single(request: Json) -> Answer:
        alone.append(str(request["messages"]))
        return answer(GOOD)

    def fate(request: Json) -> Says | str:
        return "expired" if "no answer" in str(request["messages"]) else answer(GOOD)

    desk = BatchDesk(fate)
    async with staged(tmp_path, on_store, single, batches=desk) as (stage, _):
        stage.github.webhook_faults.drop(3, event="issues.opened")
        numbers = [await stage.file(f"Search returns chunks of deleted files {at}") for at in ("a", "b", "no answer")]
        refs = [github_ref(stage.repo, number) for number in numbers]

        async def sweep() -> Told:
            async with stage.core.trackers.reading(stage.core.shares) as reader:
                pace = Pace(poll_s=0.01, poll_most_s=0.02)
                async with open_batches(stage.core, reader, lambda _: None, pace) as batches:
                    return await batches.sweep(refs, closed_too=False)

        with monkeypatch.context() as patched:
            patched.setattr("bot.batches.backlog.BacklogBatches._add", _cut_off)
            with pytest.raises(_CutOff):
                await sweep()
        told = await sweep()
        assert (told.queued, told.answered, told.left) == (3, 2, 0)
        cards = [await stage.card_for(number) for number in numbers]
        assert all(QUOTE.rstrip(".") in card.all_text and "claude-haiku-5-5" in card.all_text for card in cards)
        assert (len(desk.taken), len(alone)) == (1, 1), "what a batch answered is not asked again"
        await stage.quiet()
        async with stage.core.record.read() as tx:
            spent = await tx.audit.entries("models")
            await tx.audit.verify()
        assert sorted((bool(one.facts["batch"]), one.facts["usd"]) for one in spent) == [
            (False, "0.000200"),
            (True, "0.000100"),
            (True, "0.000100"),
        ]
        await stage.approve(cards[0])
        await stage.card_says(cards[0], "All of it is set")


class _CutOff(Exception):
    """As when somebody presses Ctrl-C."""


async def _cut_off(*_: object, **__: object) -> tuple[int, int]:
    raise _CutOff


def github_ref(project: str, number: int) -> TicketRef:
    return TicketRef(tracker=TrackerName.GITHUB, install=InstallId("main"), project=project, number=str(number))
