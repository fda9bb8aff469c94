"""The talker against a Messages API on this machine: each end, each fault, waiting, and what is sent."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from anthropic.types import model_param

from bot.limits.rates import Unlimited
from bot.models.access import Access
from bot.models.clients import open_client
from bot.models.talker import ClaudeTalker
from bot.sandbox.model.scripted import Answer, Fails, HangsUp, Raw, Says, Script, Server, calls, serving, text, thinking
from bot.settings import Provider
from graphs.agent.profiles import FAST, STRONG
from graphs.agent.talk import (
    Call,
    Keep,
    ModelAway,
    ModelRejected,
    Opaque,
    Request,
    Result,
    Stop,
    Text,
    ToolSpec,
    Turn,
)

ASKED = Request(
    model=FAST,
    system="You triage.",
    turns=(Turn(role="user", blocks=(Text(text="A ticket."),)),),
    tools=(
        ToolSpec(
            name="look",
            purpose="Looks.",
            shape={"type": "object", "properties": {"word": {"type": "string", "maxLength": 9}}},
        ),
    ),
    shape={"type": "object", "properties": {"layer": {"type": "string"}}, "required": ["layer"]},
    max_tokens=2048,
    effort="low",
    keep=Keep.MINUTES,
    deadline_s=5.0,
)


@asynccontextmanager
async def talking(*script: Answer | Script) -> AsyncIterator[tuple[ClaudeTalker, Server]]:
    async with serving(*script) as server:
        client = open_client(Access(Provider.ANTHROPIC, key="test-key", base_url=server.url))
        try:
            yield ClaudeTalker(client, Unlimited(), first_wait_s=0.01), server
        finally:
            await client.close()


# --- what is sent -------------------------------------------------------------------------------------------------


async def test_the_request_has_the_form_that_the_newest_models_take() -> None:
    async with talking(Says([text("{}")])) as (talker, server):
        await talker.say(ASKED)
    (sent,) = server.requests
    assert sent == {
        "path": "/v1/messages",
        "model": "claude-haiku-5-5",
        "max_tokens": 2048,
        "stream": True,
        "system": [{"type": "text", "text": "You triage.", "cache_control": {"type": "ephemeral", "ttl": "5m"}}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "A ticket."}]}],
        "tools": [
            {
                "name": "look",
                "description": "Looks.",
                "input_schema": {
                    "type": "object",
                    "properties": {"word": {"type": "string", "description": "{maxLength: 9}"}},
                    "additionalProperties": False,
                },
            }
        ],
        "output_config": {
            "effort": "low",
            "format": {
                "type": "json_schema",
                "schema": {
                    "type": "object",
                    "properties": {"layer": {"type": "string"}},
                    "additionalProperties": False,
                    "required": ["layer"],
                },
            },
        },
    }
    assert server.headers[0]["authorization"] == "Bearer test-key"


async def test_the_last_question_forbids_tools_and_a_plain_one_says_nothing_it_need_not() -> None:
    plain = ASKED.model_copy(update={"shape": None, "effort": None, "keep": Keep.NOT, "tools": ()})
    async with talking(Says([text("{}")])) as (talker, server):
        await talker.say(ASKED.model_copy(update={"may_call": False, "keep": Keep.HOUR}))
        await talker.say(plain)
    last, bare = server.requests
    assert last["tool_choice"] == {"type": "none"}
    assert last["system"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}  # type: ignore[index]  # a list
    assert set(bare) == {"path", "model", "max_tokens", "stream", "system", "messages"}
    assert bare["system"] == [{"type": "text", "text": "You triage."}]


async def test_a_conversation_is_sent_back_as_it_was() -> None:
    async with talking(
        Says([thinking(), *calls(("look", {"word": "x"})).blocks], stop="tool_use"), Says([text("{}")])
    ) as (
        talker,
        server,
    ):
        reply = await talker.say(ASKED)
        answered = Turn(role="user", blocks=(Result(call="toolu_0", text="nothing", is_error=True),))
        await talker.say(
            ASKED.model_copy(update={"turns": (*ASKED.turns, Turn(role="assistant", blocks=reply.blocks), answered)})
        )
    thought = {"type": "thinking", "thinking": "Let me see.", "signature": "c2lnbmF0dXJl"}
    called = {"type": "tool_use", "id": "toolu_0", "name": "look", "input": {"word": "x"}}
    told = {"type": "tool_result", "tool_use_id": "toolu_0", "content": "nothing", "is_error": True}
    messages = server.requests[1]["messages"]
    assert isinstance(messages, list)
    assert messages[1] == {"role": "assistant", "content": [thought, called]}
    assert messages[2] == {"role": "user", "content": [told]}


def test_the_default_models_are_in_the_sdks_own_list() -> None:
    assert {FAST, STRONG} <= set(str(model_param.ModelParam).replace('"', "'").split("'"))


# --- what comes back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [one for one in Stop if one is not Stop.OTHER])
async def test_every_end_is_told_apart(stop: Stop) -> None:
    async with talking(Says([thinking(), text("said")], stop=str(stop))) as (talker, _):
        reply = await talker.say(ASKED)
    assert (reply.stop, reply.text) == (stop, "said")
    assert isinstance(reply.blocks[0], Opaque)


async def test_an_end_that_nobody_has_heard_of_is_other() -> None:
    async with talking(Says([text("said")], stop="moon_phase")) as (talker, _):
        assert (await talker.say(ASKED)).stop is Stop.OTHER


async def test_tokens_are_counted_by_kind() -> None:
    usage: dict[str, object] = {
        "input_tokens": 10,
        "output_tokens": 20,
        "cache_read_input_tokens": 3,
        "cache_creation_input_tokens": 9,
        "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 4},
    }
    async with talking(Says([text("x")], usage=usage)) as (talker, _):
        found = (await talker.say(ASKED)).usage
    assert (found.fresh, found.cached, found.kept_minutes, found.kept_hour, found.written) == (10, 3, 5, 4, 20)


async def test_a_call_is_read_with_its_arguments() -> None:
    async with talking(calls(("look", {"word": "a" * 90}), ("other", {}))) as (talker, _):
        reply = await talker.say(ASKED)
    assert reply.calls == (
        Call(id="toolu_0", name="look", input={"word": "a" * 90}),
        Call(id="toolu_1", name="other", input={}),
    )


# --- faults -------------------------------------------------------------------------------------------------------

GARBLED: dict[str, Answer] = {
    "cut before its end": Says([text("x" * 200)], cut_after=4),
    "cut just before its last word": Says([text("x")], cut_after=6),
    "no reason to stop": Says([text("x")], stop=None),
    "an error in the middle": Says([text("x" * 200)], error_after=3),
    "hangs up": HangsUp(),
    "not a stream": Raw(b"<html>hello</html>"),
    "an empty stream": Raw(b""),
    "events without a start": Raw(b'event: message_stop\ndata: {"type": "message_stop"}\n\n'),
    "broken JSON": Raw(b"event: message_start\ndata: {\n\n"),
    "a message that is none": Raw(b'event: message_start\ndata: {"type": "message_start", "message": 7}\n\n'),
    "arguments that are no JSON": calls(("look", '{"word": nope}')),
    "500": Fails(500),
    "529": Fails(529, "overloaded_error"),
    "429": Fails(429, "rate_limit_error", retry_after="0"),
    "a page of a proxy": Fails(502, body=b"<html>"),
}


@pytest.mark.parametrize("name", GARBLED)
async def test_fault_66_67_a_broken_answer_is_tried_again_and_then_said(name: str) -> None:
    async with talking(GARBLED[name], Says([text("fine")])) as (talker, server):
        reply = await talker.say(ASKED)
    # What the service refused costs nothing; what broke off may have been read and is charged for.
    charged = 0 if isinstance(GARBLED[name], Fails) else 1
    assert (reply.text, reply.broke_off) == ("fine", charged)
    assert len(server.requests) == 2
    async with talking(GARBLED[name]) as (talker, server):
        with pytest.raises(ModelAway) as caught:
            await talker.say(ASKED)
    assert len(server.requests) == 3
    assert "canary" not in str(caught.value)
    assert caught.value.broke_off == 3 * charged


async def test_nobody_charges_for_a_door_that_is_closed() -> None:
    client = open_client(Access(Provider.ANTHROPIC, key="k", base_url="http://127.0.0.1:9"))
    with pytest.raises(ModelAway) as caught:
        await ClaudeTalker(client, Unlimited(), first_wait_s=0.0).say(ASKED)
    await client.close()
    assert caught.value.broke_off == 0


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
async def test_what_the_service_will_not_take_is_not_tried_again(status: int) -> None:
    async with talking(Fails(status, "invalid_request_error")) as (talker, server):
        with pytest.raises(ModelRejected, match=str(status)) as caught:
            await talker.say(ASKED)
    assert len(server.requests) == 1
    assert "canary" not in str(caught.value)


async def test_fault_66_a_day_of_waiting_is_not_waited_for() -> None:
    async with talking(Fails(429, "rate_limit_error", retry_after="86400")) as (talker, server):
        began = time.monotonic()
        with pytest.raises(ModelAway) as caught:
            await talker.say(ASKED)
        assert caught.value.retry_after_s == 86_400
        with pytest.raises(ModelAway, match="left alone"):
            await talker.say(ASKED)
        assert time.monotonic() - began < 1
        with pytest.raises(ModelAway):
            await talker.say(ASKED.model_copy(update={"model": STRONG}))
    assert [one["model"] for one in server.requests] == [FAST, STRONG], "one model's trouble is not the other's"


async def test_a_short_wait_is_honoured() -> None:
    async with talking(Fails(429, retry_after="0.3"), Says([text("fine")])) as (talker, _):
        began = time.monotonic()
        await talker.say(ASKED)
    assert time.monotonic() - began >= 0.3


async def test_a_storm_closes_the_breaker_longer_each_time_and_an_answer_opens_it() -> None:
    now = [0.0]
    async with serving(Fails(529)) as server:
        client = open_client(Access(Provider.ANTHROPIC, key="k", base_url=server.url))
        talker = ClaudeTalker(client, Unlimited(), first_wait_s=0.0, clock=lambda: now[0])
        closed = []
        for _ in range(3):
            with pytest.raises(ModelAway):
                await talker.say(ASKED)
            with pytest.raises(ModelAway) as caught:
                await talker.say(ASKED)
            closed.append(caught.value.retry_after_s)
            now[0] += closed[-1]
        assert closed == [20.0, 40.0, 80.0]
        assert len(server.requests) == 9
        server.script = [Says([text("fine")])]
        await talker.say(ASKED)
        server.script = [Fails(529)]
        with pytest.raises(ModelAway):
            await talker.say(ASKED)
        with pytest.raises(ModelAway) as caught:
            await talker.say(ASKED)
        assert caught.value.retry_after_s == 20.0
        await client.close()


async def test_a_stream_that_stalls_ends_at_the_deadline() -> None:
    async with talking(Says([text("x" * 400)], stall_after=5)) as (talker, _):
        began = time.monotonic()
        with pytest.raises(ModelAway, match="in time"):
            await talker.say(ASKED.model_copy(update={"deadline_s": 0.3}))
    assert time.monotonic() - began < 2


async def test_an_answer_without_an_end_is_not_read_to_the_end() -> None:
    async with talking(Says([text("x" * 250_000)])) as (talker, server):
        with pytest.raises(ModelAway, match="broken"):
            await talker.say(ASKED)
    assert len(server.requests) == 3


async def test_a_redirect_takes_the_ticket_nowhere() -> None:
    async with serving(Says([text("stolen")])) as thief:
        moved = f"HTTP/1.1 307 Moved\r\nlocation: {thief.url}/v1/messages\r\ncontent-length: 0\r\n\r\n"

        class Redirects(Server):
            async def _fail(self, writer, failed):  # type: ignore[no-untyped-def]  # noqa: ANN001,ANN202  # the base's
                writer.write(moved.encode())
                await writer.drain()
                return False

        async with talking(Fails(307)) as (talker, server):
            server.__class__ = Redirects
            with pytest.raises((ModelAway, ModelRejected)):
                await talker.say(ASKED)
    assert thief.requests == []


def test_the_script_itself_speaks_the_protocol() -> None:
    """The double is not the judge of itself: these are the events that the vendor documents, in their order."""
    from bot.sandbox.model.scripted import events

    names = [name for name, _ in events(Says([text("x")]), FAST)]
    assert names == [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert json.dumps([content for _, content in events(Says([text("x")]), FAST)])
