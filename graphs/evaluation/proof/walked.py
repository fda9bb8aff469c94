"""Owners as a backtest tells them: each ticket asked in its turn, outcomes learnt as tickets are closed.

Owns this table. Harder than a fixed split, because the first tickets of a project are asked too.
"""

from __future__ import annotations

from pathlib import Path

from graphs.evaluation.answers import Answer
from graphs.evaluation.backtest.history import Filed, Outcome, read_history
from graphs.evaluation.backtest.rankers import OfTheProduct
from graphs.evaluation.backtest.result import BASELINES, COLD, OwnerHits, owner_hits
from graphs.evaluation.backtest.walk import walk
from graphs.evaluation.comparing import mcnemar
from graphs.evaluation.proof.owners import OURS
from graphs.evaluation.proof.tables import Line, Table, Test
from graphs.learning.corpus import DEFAULT_LAYERS
from graphs.ranking.corpus import issues_file, projects


def walked(folder: Path) -> Table:
    """Raises `graphs.errors.StrataError` where the folder holds no issues."""
    chosen = {one.name for one in projects(folder)}
    history = read_history(issues_file(folder), {}, {})
    past = [one for one in history.past if one.filed.project.casefold() in chosen and one.outcome.owners]
    rankers = {OURS: OfTheProduct, **BASELINES}
    steps = list(walk(past, _Silent(), rankers))
    found = owner_hits(steps, list(rankers))
    assert found is not None, "every ticket has an owner"
    right = {
        name: [one.rankings[name][:1] != () and one.rankings[name][0] in one.past.outcome.owners for one in steps]
        for name in rankers
    }
    return Table(
        key="walked",
        title="Owners, as a backtest tells them",
        about=(
            (
                f"The same {len(chosen)} projects from their first ticket on: each is asked about when it was filed and"
                f" its outcome learnt when it was closed. “Cold” are tickets with less than {COLD} known outcomes."
            ),
        ),
        source="public GitHub issues of the research dataset Niruthiha/labelled_data_only (`DIR/data/llm-app-issues`)",
        lines=tuple(_lines(found)),
        tests=tuple(
            Test(what=f"First owner, {OURS} against {name}", mcnemar=mcnemar(right[name], right[OURS]))
            for name in BASELINES
        ),
    )


def _lines(found: OwnerHits) -> list[Line]:
    lines = []
    for name, ranking in found.by_ranker.items():
        cold = found.cold.get(name)
        for k in (1, 3):
            among = "first" if k == 1 else f"among {k}"
            lines.append(
                Line(
                    what=f"{name}: right owner {among}",
                    figure=ranking.hits.get(k),
                    kind="ours" if name == OURS else "baseline",
                )
            )
            if cold is not None:
                lines.append(Line(what=f"{name}, cold: right owner {among}", figure=cold.hits.get(k), kind="part"))
    lines.append(Line(what="a right owner was known: the ceiling", figure=found.reachable, kind="baseline"))
    return lines


class _Silent:
    """Owners are asked here; layers are not."""

    def answer(self, filed: Filed) -> Answer:
        del filed
        return Answer(scores={DEFAULT_LAYERS[0]: 1.0})

    def learn(self, filed: Filed, outcome: Outcome) -> None:
        """Nothing to learn."""
