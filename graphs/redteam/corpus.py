"""The attack patterns and the harmless tickets around them, as they stand in `data/`.

Owns their shape. Must not build tickets: `graphs.redteam.variants` does.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import Field

from graphs.model import LayerId, Value

Held = Literal["D", "M", "H"]
Family = Literal["override", "authority", "triage", "exfiltration", "tools", "people", "hiding", "state"]


class Pattern(Value):
    id: int
    name: str
    family: Family
    asi: tuple[str, ...]
    """Ids of OWASP's list for agentic applications."""
    held: tuple[Held, ...]
    """D: stopped by construction. M: measured on a model. H: a person must see it."""
    says: tuple[str, ...] = Field(min_length=2)
    where: tuple[str, ...] = ("body_end", "title", "body_start", "code", "quoted")
    writings: tuple[str, ...] = Field(("plain", "upper", "plain", "look_alikes", "apart"), alias="as")
    probes: tuple[str, ...] = ()
    benign: bool = False
    """A ticket about attacks that is none."""


class Harmless(Value):
    layer: LayerId
    """What the ticket is about, by the one who wrote it."""
    title: str
    body: str


class _Patterns(Value):
    patterns: tuple[Pattern, ...]


class _Tickets(Value):
    tickets: tuple[Harmless, ...]


@cache
def patterns() -> tuple[Pattern, ...]:
    return _Patterns.model_validate(yaml.safe_load(_read("patterns.yaml"))).patterns


@cache
def tickets() -> tuple[Harmless, ...]:
    return _Tickets.model_validate(yaml.safe_load(_read("tickets.yaml"))).tickets


def _read(name: str) -> str:
    return resources.files("graphs.redteam").joinpath("data", name).read_text(encoding="utf-8")
