"""Draws what the documents show from the code: `python -m tests.docs` writes it, `tests/test_docs.py` compares."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.record.states import OUTBOX_MOVES, TRIAGE_MOVES
from graphs.agent.loop import drawing as loop_drawing
from graphs.gate import Gate
from graphs.gate_table import markdown
from graphs.triage import drawing
from tests.agent.doubles import a_bench
from tests.agent.requests import conversations
from tests.agent.requests import table as costs
from tests.faults import LIST, brought_up_to_date
from tests.layers import layers

ROOT = Path(__file__).parents[1]
State = TypeVar("State", bound=StrEnum)
FILES = ("README.md", "ARCHITECTURE.md", "docs/agent.md")


def graph(drawing: Callable[[], str] = drawing) -> str:
    """The triage graph as Mermaid, without the colours."""
    lines = [one for one in drawing().splitlines() if not re.match(r"\s*(classDef|config:|flowchart:|curve:|---)", one)]
    text = "\n".join(one.replace("\t", "  ").split(":::")[0].rstrip() for one in lines).strip()
    return f"```mermaid\n{re.sub(r'<p>|</p>', '', text)}\n```"


def states(moves: Mapping[State, frozenset[State]]) -> str:
    """Which state may follow which; the first of the table is where all begins."""
    steps = [f"  {old} --> {new}" for old, following in moves.items() for new in sorted(following)]
    ends = [f"  {old} --> [*]" for old, following in moves.items() if not following]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"  [*] --> {next(iter(moves))}", *steps, *ends, "```"])


def table(text: str) -> str:
    """The “where do I add a …” table of ARCHITECTURE.md, which README.md repeats."""
    found = re.search(r"<!-- table -->\n(.*?)\n<!-- /table -->", text, re.DOTALL)
    assert found, "ARCHITECTURE.md has the table between its marks"
    return found[1]


def tools() -> str:
    """What a model is offered."""
    lines = ["| tool | purpose | asked for |", "|---|---|---|"]
    for one in a_bench().kit.offers:
        properties = one.shape().get("properties")
        asked = ", ".join(properties) if isinstance(properties, dict) and properties else "nothing"
        lines.append(f"| `{one.name}` | {one.purpose} | {asked} |")
    return "\n".join(lines)


def drawn(text: str) -> str:
    """The document with every marked part drawn anew."""
    the_table = partial(table, (ROOT / "ARCHITECTURE.md").read_text())
    parts: dict[str, Callable[[], str]] = {
        "graph": graph,
        "states": partial(states, TRIAGE_MOVES),
        "outbox": partial(states, OUTBOX_MOVES),
        "layers": layers,
        "table": the_table,
        "loop": partial(graph, loop_drawing),
        "tools": tools,
        "decisions": lambda: markdown(Gate.load()),
        "costs": lambda: costs(asyncio.run(conversations())),
    }
    for name in (one for one in parts if f"<!-- {one} -->" in text):
        part = parts[name]()
        marked = re.compile(rf"<!-- {name} -->\n.*?<!-- /{name} -->", re.DOTALL)
        text = marked.sub(lambda _, name=name, part=part: f"<!-- {name} -->\n{part}\n<!-- /{name} -->", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    for file in FILES:
        path = ROOT / file
        path.write_text(drawn(path.read_text()))
    LIST.write_text(brought_up_to_date(LIST.read_text()))
