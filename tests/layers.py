"""Draws who imports whom, from the imports themselves: the places of the project, arrows downwards only.

An arrow that follows from two others is left out, so each that is drawn says something. Raises `CycleError` when
places import each other in a circle, which no import rule of ours would notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter

import grimp

Below = Mapping[str, frozenset[str]]
"""What each place imports."""

FRAMES = {"bot": "bot: the outside", "graphs": "graphs: the inside"}
VOCABULARY = ("model", "ports", "acts", "errors")
"""Of `graphs`, what everybody may know; drawn as one place."""
PORT = "executor.port"
"""What the trackers implement: a place of its own, because they may know this half of the executor only."""
LEFT_OUT = frozenset({"__init__", "__main__", "body", "crash", "keys", "logs", "markup", "roles"})
"""Single files of `bot` with one small thing each: they would add arrows and say nothing."""


def layers() -> str:
    """The drawing, as Mermaid."""
    below = imports()
    lines = ["```mermaid", "graph TD;"]
    for frame, title in FRAMES.items():
        inside = [_box(place) for place in below if place.startswith(f"{frame}/")]
        lines += [f'  subgraph {frame}["{title}"]', *(f"  {one}" for one in inside), "  end"]
    lines += [_box(place) for place in below if "/" not in place]
    lines += [f"  {_id(place)} --> {_id(one)};" for place, told in telling(below).items() for one in sorted(told)]
    return "\n".join([*lines, "```"])


def imports() -> Below:
    """Between places; sorted, so that the drawing is the same each time."""
    graph = grimp.build_graph("bot", "graphs", "prompts", "policies", cache_dir=None)
    below: dict[str, set[str]] = {}
    for module in graph.modules:
        if place := _place(module):
            known = {_place(one) for one in graph.find_modules_directly_imported_by(module)}
            below.setdefault(place, set()).update(known - {"", place})
    return {place: frozenset(below[place]) for place in sorted(below)}


def telling(below: Below) -> Below:
    """Without the arrows that follow from others."""
    reach: dict[str, frozenset[str]] = {}
    for place in TopologicalSorter(below).static_order():
        reach[place] = below[place].union(*(reach[one] for one in below[place]))
    return {place: known.difference(*(reach[one] for one in known)) for place, known in below.items()}


def _place(module: str) -> str:
    """A package or file at the top of `bot`; of `graphs`, the vocabulary or the rest; "" for what is left out."""
    package, _, rest = module.partition(".")
    name = rest.split(".")[0]
    match package:
        case "graphs":
            return "graphs/vocabulary" if name in VOCABULARY else "graphs/triage"
        case "bot" if rest == PORT:
            return f"bot/{PORT}"
        case "bot":
            return f"bot/{name}" if name and name not in LEFT_OUT else ""
        case _:
            return package


def _box(place: str) -> str:
    titles = {"graphs/vocabulary": ", ".join(VOCABULARY), "graphs/triage": "the graph, its nodes, tools, gate, hygiene"}
    return f"  {_id(place)}({titles.get(place, place.rpartition('/')[2])});"


def _id(place: str) -> str:
    """Frames have names too; and Mermaid is easily misled by signs in a name."""
    return place.replace("/", "_").replace(".", "_")
