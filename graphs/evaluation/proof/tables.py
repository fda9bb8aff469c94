"""Tables of figures as values, and as Markdown.

Owns the form of docs/evaluation.md. The document holds nothing but what stands in docs/evaluation.json, so that
whoever edits a figure by hand is found out by a test.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from graphs.evaluation.comparing import McNemar
from graphs.evaluation.intervals import Figure
from graphs.model import Value

Kind = Literal["ours", "baseline", "part"]


class Line(Value):
    """One figure. `ours` stands out; a baseline is what it has to beat; an aim is what was asked for."""

    what: str
    figure: Figure | None
    kind: Kind = "ours"
    unit: Literal["share", "number", "ms"] = "share"


class Test(Value):
    """Two answers to the same questions."""

    what: str
    mcnemar: McNemar


class Table(Value):
    key: str
    title: str
    about: tuple[str, ...]
    """What was measured, and what the figures do not say; each a sentence or two."""
    source: str = ""
    """Where the data is, for figures that cannot be made from the repository alone."""
    lines: tuple[Line, ...]
    tests: tuple[Test, ...] = ()

    @property
    def needs_data(self) -> bool:
        return bool(self.source)


class Anchor(Value):
    """A published result. `here` says whether it can be compared."""

    what: str
    figure: str
    source: str
    here: str


class Proof(Value):
    seed: int
    versions: dict[str, str]
    tables: tuple[Table, ...]


WIDTH = 120
ROWS = """
A labelled ticket is a JSON object on a line of its own: `id`, `title`, `body`, and whatever is known to be right:
`layer`, `also_accepted`, `kind`, `role`, `risk`, `owner`, `duplicate_of`; `not_layer` and `not_kind` for what was
refused. `language`, `reporter` (a type, no name), `tracker`, `origin` and `difficulty` make slices.

A past ticket has `id`, `created_at`, `title`, `body`, and what is known of `closed_at`, `decided_at`, `repo`, `author`,
`labels`, `assignees` or `owner`, `layer`, `kind`; `filed` holds `title` and `body` as they were filed. What became
of it counts as known at `decided_at`, else at `closed_at`, and teaches nothing before.

A line that cannot be read is told and left out: exit 1. Exit 1 too where `--gate` is not passed; exit 2 where a file or
an option cannot be used.
"""
COMMAND = 'make evaluation ARGS="--data DIR"'


def document(proof: Proof, anchors: Sequence[Anchor], seconds: Mapping[str, str]) -> str:
    """The whole file. `seconds` are further commands with what they tell."""
    return "\n".join(
        [
            "# Evaluation",
            "",
            *_wrapped(
                f"Written by `{COMMAND}`; a test compares it with docs/evaluation.json. Every figure stands with the"
                " interval that holds the true value with 95 % confidence: Wilson's for shares, the bootstrap for the"
                f" rest (seed {proof.seed}). “p” is McNemar's exact test on the same tickets: how likely a difference"
                " like this is by chance. Nothing was tuned on what is measured here."
            ),
            "",
            *_wrapped(
                "Tables marked **needs data** were measured on public data that the project does not ship: `DIR` is a"
                " folder with `golden/` and `data/` (the sources stand under each table). Without `--data` the command"
                " renews the others and leaves these as they are."
            ),
            "",
            *(line for table in proof.tables for line in _table(table)),
            "## Published results to hold this against",
            "",
            "Other data, other questions: they say what is reachable, not who is better.",
            "",
            "| what | figure | here | source |",
            "|---|---|---|---|",
            *(f"| {one.what} | {one.figure} | {one.here} | {one.source} |" for one in anchors),
            "",
            "## How to measure your own",
            "",
            "| command | what it tells |",
            "|---|---|",
            *(f"| `{command}` | {told} |" for command, told in seconds.items()),
            "",
            *ROWS.strip().splitlines(),
            "",
            "Measured with " + ", ".join(f"{name} {version}" for name, version in proof.versions.items()) + ".",
            "",
        ]
    )


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.title}"
    yield ""
    if table.needs_data:
        yield from _wrapped(f"**Needs data**: {table.source}.")
        yield ""
    for sentence in table.about:
        yield from _wrapped(sentence)
        yield ""
    yield "| | value | 95 % interval | n |"
    yield "|---|---:|---:|---:|"
    for line in table.lines:
        value, around, n = _told(line)
        name = {"ours": f"**{line.what}**", "baseline": line.what, "part": f"· {line.what}"}[line.kind]
        yield f"| {name} | {value} | {around} | {n} |"
    yield ""
    for test in table.tests:
        found = test.mcnemar
        p = "p < 0.0001" if found.p_value < 1e-4 else f"p = {found.p_value:.4f}"  # noqa: PLR2004  # four digits are told
        yield f"{test.what}: {found.only_new} gained, {found.only_old} lost, {p}."
        yield ""


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _told(line: Line) -> tuple[str, str, str]:
    figure = line.figure
    if figure is None:
        return "–", "", ""  # noqa: RUF001  # a dash for nothing to say
    unit = {"share": "", "number": "", "ms": " ms"}[line.unit]
    digits = 1 if line.unit == "ms" else 3
    value = f"{figure.value:.{digits}f}{unit}"
    if figure.low is None or figure.high is None:
        return value, "", f"{figure.n:,}"
    return value, f"{figure.low:.{digits}f} to {figure.high:.{digits}f}", f"{figure.n:,}"
