"""A plain LangGraph approval bot, as its tutorials build one: what ours is compared with.

What it does: read the issue over HTTP, classify it (with our local engine, so that thinking costs both the same), draft
a proposal, `interrupt()` for a person, resume with `Command(resume=...)`, write one label over HTTP. Checkpoints go to
the official `AsyncSqliteSaver`, opened and compiled with its defaults. The ticket is kept in the graph's state.

What it does not do, and ours does: it has no inbox, no lease, no policy check, no audit, no redaction, no drift check
and no read-back; a crash between the write and its checkpoint writes twice, a second click resumes twice, and what it
stored is never deleted. Must not share code with the bot but the engine and the taxonomy.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import httpx
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, interrupt

from graphs.learning.engine import LocalEngine
from graphs.model import CleanTicket, HygieneReport, InstallId, Login, TicketRef, TrackerName
from graphs.ports import Dossier
from graphs.taxonomy import LayerTaxonomy

RESUME = {"approved": True}


class State(TypedDict, total=False):
    repo: str
    number: int
    title: str
    body: str
    author: str
    layer: str
    proposal: dict[str, str]
    approved: bool
    written: list[str]


Graph = CompiledStateGraph[State, None, State, State]


@dataclass(frozen=True)
class Nodes:
    """The steps, and what they need."""

    http: httpx.AsyncClient
    engine: LocalEngine
    taxonomy: LayerTaxonomy

    async def fetch(self, state: State) -> State:
        answer = await self.http.get(f"/repos/{state['repo']}/issues/{state['number']}")
        answer.raise_for_status()
        issue = answer.json()
        return {"title": issue["title"], "body": issue["body"], "author": issue["user"]["login"]}

    async def classify(self, state: State) -> State:
        found = await self.engine.analyse(Dossier(ticket=_ticket(state), layers=tuple(self.taxonomy.layers)))
        return {"layer": found.layer}

    async def draft(self, state: State) -> State:
        layer = next(one for one in self.taxonomy.layers if one == state["layer"])
        return {"proposal": {"add_label": self.taxonomy.layer_label(layer), "title": self.taxonomy.layer_title(layer)}}

    async def approve(self, state: State) -> State:
        answer = interrupt({"number": state["number"], "proposal": state["proposal"]})
        return {"approved": answer["approved"]}

    async def write(self, state: State) -> State:
        path = f"/repos/{state['repo']}/issues/{state['number']}/labels"
        answer = await self.http.post(path, json={"labels": [state["proposal"]["add_label"]]})
        answer.raise_for_status()
        return {"written": [one["name"] for one in answer.json()]}


def _ticket(state: State) -> CleanTicket:
    install, number = InstallId("plain"), str(state["number"])
    return CleanTicket(
        ref=TicketRef(tracker=TrackerName.GITHUB, install=install, project=state["repo"], number=number),
        url="",
        title=state["title"],
        body=state["body"],
        author=Login(state["author"]),
        labels=(),
        assignees=(),
        private=True,
        version="",
        hygiene=HygieneReport(),
    )


def build(nodes: Nodes, saver: BaseCheckpointSaver[str]) -> Graph:
    graph: StateGraph[State, None, State, State] = StateGraph(State)
    graph.add_node("fetch", nodes.fetch)
    graph.add_node("classify", nodes.classify)
    graph.add_node("draft", nodes.draft)
    graph.add_node("approve", nodes.approve)
    graph.add_node("write", nodes.write)
    graph.add_edge(START, "fetch")
    graph.add_edge("fetch", "classify")
    graph.add_edge("classify", "draft")
    graph.add_edge("draft", "approve")
    graph.add_edge("approve", "write")
    graph.add_edge("write", END)
    return graph.compile(checkpointer=saver)


@dataclass(frozen=True)
class PlainBot:
    graph: Graph
    repo: str

    async def triage(self, number: int) -> None:
        """Up to the question."""
        await self.graph.ainvoke({"repo": self.repo, "number": number}, _config(number))

    async def decide(self, number: int) -> None:
        """A person says yes; the label is written."""
        await self.graph.ainvoke(Command(resume=RESUME), _config(number))


def _config(number: int) -> RunnableConfig:
    return {"configurable": {"thread_id": f"ticket-{number}"}}


@asynccontextmanager
async def open_plain(file: Path, api: str, token: str, repo: str, taxonomy: LayerTaxonomy) -> AsyncIterator[PlainBot]:
    """`file` will hold its checkpoints."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    async with (
        httpx.AsyncClient(base_url=api, headers=headers, trust_env=False) as http,
        AsyncSqliteSaver.from_conn_string(str(file)) as saver,
    ):
        yield PlainBot(build(Nodes(http, LocalEngine(), taxonomy), saver), repo)
