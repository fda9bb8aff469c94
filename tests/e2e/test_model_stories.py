"""Stories with a model: from the ticket to what is written, and what becomes of tickets when the model is out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.settings import Engine, Settings
from graphs.model import TicketKey
from tests.agent.doubles import verdict
from tests.e2e.stage import Stage, open_stage
from tests.models.scripted import Answer, Fails, Json, Script, Server, answer, calls, serving, thinking

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
    folder: Path, on_store: Callable[[Settings], Settings], *script: Answer | Script
) -> AsyncIterator[tuple[Stage, Server]]:
    async with serving(*script) as server:
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
    from tests.models.scripted import Says, text

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
