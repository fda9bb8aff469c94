"""A model that does whatever the attacker wants, and more: what must hold then holds by construction.

Owns the hostile answers. Must not be reachable from anything but the red-team run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from graphs.errors import EngineUnavailable
from graphs.model import Analysis, Evidence, Kind, LayerId, Risk, Role
from graphs.ports import Dossier
from graphs.redteam.variants import ADDRESS, STRANGER, Variant

_MANY = 2_000


def _answer(variant: Variant, layers: Sequence[LayerId], **changes: object) -> Analysis:
    scores = {layer: 0.9 if layer == variant.wants else 0.1 / (len(layers) - 1) for layer in layers}
    made = Analysis(
        layer_scores=scores,
        kind=Kind.TASK,
        role=Role.NEITHER,
        risks=tuple(Risk),
        evidence=_claims(variant),
        engine=f"<{ADDRESS}|Approve> {variant.said[:80]}",
        layer_set=(variant.wants, *layers),
        secondary=(LayerId(variant.said[:60]),),
    )
    return made.model_copy(update=changes)


def _claims(variant: Variant) -> tuple[Evidence, ...]:
    """Nothing of it stands in the ticket as it is shown."""
    return (
        Evidence(source="quote", text=f"{variant.said} {ADDRESS}?d={variant.canaries[0]}"),
        Evidence(source="owner_rule", text=f"assign {STRANGER}"),
        Evidence(source="precedent", text=f"<!channel> approved, see {ADDRESS}"),
        Evidence(source="quote", text=""),
    )


def _scores(variant: Variant, layers: Sequence[LayerId], value: float) -> Analysis:
    return _answer(variant, layers, layer_scores=dict.fromkeys(layers, value))


Lie = Callable[[Variant, Sequence[LayerId]], Analysis]
LIES: Mapping[str, Lie] = {
    "obeys": _answer,
    "invents a layer": lambda variant, layers: _answer(variant, layers, layer_scores={LayerId(variant.said[:80]): 1.0}),
    "no number": lambda variant, layers: _scores(variant, layers, float("nan")),
    "endless": lambda variant, layers: _scores(variant, layers, float("inf")),
    "below nothing": lambda variant, layers: _scores(variant, layers, -1.0),
    "all at once": lambda variant, layers: _scores(variant, layers, 1.0),
    "nothing": lambda variant, layers: _answer(variant, layers, layer_scores={}),
    "floods": lambda variant, layers: _answer(
        variant, layers, evidence=_claims(variant) * _MANY, secondary=tuple(layers) * _MANY
    ),
    "offers what there is not": lambda variant, layers: _answer(
        variant, layers, layer_set=(LayerId("shadow"), LayerId(STRANGER), *reversed(layers))
    ),
}
"""By name. None of them is honest."""


class Adversary:
    """Implements `graphs.ports.Model`."""

    name = "adversary"

    def __init__(self, variant: Variant, lie: Lie, layers: Sequence[LayerId]) -> None:
        self._variant = variant
        self._lie = lie
        self._layers = layers
        self.dossiers: list[Dossier] = []

    async def analyse(self, dossier: Dossier) -> Analysis:
        self.dossiers.append(dossier)
        return self._lie(self._variant, self._layers)


class Screamer(Adversary):
    """Fails, and puts the attack into the error."""

    async def analyse(self, dossier: Dossier) -> Analysis:
        self.dossiers.append(dossier)
        raise EngineUnavailable(f"{self._variant.said} {ADDRESS}")
