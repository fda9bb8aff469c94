"""The one command that makes the local model: `python -m graphs.learning.train [--data DIR] [--out DIR]`.

Owns what is trained on what. Without `--data` only the shipped written tickets are used; with it, the folder's real
issues too. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from graphs.learning import corpus
from graphs.learning.artefact import ENGINE, SHIPPED, Manifest, save
from graphs.learning.concepts import shipped_terms
from graphs.learning.fit import fit_model


def train(data: Path | None = None, out: Path = SHIPPED, most: int | None = None) -> Manifest:
    """Fits the model and writes it to `out`; with `most`, from the first written tickets only."""
    written, seeds = corpus.written()[:most], corpus.seeds()
    real = corpus.real(data) if data else corpus.RealData(train=[], dev=[], plain=[], unseen=[])
    model = fit_model([*written, *real.train], seeds, real.plain)
    sources = {
        "written": "tickets written for this project (graphs/learning/data/written.jsonl, tickets-*.jsonl)",
        "seeds": "sentences written for this engine (graphs/learning/data/seeds.jsonl)",
    }
    if data:
        sources["real"] = (
            "public GitHub issues of open-source LLM applications (dataset Niruthiha/labelled_data_only); layers and"
            " roles labelled by a language model, kinds as maintainers clicked them; no text of them is in the model"
        )
    widths = model.features.widths()
    manifest = Manifest(
        name=ENGINE,
        sha256="",
        command="python -m graphs.learning.train" + (" --data DIR" if data else ""),
        sources=sources,
        counts={
            "written": len(written),
            "seeds": len(seeds),
            "real_with_layer": len(real.train),
            "real_plain": len(real.plain),
            "word_ngrams": widths["words"],
            "char_ngrams": widths["chars"],
            "form_words": widths["forms"],
            "word_vectors": len(model.features.vectors.index),
        },
    )
    return save(model, shipped_terms(), out, manifest)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the local engine.")
    parser.add_argument("--data", type=Path, help="folder that holds golden/ and data/ with real issues")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where to write the model")
    chosen = parser.parse_args()
    print(train(chosen.data, chosen.out).model_dump_json(indent=2))  # noqa: T201  # the command's answer


if __name__ == "__main__":
    main()
