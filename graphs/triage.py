"""The triage graph: which step follows which. The drawing in ARCHITECTURE.md is made from this."""

from __future__ import annotations

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graphs.deps import Deps
from graphs.nodes.analyse import analyse
from graphs.nodes.await_verdict import await_verdict
from graphs.nodes.check import check
from graphs.nodes.gather import gather
from graphs.nodes.propose import propose
from graphs.nodes.screen import screen
from graphs.nodes.settle import settle
from graphs.state import State

TriageGraph = CompiledStateGraph[State, Deps, State, State]


def after_screen(state: State) -> str:
    return "settle" if state.outcome else "gather"


def after_propose(state: State) -> str:
    return "await_verdict" if state.proposal else "settle"


def build(checkpointer: BaseCheckpointSaver[str] | None) -> TriageGraph:
    """Puts the steps together. Without a checkpointer the graph can be drawn, not waited in."""
    graph: StateGraph[State, Deps, State, State] = StateGraph(State, context_schema=Deps)
    graph.add_node("screen", screen)
    graph.add_node("gather", gather)
    graph.add_node("analyse", analyse)
    graph.add_node("check", check)
    graph.add_node("propose", propose)
    graph.add_node("await_verdict", await_verdict)
    graph.add_node("settle", settle)
    graph.add_edge(START, "screen")
    graph.add_conditional_edges("screen", after_screen, ["gather", "settle"])
    graph.add_edge("gather", "analyse")
    graph.add_edge("analyse", "check")
    graph.add_edge("check", "propose")
    graph.add_conditional_edges("propose", after_propose, ["await_verdict", "settle"])
    graph.add_edge("await_verdict", "settle")
    graph.add_edge("settle", END)
    return graph.compile(checkpointer=checkpointer)


def drawing() -> str:
    """The graph as a Mermaid diagram."""
    return build(None).get_graph().draw_mermaid()
