"""Draws who imports whom, from the imports themselves: the packages of the project, arrows downwards only.

An arrow that follows from two others is left out, so each that is drawn says something. Raises `CycleError` when
packages import each other in a circle, which no import rule of ours would notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter

import grimp

Below = Mapping[str, frozenset[str]]
"""What each place imports."""

FRAMES = {"bot": "bot · outside", "graphs": "graphs · inside"}
VOCABULARY = frozenset({"acts", "errors", "model", "ports"})
"""Of `graphs`, what everybody may know; drawn as one place."""
LEFT_OUT = frozenset({"bot.__main__", "bot.body", "bot.crash", "bot.keys", "bot.logs"})
"""Single files with one small thing each: they would add arrows and say nothing."""


def layers() -> str:
    """The drawing, as Mermaid."""
    below = imports()
    lines = ["```mermaid", "graph TD;"]
    for frame, title in FRAMES.items():
        inside = [f"    {place}({place.removeprefix('bot.')});" for place in sorted(below) if _frame(place) == frame]
        lines += [f'  subgraph {frame}_[" {title} "]', *inside, "  end"]
    lines += [f"  {place}({place});" for place in sorted(below) if _frame(place) not in FRAMES]
    lines += [f"  {place} --> {one};" for place, told in telling(below).items() for one in sorted(told)]
    return "\n".join([*lines, "```"])


def imports() -> Below:
    """Between places; in the order of the sources, so that the drawing is the same each time."""
    graph = grimp.build_graph("bot", "graphs", "prompts", "policies", cache_dir=None)
    below: dict[str, set[str]] = {}
    for module in sorted(graph.modules):
        if (place := _place(module)) is not None:
            known = {_place(one) for one in graph.find_modules_directly_imported_by(module)} - {None, place}
            below.setdefault(place, set()).update(one for one in known if one is not None)
    return {place: frozenset(known) for place, known in below.items()}


def telling(below: Below) -> Below:
    """Without the arrows that follow from others."""
    reach: dict[str, frozenset[str]] = {}
    for place in TopologicalSorter(below).static_order():
        reach[place] = below[place].union(*(reach[one] for one in below[place]))
    return {place: known - frozenset().union(*(reach[one] for one in known)) for place, known in below.items()}


def _place(module: str) -> str | None:
    """A package or file at the top of `bot`; of `graphs`, the vocabulary or the rest; nothing for what is left out."""
    package, _, rest = module.partition(".")
    name = rest.split(".")[0]
    if package == "graphs":
        return "graphs.vocabulary" if name in VOCABULARY else "graphs.triage"
    if package != "bot":
        return package
    if rest == "executor.port":
        return "bot.executor.port"
    top = f"bot.{name}"
    return None if not name or top in LEFT_OUT else top


def _frame(place: str) -> str:
    return place.split(".")[0] if "." in place else ""
