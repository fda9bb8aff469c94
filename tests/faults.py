"""The fault list (`docs/faults.md`) and the tests that carry its numbers in their names.

Owns how a number is read from a name, and the column of the list that is made from the names. `make docs` writes it.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIST = ROOT / "docs" / "faults.md"
MOST = 68
_NUMBERS = re.compile(r"test_fault_((?:(?:\d+|to)_)+)")


@dataclass(frozen=True)
class Row:
    """One line of the list. `proof` is made from the names of tests; the rest is written by hand."""

    number: int
    fault: str
    expected: str
    proof: str
    remark: str

    def __str__(self) -> str:
        return f"| {self.number} | {self.fault} | {self.expected} | {self.proof} | {self.remark} |"


def numbers(name: str) -> tuple[int, ...]:
    """The rows that a test speaks of: `test_fault_12_13_…` of two, `test_fault_1_to_15_…` of fifteen."""
    found = _NUMBERS.match(name)
    words = found[1].strip("_").split("_") if found else []
    single = [int(one) for one in words if one != "to"]
    for (before, middle), (_, after) in pairwise(pairwise(words)):
        if middle == "to":
            single += range(int(before) + 1, int(after))
    return tuple(sorted(single))


def numbered() -> Iterator[tuple[str, str]]:
    """(path, name) of every test that is named after the list."""
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        if "node_modules" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_fault_"):
                yield file.relative_to(ROOT).as_posix(), node.name


def proofs() -> dict[int, str]:
    """For each row the tests that carry its number, by file."""
    by_row: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path, name in numbered():
        for number in numbers(name):
            by_row[number][path].append(name)
    return {
        number: "<br>".join(
            f"`{path}`: " + ", ".join(f"`{name}`" for name in sorted(names)) for path, names in sorted(files.items())
        )
        for number, files in by_row.items()
    }


def rows(text: str) -> list[Row]:
    """The lines of the list, as they are written."""
    cells = [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in text.splitlines()]
    return [
        Row(int(one[0]), one[1], one[2], one[3], one[4].rstrip("| "))
        for one in cells
        if len(one) == 5 and one[0].isdigit()
    ]


def brought_up_to_date(text: str) -> str:
    """The list with its column of tests made anew."""
    known, proof = {one.number: one for one in rows(text)}, proofs()
    lines = []
    for line in text.splitlines():
        number = line.split("|")[1].strip() if line.startswith("| ") else ""
        row = known.get(int(number)) if number.isdigit() else None
        new = row and Row(row.number, row.fault, row.expected, proof.get(row.number, "—"), row.remark)
        lines.append(str(new) if new else line)
    return "\n".join(lines) + "\n"
