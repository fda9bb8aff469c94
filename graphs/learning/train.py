"""The one command that makes the local model: `python -m graphs.learning.train [--data DIR] [--out DIR] [--stacked]`.

Owns what is trained on what. Without `--data` only the shipped written tickets are used; with it, the folder's real
issues too. The same input gives the same bytes. With `--stacked` the heads of the encoder are trained beside it, and
what was there of them is removed without it: they belong to one lexical model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from graphs.learning import artefact_stacked, corpus
from graphs.learning.artefact import ENGINE, SHIPPED, Manifest, save
from graphs.learning.concepts import shipped_terms
from graphs.learning.encoder import encoder
from graphs.learning.fit import fit_model
from graphs.learning.fit_layers import held_out
from graphs.learning.fit_stacked import fit_stacked
from graphs.learning.fit_words import fit_vectors
from graphs.learning.scoring import LexicalModel


def train(data: Path | None = None, out: Path = SHIPPED, most: int | None = None, *, stacked: bool = False) -> Manifest:
    """Fits the model and writes it to `out`; with `most`, from the first written tickets only.

    Raises `graphs.errors.EngineUnavailable` where the encoder is asked for and not installed.
    """
    added = encoder() if stacked else None
    written, seeds = corpus.written()[:most], corpus.seeds()
    real = corpus.real(data) if data else corpus.RealData(train=[], dev=[], plain=[], unseen=[])
    layered = [*written, *real.train]
    held = held_out(layered, seeds, fit_vectors(real.plain))
    manifest = _save(fit_model(layered, seeds, real.plain, held), real, len(written), out, data=data)
    if added:
        voter, calibration = fit_stacked(held, layered, seeds, added)
        artefact_stacked.save(voter, calibration, out, manifest.sha256, f"{_command(data)} --stacked")
    else:
        for suffix in ("npz", "json"):
            (out / f"{artefact_stacked.ENGINE}.{suffix}").unlink(missing_ok=True)
    return manifest


def _command(data: Path | None) -> str:
    return "python -m graphs.learning.train" + (" --data DIR" if data else "")


def _save(model: LexicalModel, real: corpus.RealData, written: int, out: Path, *, data: Path | None) -> Manifest:
    sources = {
        "written": "tickets written for this project (graphs/learning/data/written.jsonl, tickets-*.jsonl)",
        "seeds": "sentences written for this engine (graphs/learning/data/seeds.jsonl)",
    }
    if data:
        sources["real"] = (
            "public GitHub issues of open-source LLM applications (dataset Niruthiha/labelled_data_only); layers and"
            " roles labelled by a language model (graphs/learning/data/real-labels.jsonl and DIR/golden), kinds as"
            " maintainers clicked them; no text of them is in the model"
        )
    widths = model.features.widths()
    manifest = Manifest(
        name=ENGINE,
        sha256="",
        command=_command(data),
        sources=sources,
        counts={
            "written": written,
            "seeds": len(corpus.seeds()),
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
    parser.add_argument("--stacked", action="store_true", help="train the encoder's heads too")
    chosen = parser.parse_args()
    print(train(chosen.data, chosen.out, stacked=chosen.stacked).model_dump_json(indent=2))  # noqa: T201  # the command's answer


if __name__ == "__main__":
    main()
