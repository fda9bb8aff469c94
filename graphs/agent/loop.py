"""The loop: think, use tools, think again, propose. A LangGraph graph of three steps without a memory of its own.

Owns what follows from each way in which a reply can end, the one repair turn, and the ticket's own budgets. Every tool
goes through the gate, whatever the model asks for; an answer that cannot be used ends in `ModelFailed`, never in half
an answer. Must not know a vendor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from graphs.agent import prompting
from graphs.agent.answer import BadAnswer, Verdict, read, shape
from graphs.agent.budget import Limits, ModelFailed, Outcome
from graphs.agent.calling import Desk, tell
from graphs.agent.prices import Price, cost
from graphs.agent.prompting import Prompts
from graphs.agent.talk import (
    Block,
    Call,
    Effort,
    Keep,
    ModelAway,
    Reply,
    Request,
    Stop,
    Talker,
    Text,
    ToolSpec,
    Turn,
    Usage,
)
from graphs.errors import Denied
from graphs.model import LayerId

_ALWAYS_LEFT = 2
"""Steps of the graph beyond those of the conversation."""


@dataclass(frozen=True)
class Round:
    """Everything about one conversation that does not change while it lasts."""

    talker: Talker
    desk: Desk
    prompts: Prompts
    layers: tuple[LayerId, ...]
    limits: Limits
    price: Price
    model: str
    system: str
    tools: tuple[ToolSpec, ...]
    shape: bool
    """The service is asked to hold the model to the schema."""
    max_tokens: int
    effort: Effort | None
    keep: Keep
    spent_before: float
    """US dollars that this ticket has cost already."""
    paused: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Talk:
    """The state: what was said so far, and what it took."""

    turns: tuple[Turn, ...]
    began: float
    usage: Usage = Usage()  # noqa: RUF009  # frozen
    steps: int = 0
    calls: int = 0
    told: int = 0
    """Characters that tools have told."""
    cites: Mapping[str, str] = field(default_factory=dict)
    repaired: bool = False
    room: int = 1
    """How many times the usual room the next answer has."""
    pending: tuple[Call, ...] = ()
    said: str | None = None
    """The text of an answer that is to be read."""
    verdict: Verdict | None = None


class Change(TypedDict, total=False):
    turns: tuple[Turn, ...]
    usage: Usage
    steps: int
    calls: int
    told: int
    cites: Mapping[str, str]
    repaired: bool
    room: int
    pending: tuple[Call, ...]
    said: str | None
    verdict: Verdict | None


Loop = CompiledStateGraph[Talk, Round, Talk, Talk]


@dataclass
class Meter:
    """What a conversation took, kept outside the graph: known also where it ended in an error."""

    usage: Usage = field(default_factory=Usage)
    steps: int = 0
    calls: int = 0
    """That were made; the state counts those that were asked for."""


def build() -> Loop:
    graph: StateGraph[Talk, Round, Talk, Talk] = StateGraph(Talk, context_schema=Round)
    graph.add_node("think", think)
    graph.add_node("use_tools", use_tools)
    graph.add_node("propose", propose)
    graph.add_edge(START, "think")
    graph.add_conditional_edges("think", after_think, ["use_tools", "propose", "think"])
    graph.add_edge("use_tools", "think")
    graph.add_conditional_edges("propose", after_propose, ["think", END])
    return graph.compile()


async def after_think(talk: Talk) -> str:
    """Async, as the next one: LangGraph hands what is not to a thread, which takes longer than the choice."""
    if talk.pending:
        return "use_tools"
    return "think" if talk.said is None else "propose"


async def after_propose(talk: Talk) -> str:
    return END if talk.verdict is not None else "think"


async def think(state: Talk, runtime: Runtime[Round]) -> Change:
    """One question to the model. Raises `ModelFailed`, `ModelAway`, `ModelRejected`, `Denied` while paused."""
    here = runtime.context
    _allow(state, here)
    left = here.limits.seconds - (here.clock() - state.began)
    request = Request(
        model=here.model,
        system=here.system,
        turns=state.turns,
        tools=here.tools,
        may_call=_may_call(state, here.limits),
        shape=shape() if here.shape else None,
        max_tokens=here.max_tokens * state.room,
        effort=here.effort,
        keep=here.keep,
        deadline_s=min(left, here.limits.call_seconds),
    )
    meter = here.desk.meter
    try:
        reply = await here.talker.say(request)
    except ModelAway as error:
        meter.usage = state.usage.plus(prompting.broke_off(request, error.broke_off))
        raise
    used = state.usage.plus(reply.usage).plus(prompting.broke_off(request, reply.broke_off))
    meter.usage, meter.steps = used, state.steps + 1
    change = _follow(state, reply)
    return {"steps": state.steps + 1, "usage": meter.usage, "pending": (), "said": None, **change}


def _allow(talk: Talk, here: Round) -> None:
    limits = here.limits
    if here.paused():
        raise Denied("triage is paused")
    if talk.steps >= limits.steps:
        raise ModelFailed(Outcome.STEPS)
    if talk.usage.tokens >= limits.tokens:
        raise ModelFailed(Outcome.TOKENS)
    if here.spent_before + cost(talk.usage, here.price) >= limits.usd:
        raise ModelFailed(Outcome.MONEY, "of this ticket")
    if here.clock() - talk.began >= limits.seconds:
        raise ModelFailed(Outcome.TIME)


def _may_call(talk: Talk, limits: Limits) -> bool:
    """The last question wants an answer."""
    return talk.steps + 1 < limits.steps and talk.calls < limits.calls and talk.told < limits.told_chars


def _follow(talk: Talk, reply: Reply) -> Change:
    """What comes next, for every way a reply can end."""
    match reply.stop:
        case Stop.REFUSAL:
            raise ModelFailed(Outcome.REFUSED)
        case Stop.CONTEXT_EXCEEDED:
            raise ModelFailed(Outcome.CONTEXT)
        case Stop.MAX_TOKENS:
            if talk.repaired:
                raise ModelFailed(Outcome.TOO_LONG)
            return {"repaired": True, "room": 2}  # asked anew: half an answer is none
        case Stop.PAUSE_TURN:
            return {"turns": (*talk.turns, *_spoken(reply.blocks))}
        case Stop.TOOL_USE | Stop.END_TURN | Stop.STOP_SEQUENCE | Stop.OTHER:
            turns = (*talk.turns, *_spoken(reply.blocks))
            return {"turns": turns, "pending": reply.calls} if reply.calls else {"turns": turns, "said": reply.text}


def _spoken(blocks: tuple[Block, ...]) -> tuple[Turn, ...]:
    """An empty text block is refused when it is sent back, and so is an empty turn."""
    kept = tuple(one for one in blocks if not (isinstance(one, Text) and not one.text.strip()))
    return (Turn(role="assistant", blocks=kept),) if kept else ()


async def use_tools(state: Talk, runtime: Runtime[Round]) -> Change:
    """Answers every call, one after the other; those beyond a limit are told so and not made."""
    here, results, cites, told = runtime.context, [], dict(state.cites), state.told
    room = min(here.limits.calls_a_turn, here.limits.calls - state.calls) if _may_call_now(state, here) else 0
    for at, call in enumerate(state.pending):
        answer = await tell(here.desk, call, state.calls + at, allowed=at < room, chars=here.limits.told_chars - told)
        results.append(answer.result)
        cites.update(answer.cites)
        told += len(answer.result.text)
    here.desk.meter.calls += min(room, len(state.pending))
    turn = Turn(role="user", blocks=tuple(results))
    made = state.calls + len(state.pending)
    return {"turns": (*state.turns, turn), "calls": made, "told": told, "cites": cites, "pending": ()}


def _may_call_now(talk: Talk, here: Round) -> bool:
    """The question before the answer was asked with `steps` one lower."""
    return talk.steps < here.limits.steps and talk.calls < here.limits.calls and talk.told < here.limits.told_chars


async def propose(state: Talk, runtime: Runtime[Round]) -> Change:
    """Reads the answer; one that cannot be used is asked for once more. Raises `ModelFailed`."""
    here = runtime.context
    assert state.said is not None, "only what was said is read"
    try:
        verdict = read(state.said, here.layers)
    except BadAnswer as error:
        if state.repaired:
            raise ModelFailed(Outcome.BAD_ANSWER, str(error)) from None
        again = Turn(role="user", blocks=(Text(text=prompting.repair(here.prompts, str(error), here.layers)),))
        return {"turns": (*state.turns, again), "repaired": True, "said": None}
    return {"verdict": verdict}


async def converse(loop: Loop, here: Round, opening: str, cites: Mapping[str, str]) -> Talk:
    """The whole conversation. Raises `ModelFailed`, `ModelAway`, `ModelRejected`, `Denied`."""
    start = Talk(turns=(Turn(role="user", blocks=(Text(text=opening),)),), began=here.clock(), cites=cites)
    result = await loop.ainvoke(
        start,
        {"recursion_limit": 3 * (here.limits.steps + _ALWAYS_LEFT)},
        context=here,
        version="v2",
    )
    value = result.value
    assert isinstance(value, Talk), "the graph's output is its state"
    return value


def drawing() -> str:
    """The loop as a Mermaid diagram."""
    return build().get_graph().draw_mermaid()
