"""The layers and labels of the loaded policies, as `graphs.ports.Taxonomy`.

Owns the step from plain policy data to typed ids. Must not read files.
"""

from __future__ import annotations

from graphs.model import Kind, LayerId
from policies.shapes import KindLabels, Layer, Policies


class LayerTaxonomy:
    """Looks up layers and label names. An unknown layer is a `KeyError`: ids are validated where they enter."""

    def __init__(self, policies: Policies) -> None:
        self._by_id: dict[LayerId, Layer] = {LayerId(layer.id): layer for layer in policies.layers}
        self._kinds: KindLabels = policies.kind_labels

    @property
    def layers(self) -> tuple[LayerId, ...]:
        return tuple(self._by_id)

    @property
    def labels(self) -> frozenset[str]:
        """Every label that a proposal may carry."""
        kinds = {self.kind_label(kind) for kind in Kind}
        return frozenset({layer.label for layer in self._by_id.values()} | kinds)

    def layer_label(self, layer: LayerId) -> str:
        return self._by_id[layer].label

    def kind_label(self, kind: Kind) -> str:
        return self._kinds.of(kind.value)

    def layer_title(self, layer: LayerId) -> str:
        return self._by_id[layer].title

    def definition(self, layer: LayerId) -> str:
        return self._by_id[layer].definition

    def tie_breaks(self, layer: LayerId) -> tuple[str, ...]:
        """What settles it where two layers fit; the first that applies wins."""
        return self._by_id[layer].tie_breaks

    def review_questions(self, layer: LayerId) -> tuple[str, ...]:
        return self._by_id[layer].review_questions
