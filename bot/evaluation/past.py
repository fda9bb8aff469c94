"""Runs a backtest: on a file, or on what a tracker tells of a repository.

Owns how the parts are put together. Reads only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.settings import Settings
from graphs.evaluation.backtest.history import History, parse_rows, read_history
from graphs.evaluation.backtest.rankers import OfTheProduct
from graphs.evaluation.backtest.result import Backtest, backtest
from graphs.evaluation.backtest.walk import Learning
from graphs.evaluation.cases import BadTickets
from graphs.learning.profiles import Profile, engine_of
from graphs.model import Kind, LayerId
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load as load_policies

Tell = Callable[[str], None]
TELL_EVERY = 200
_PLAIN_KINDS = {
    **{one.value: one for one in Kind},
    "enhancement": Kind.FEATURE,
    "feature request": Kind.FEATURE,
    "documentation": Kind.TASK,
    "docs": Kind.TASK,
    "chore": Kind.TASK,
}
"""What trackers call kinds by default."""


def of_history(
    settings: Settings, profile: Profile, file: Path, projects: frozenset[str], target: float, tell: Tell
) -> Backtest:
    """Raises `graphs.evaluation.cases.BadTickets`."""
    taxonomy = LayerTaxonomy(load_policies(settings.strata_policies))
    history = read_history(file, layer_labels(taxonomy), kind_labels(taxonomy))
    for one in history.bad:
        tell(f"{file.name}, {one.text()}")
    if projects:
        chosen = tuple(one for one in history.past if one.filed.project in projects)
        if not chosen:
            raise BadTickets(f"{file} holds no ticket of {', '.join(sorted(projects))}")
        history = history.model_copy(update={"past": chosen})
    title = file.name if not projects else ", ".join(sorted(projects))
    return _walked(title, history, profile, taxonomy, target, tell)


async def of_repository(
    settings: Settings, profile: Profile, repository: str, limit: int, target: float, tell: Tell
) -> Backtest:
    """The newest tickets of a repository. Raises a `graphs.errors.TrackerError`, `BadTickets`."""
    from bot.bootstrap.github import open_past

    taxonomy = LayerTaxonomy(load_policies(settings.strata_policies))
    rows: list[Mapping[str, object]] = []
    async with open_past(settings) as past:
        async for found in past.newest(repository, limit):
            rows += found
            tell(f"{len(rows)} tickets read …")
    history = parse_rows(rows, layer_labels(taxonomy), kind_labels(taxonomy))
    return _walked(repository, history, profile, taxonomy, target, tell)


def layer_labels(taxonomy: LayerTaxonomy) -> dict[str, LayerId]:
    """Layers by the labels that mean them: those of the policies, and the layer's own id and title."""
    named: dict[str, LayerId] = {}
    for one in taxonomy.layers:
        named |= {name.casefold(): one for name in (one, taxonomy.layer_title(one), taxonomy.layer_label(one))}
    return named


def kind_labels(taxonomy: LayerTaxonomy) -> dict[str, Kind]:
    return {**_PLAIN_KINDS, **{taxonomy.kind_label(one).casefold(): one for one in Kind}}


def _walked(
    title: str, history: History, profile: Profile, taxonomy: LayerTaxonomy, target: float, tell: Tell
) -> Backtest:
    total = len(history.past)

    def progress(done: int) -> None:
        if done % TELL_EVERY == 0:
            tell(f"{done} of {total} tickets asked about …")

    return backtest(
        title,
        history,
        Learning(engine_of(profile), taxonomy.layers),
        rankers={"strata": OfTheProduct},
        layers=taxonomy.layers,
        target=target,
        progress=progress,
    )
