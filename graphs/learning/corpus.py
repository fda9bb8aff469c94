"""Labelled and plain tickets to learn from and to measure with.

Owns the reading of the shipped written tickets and of a data folder; the only place where these files are parsed.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from graphs.model import Kind, LayerId, Risk, Role

DEFAULT_LAYERS = (
    LayerId("business_workflow"),
    LayerId("application_and_tools"),
    LayerId("retrieval_and_context"),
    LayerId("model_and_evaluation"),
    LayerId("operations_and_governance"),
)
KINDS = tuple(Kind)
ROLES = tuple(Role)
_KIND_OF_LABEL = {"bug": Kind.BUG, "feature": Kind.FEATURE, "question": Kind.QUESTION, "docs": Kind.TASK}


class _Parsed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Written(_Parsed):
    id: str
    source: str
    title: str
    body: str
    layer: LayerId
    kind: Kind
    role: Role
    risk: tuple[Risk, ...]
    difficulty: str
    secondary: tuple[LayerId, ...] = ()
    language: str = "en"


class _Seed(_Parsed):
    layer: LayerId
    text: str


class Sureness(StrEnum):
    """How sure a labeller of a real issue was."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class _RealLabel(_Parsed):
    id: str
    layer: LayerId
    second_choice: LayerId | None
    confidence: Sureness
    kind: Kind
    role: Role


class Sample(StrEnum):
    """How a real issue came to be labelled."""

    NATURAL = "natural"
    """Drawn at random: such issues come in the mix that trackers have."""
    CHOSEN = "chosen"
    """Chosen to hold more of the rarer layers."""


class Use(StrEnum):
    TRAIN = "train"
    MEASURE = "measure"
    """Never trained on, and no labelled issue of the same repository either."""


class _MoreLabel(_RealLabel):
    sample: Sample
    use: Use


class _Issue(_Parsed):
    id: str
    repo: str
    title: str
    body: str | None
    kind: str | None


class _TwiceLabelled(_Parsed):
    id: str
    layers: tuple[LayerId, LayerId]
    kinds: tuple[Kind, Kind]
    roles: tuple[Role, Role]


@dataclass(frozen=True, slots=True)
class Example:
    """One text with what is known about it. `source` is the repository it stems from: groups never straddle a fold."""

    title: str
    body: str
    source: str
    origin: str
    layer: LayerId | None = None
    kind: Kind | None = None
    role: Role | None = None
    risks: tuple[Risk, ...] = ()
    difficulty: str = ""
    secondary: tuple[LayerId, ...] = ()
    language: str = ""
    invented: bool = False
    """Written after no issue: teaches words, but not what trackers' tickets are like."""
    sample: Sample | None = None
    second: LayerId | None = None
    """The layer that the labeller nearly chose."""
    sureness: Sureness = Sureness.HIGH


@dataclass(frozen=True, slots=True)
class TwiceLabelled:
    """A real issue with the answers of two independent labellers."""

    example: Example
    layers: tuple[LayerId, LayerId]
    kinds: tuple[Kind, Kind]
    roles: tuple[Role, Role]


def written() -> list[Example]:
    """The shipped tickets, written for this project: those after public issues, then those of invented teams."""
    names = sorted(
        one.name for one in (resources.files("graphs.learning") / "data").iterdir() if one.name.startswith("tickets-")
    )
    return [_of_written(row, name) for name in ("written.jsonl", *names) for row in _rows(name)]


def _rows(name: str) -> list[_Written]:
    return [_Written.model_validate_json(line) for line in _shipped(name)]


def _of_written(row: _Written, file: str) -> Example:
    return Example(
        title=row.title,
        body=row.body,
        # A ticket that was written after no issue stands for itself.
        source=row.source.partition("#")[0] if "#" in row.source else f"{file}:{row.id}",
        origin="written",
        layer=row.layer,
        kind=row.kind,
        role=row.role,
        risks=row.risk,
        difficulty=row.difficulty,
        secondary=row.secondary,
        language=row.language,
        invented="#" not in row.source,
    )


def seeds() -> list[Example]:
    """Short sentences that spell out what belongs to a layer; for training only, they count for no source."""
    return [
        Example(title=title, body=rest, source="", origin="seed", layer=row.layer)
        for row in map(_Seed.model_validate_json, _shipped("seeds.jsonl"))
        for title, _, rest in [row.text.partition(". ")]
    ]


@dataclass(frozen=True, slots=True)
class RealData:
    """What a data folder holds: `train` has labels of layers, `plain` only the kinds that maintainers clicked."""

    train: list[Example]
    dev: list[TwiceLabelled]
    plain: list[Example]
    unseen: list[Example]
    """A random sample of repositories of which no labelled issue is in `train`: for measuring only."""


def real(folder: Path) -> RealData:
    """Reads `golden/` and `data/` of a folder, and joins the labels that are shipped without their text.

    Issues of the measuring sets are in neither training list. Raises `KeyError` for a label without its issue.
    """
    issues = {one.id: one for one in map(_Issue.model_validate_json, _issues(folder))}
    first = [_RealLabel.model_validate_json(line) for line in _lines(folder / "golden/real-train.jsonl")]
    twice = [_TwiceLabelled.model_validate_json(line) for line in _lines(folder / "golden/real-dev.jsonl")]
    more = [_MoreLabel.model_validate_json(line) for line in _shipped("real-labels.jsonl")]
    measured = [one for one in more if one.use is Use.MEASURE]
    kept_out = {issues[one.id].repo for one in measured}
    taught = [
        *(_example(issues[one.id], one, Sample.CHOSEN) for one in first),
        *(_example(issues[one.id], one, one.sample) for one in more if one.use is Use.TRAIN),
    ]
    held = {one.id for one in twice} | {one.id for one in measured}
    return RealData(
        train=[one for one in taught if one.source not in kept_out],
        dev=[
            TwiceLabelled(example=_example(issues[one.id]), layers=one.layers, kinds=one.kinds, roles=one.roles)
            for one in twice
        ],
        plain=[_example(one) for one in issues.values() if one.id not in held],
        unseen=[_example(issues[one.id], one, one.sample) for one in measured],
    )


def _example(issue: _Issue, label: _RealLabel | None = None, sample: Sample | None = None) -> Example:
    clicked = _KIND_OF_LABEL.get(issue.kind or "")
    return Example(
        title=issue.title,
        body=issue.body or "",
        source=issue.repo,
        origin="real",
        layer=label.layer if label else None,
        kind=label.kind if label else clicked,
        role=label.role if label else None,
        sample=sample,
        second=label.second_choice if label else None,
        sureness=label.confidence if label else Sureness.HIGH,
    )


def _shipped(name: str) -> list[str]:
    return (resources.files("graphs.learning") / "data" / name).read_text("utf-8").splitlines()


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def _issues(folder: Path) -> Iterator[str]:
    with gzip.open(folder / "data/llm-app-issues/issues.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from lines
