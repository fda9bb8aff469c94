"""The layers and labels of the shipped policies."""

from __future__ import annotations

import pytest

from graphs.model import Kind, LayerId
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load

TAXONOMY = LayerTaxonomy(load())
RETRIEVAL = LayerId("retrieval_and_context")


def test_layers_keep_their_order() -> None:
    assert TAXONOMY.layers[0] == "business_workflow"
    assert len(TAXONOMY.layers) == 5


def test_words_and_labels() -> None:
    assert TAXONOMY.layer_title(RETRIEVAL) == "retrieval and context"
    assert TAXONOMY.layer_label(RETRIEVAL) == "layer: retrieval and context"
    assert [TAXONOMY.kind_label(kind) for kind in Kind] == [
        "kind: bug",
        "kind: feature",
        "kind: question",
        "kind: task",
    ]
    assert TAXONOMY.definition(RETRIEVAL)
    assert len(TAXONOMY.review_questions(RETRIEVAL)) >= 2


def test_the_closed_list_of_labels() -> None:
    assert len(TAXONOMY.labels) == 9
    assert all(TAXONOMY.layer_label(layer) in TAXONOMY.labels for layer in TAXONOMY.layers)


def test_an_unknown_layer_is_an_error() -> None:
    with pytest.raises(KeyError):
        TAXONOMY.layer_label(LayerId("nowhere"))
