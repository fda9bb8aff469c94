"""`python -m bot.evaluation [--data DIR] [--only KEY]`: measures, and writes docs/evaluation.md and .json.

Owns the order of the tables and what is kept from the last time: a table that cannot be measured now stays as it was.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from bot.evaluation.explaining import explained
from graphs.errors import StrataError
from graphs.evaluation import golden
from graphs.evaluation.answers import OfTheProduct
from graphs.evaluation.intervals import SEED
from graphs.evaluation.proof.anchors import ANCHORS
from graphs.evaluation.proof.duplicates import duplicates
from graphs.evaluation.proof.kinds import kinds
from graphs.evaluation.proof.layers import folds, real, unseen, written
from graphs.evaluation.proof.owners import owners
from graphs.evaluation.proof.stacked import stacked
from graphs.evaluation.proof.tables import Line, Proof, Table, document
from graphs.evaluation.proof.taught import decisions, families
from graphs.evaluation.proof.walked import walked
from graphs.learning import encoder
from graphs.learning.engine import LocalEngine
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load as load_policies
from prompts.loader import load as load_prompt

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = {
    "strata eval FILE.jsonl --page eval.html": "any of these figures for your own labelled tickets",
    "strata eval FILE.jsonl --answers ANSWERS.jsonl": "the same for any other engine's answers",
    "strata eval FILE.jsonl --against REPORT.json --gate": "whether a new version may replace the old one",
    "strata eval --golden --data DIR": "the figures of the real measuring set, with page and report",
    "strata eval grow": "your own corrections as evaluation cases",
    "strata backtest --history FILE.jsonl --page backtest.html": "what the bot would have done with your past tickets",
}
ORDER = (
    "written",
    "explanations",
    "real",
    "unseen",
    "stacked",
    "folds",
    "families",
    "decisions",
    "kinds",
    "owners",
    "walked",
    "hadoop",
    "hadoop-test",
    "issue-pairs",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bot.evaluation", description="Measure, and write docs/evaluation.md."
    )
    parser.add_argument("--data", type=Path, help="folder that holds golden/ and data/ with public issues")
    parser.add_argument("--only", choices=ORDER, help="measure this table alone")
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of evaluation.md and evaluation.json")
    chosen = parser.parse_args()
    tables = {table.key: table for table in _saved(chosen.out).tables}
    try:
        # Written after each table: an hour's work is not lost to a Ctrl-C.
        for table in measure(chosen.data, chosen.only):
            tables[table.key] = table
            _write(chosen.out, tables)
    except StrataError as error:
        sys.exit(f"evaluation: {error}")


def _write(folder: Path, tables: Mapping[str, Table]) -> None:
    proof = Proof(seed=SEED, versions=_versions(), tables=tuple(tables[key] for key in ORDER if key in tables))
    (folder / "evaluation.json").write_text(proof.model_dump_json(indent=1) + "\n", "utf-8")
    (folder / "evaluation.md").write_text(rendered(proof), "utf-8")


def rendered(proof: Proof) -> str:
    return document(proof, ANCHORS, COMMANDS)


def measure(data: Path | None, only: str | None) -> Iterator[Table]:
    """Raises `graphs.errors.StrataError` where the data folder does not hold what is needed."""
    works: dict[str, Callable[[], tuple[Table, ...]]] = {
        "written": lambda: (written(),),
        "explanations": lambda: (explanations(),),
    }
    if data is not None:
        works |= {
            "real": lambda: (real(data, OfTheProduct(LocalEngine())),),
            "unseen": lambda: (unseen(data, OfTheProduct(LocalEngine())),),
            "stacked": lambda: _stacked(data),
            "folds": lambda: (folds(data),),
            "decisions": lambda: (decisions(data),),
            "kinds": lambda: (kinds(data),),
            "owners": lambda: (owners(data),),
            "walked": lambda: (walked(data),),
            "hadoop": lambda: duplicates(data),
            "families": lambda: (families(data),),
        }
    for key, work in works.items():
        if only in (None, key) or (key == "hadoop" and only in ("hadoop-test", "issue-pairs")):
            sys.stderr.write(f"measuring {key} …\n")
            yield from work()


def _stacked(data: Path) -> tuple[Table, ...]:
    if not encoder.installed():
        sys.stderr.write(f"the table `stacked` stays as it was: {encoder.INSTALL}\n")
        return ()
    return (stacked(data, OfTheProduct(LocalEngine()), OfTheProduct(LocalEngine(stacked=True))),)


def explanations() -> Table:
    """What the cards of the written tickets say, by the rubric."""
    taxonomy = LayerTaxonomy(load_policies())
    marks = explained(golden.written_cases(), LocalEngine(), taxonomy, load_prompt("comment"))
    assert marks is not None, "there are tickets"
    return Table(
        key="explanations",
        title="Explanations on cards",
        about=(
            "Cards of the written tickets, drawn by the shipped engine: what an approver reads before a click.",
            "Marked by a rubric that a program can check (graphs/evaluation/rubric.py).",
        ),
        lines=(
            *(Line(what=name.replace("_", " "), figure=one, kind="part") for name, one in marks.criteria.items()),
            Line(what="all criteria met", figure=marks.all_met),
        ),
    )


def _saved(folder: Path) -> Proof:
    try:
        return Proof.model_validate_json((folder / "evaluation.json").read_bytes())
    except OSError:
        return Proof(seed=SEED, versions={}, tables=())


def _versions() -> dict[str, str]:
    return {"Python": platform.python_version(), **{name: version(name) for name in ("scikit-learn", "numpy", "scipy")}}


if __name__ == "__main__":
    main()
