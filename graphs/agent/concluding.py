"""From what a model said to an `Analysis`: its claims checked, its certainty as a share, the rest split among layers.

Owns what an answer becomes, whichever way it came: by a conversation or as one of a batch. Must not ask anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphs.agent.answer import Sure, Verdict
from graphs.agent.budget import Spent
from graphs.agent.certainty import TABLE, Shares
from graphs.agent.evidence import check
from graphs.agent.fence import Fence
from graphs.model import Analysis, Kind, LayerId, Opinion
from graphs.ports import Dossier

_BEHIND = 0.01
"""How far every other layer stays behind the chosen one, at least."""


@dataclass(frozen=True)
class Said:
    """An answer with what it took."""

    verdict: Verdict
    cites: Mapping[str, str]
    spent: Spent
    versions: Mapping[str, str]
    shares: Shares = TABLE


def conclude(said: Said, dossier: Dossier, local: Analysis | None, fence: Fence) -> Analysis:
    """`local`: what the local engine says of the same ticket."""
    verdict, spent = said.verdict, said.spent
    found = check(verdict, dossier.ticket, said.cites, fence.cleaned)
    layer = LayerId(verdict.layer)
    others = [LayerId(one) for one in verdict.secondary if one in dossier.layers and one != layer]
    return Analysis(
        layer_scores=shares(layer, said.shares.of[verdict.sure], dossier.layers, others, local),
        kind=verdict.kind,
        role=verdict.role,
        risks=tuple(dict.fromkeys(verdict.risks)),
        evidence=found.evidence,
        engine=spent.model,
        cost_usd=spent.usd,
        # The local engine's set holds the right layer at its stated rate, and a larger set holds it as often.
        layer_set=tuple(dict.fromkeys((layer, *(local.layer_set if local else ()), *others))),
        secondary=tuple(dict.fromkeys(others))[:2],
        abstains=verdict.sure is Sure.UNSURE,
        opinion=Opinion(
            against=found.against,
            would_change=fence.cleaned(verdict.would_change, 300),
            missing=tuple(fence.cleaned(one, 200) for one in verdict.missing),
            duplicates=found.duplicates,
            capability=_capability(verdict, fence),
            cites=tuple(sorted(said.cites)),
            dropped=found.dropped,
            versions={**said.versions, "certainty": verdict.sure.value},
            certainty_learned_from=said.shares.judged[verdict.sure],
            tokens=spent.usage.tokens,
            cached_share=_cached_share(spent),
            steps=spent.steps,
            calls=spent.calls,
        ),
    )


def shares(
    layer: LayerId, certainty: float, layers: Sequence[LayerId], others: Sequence[LayerId], local: Analysis | None
) -> dict[LayerId, float]:
    """A share for every layer; sums to 1, and the chosen one has the largest: `certainty`, where that can be.

    What the chosen one leaves is split as the local engine sees the others, with a vote for those that the model named.
    None of them reaches the chosen one: what is above that goes to the rest, in the same proportions.
    """
    rest = [one for one in layers if one != layer]
    if not rest:
        return {layer: 1.0}
    sure = max(certainty, 1 / len(layers) + _BEHIND)
    found, left, most = dict.fromkeys(rest, 0.0), 1 - sure, sure - _BEHIND
    weights = {one: 0.02 + (local.layer_scores.get(one, 0.0) if local else 0.0) + 0.3 * (one in others) for one in rest}
    while weights and left > 0:
        whole = sum(weights.values())
        full = [one for one, weight in weights.items() if left * weight / whole >= most]
        if not full:
            found |= {one: left * weight / whole for one, weight in weights.items()}
            break
        for one in full:
            found[one], left = most, left - most
            del weights[one]
    return {layer: 1 - sum(found.values())} | found


def _capability(verdict: Verdict, fence: Fence) -> tuple[str, str] | None:
    if verdict.capability is None or verdict.kind is not Kind.FEATURE:
        return None
    row = verdict.capability
    return fence.cleaned(row.capability, 300), fence.cleaned(row.experience, 300)


def _cached_share(spent: Spent) -> float:
    usage = spent.usage
    read = usage.fresh + usage.cached + usage.kept_minutes + usage.kept_hour
    return round(usage.cached / read, 3) if read else 0.0
