"""Prints what the redactor and the detector find where they should, and where they should not.

Run by `python -m tests.hygiene.measure`. With `--data DIR` (or STRATA_DATA) it also reads 1,000 real issues, drawn with
the printed seed. Only counts leave it, no text.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from graphs.evaluation.intervals import share
from graphs.hygiene.clean import clean
from graphs.hygiene.redact import Redactor, rules
from graphs.hygiene.rule import Family
from tests.builders import a_ticket
from tests.hygiene.made import PERSONAL, SECRETS, Maker
from tests.hygiene.test_redact import PLACES, left_in

SEED, ISSUES, EACH = 20_261_123, 1_000, 20
GOLDEN = Path(__file__).parents[2] / "graphs" / "learning" / "data"
CONTEXTS: dict[str, tuple[str, ...]] = {
    "plain": ("prose", "on its own", "bold"),
    "code or log": ("code block", "log line", "shell"),
}
CONTEXTS["address or JSON"] = tuple(set(PLACES) - {one for places in CONTEXTS.values() for one in places})
_SECRET_KINDS = frozenset(rule.kind for rule in rules() if rule.family is Family.SECRET)


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore")

    title: str
    body: str | None = None


def recall() -> Iterator[str]:
    redactor = Redactor(b"measure")
    for family, made in (("secrets", SECRETS), ("personal data", PERSONAL)):
        for context, places in CONTEXTS.items():
            gone = total = 0
            for make in made.values():
                for place in places:
                    for seed in range(EACH):
                        written, secret = make(Maker(SEED + seed))
                        text = redactor.redact(PLACES[place](written)).text
                        gone, total = gone + (not left_in(text, secret)), total + 1
            figure = share(gone, total)
            yield f"recall, {family}, {context}: {figure.text() if figure else '-'} ({len(made)} kinds)"


def false_alarms(name: str, rows: Iterable[_Row]) -> Iterator[str]:
    """Every alarm in a text without made secrets counts as false, the true ones of real issues too: an upper bound."""
    redactor, found, kinds = Redactor(b"measure"), Counter[str](), Counter[str]()
    count = 0
    for row in rows:
        report = clean(a_ticket(title=row.title, body=row.body or ""), redactor).hygiene
        count += 1
        kinds.update(report.redacted.keys())
        found["a secret"] += any(kind in _SECRET_KINDS for kind in report.redacted)
        found["personal data"] += any(kind not in _SECRET_KINDS for kind in report.redacted)
        found["words to a bot"] += bool(report.addressed_to_bot)
        found["something hidden"] += bool(report.hidden)
    for what, hits in found.items():
        figure = share(hits, count)
        yield f"{name}, tickets with {what}: {figure.text() if figure else '-'}"
    yield f"{name}, kinds: {dict(kinds)}"


def golden() -> Iterator[_Row]:
    for file in (GOLDEN / name for name in ("tickets-a.jsonl", "tickets-b.jsonl", "written.jsonl")):
        yield from map(_Row.model_validate_json, file.read_text().splitlines())


def real(folder: Path) -> list[_Row]:
    with gzip.open(folder / "data" / "llm-app-issues" / "issues.jsonl.gz", "rt") as lines:
        everything = list(lines)
    drawn = random.Random(SEED).sample(everything, ISSUES)  # noqa: S311  # a sample, not a secret
    return [_Row.model_validate(json.loads(line)) for line in drawn]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=os.environ.get("STRATA_DATA"))
    folder = parser.parse_args().data
    print(f"seed {SEED}, {len(SECRETS)} kinds of secrets, {len(PERSONAL)} of personal data, 95 % intervals (Wilson)")  # noqa: T201
    lines = [*recall(), *false_alarms("golden", golden())]
    if folder:
        lines += false_alarms("real issues", real(Path(folder)))
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
