"""The trained model as a file: numbers and n-grams, with a manifest that holds its checksum.

Owns writing and reading. Nothing in it can run code: arrays are loaded with pickling forbidden, the rest is JSON.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from graphs.errors import EngineUnavailable
from graphs.learning.calibration import Calibration
from graphs.learning.concepts import Concepts
from graphs.learning.features import Features, Floats, Grams, Vectors
from graphs.learning.scoring import Head, LexicalModel, TwoHeads

ENGINE = "local-lexical-3"
SHIPPED = Path(__file__).parent / "artefacts"
_loaded: WeakValueDictionary[str, LexicalModel] = WeakValueDictionary()
"""By checksum."""
_CALIBRATION = ("shares", "lifts", "set_floors")
_HEADS = ("layer", "layer_rough", "kind", "kind_rough", "role")


class Manifest(BaseModel):
    """How the file came to be; no date, so that the same training gives the same bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    command: str
    sources: dict[str, str]
    """What it was trained on, in words."""
    counts: dict[str, int]


def save(model: LexicalModel, terms: dict[str, str], folder: Path, manifest: Manifest) -> Manifest:
    """Writes `<name>.npz` and `<name>.json`; returns the manifest with the checksum filled in."""
    features = model.features
    arrays: dict[str, NDArray[np.generic]] = {
        "words": _packed(list(features.word_grams.index)),
        "word_idf": features.word_grams.idf.astype(np.float16),
        "chars": _packed(list(features.char_grams.index)),
        "char_idf": features.char_grams.idf.astype(np.float16),
        "forms": _packed(list(features.form_grams.index)),
        "form_idf": features.form_grams.idf.astype(np.float16),
        "vector_words": _packed(list(features.vectors.index)),
        "vectors": features.vectors.matrix.astype(np.float16),
        "concepts": _packed([json.dumps(terms, ensure_ascii=False)]),
        "layers": _packed(list(model.layers)),
    }
    arrays |= {name: getattr(model.calibration, name).astype(np.float32) for name in _CALIBRATION}
    arrays["together"] = model.together.astype(np.float32)
    heads = (model.layer.plain, model.layer.rough, model.kind.plain, model.kind.rough, model.role)
    for name, head in zip(_HEADS, heads, strict=True):
        arrays[f"{name}_slopes"] = head.slopes.astype(np.float16)
        arrays[f"{name}_offsets"] = head.offsets.astype(np.float32)
        arrays[f"{name}_temperature"] = np.array([head.temperature], dtype=np.float32)
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{manifest.name}.npz").write_bytes(packed.getvalue())
    whole = manifest.model_copy(update={"sha256": hashlib.sha256(packed.getvalue()).hexdigest()})
    (folder / f"{manifest.name}.json").write_text(whole.model_dump_json(indent=2) + "\n", "utf-8")
    return whole


def load(folder: Path = SHIPPED, name: str = ENGINE) -> LexicalModel:
    """One model a process, however many engines ask with it, as long as one of them lives: it never changes.

    Raises `EngineUnavailable` when the files are missing, damaged or do not belong together.
    """
    try:
        manifest = Manifest.model_validate_json((folder / f"{name}.json").read_bytes())
        content = (folder / f"{name}.npz").read_bytes()
    except (OSError, ValidationError) as problem:
        raise EngineUnavailable(
            f"cannot read the local model {name} in {folder.name}/: run `strata train`"
        ) from problem
    if hashlib.sha256(content).hexdigest() != manifest.sha256:
        raise EngineUnavailable(f"the local model {name}.npz does not match its manifest: run `strata train`")
    known = _loaded.get(manifest.sha256)
    if known is not None:
        return known
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return _loaded.setdefault(manifest.sha256, _model({key: arrays[key] for key in arrays.files}))


def _model(arrays: dict[str, NDArray[np.generic]]) -> LexicalModel:
    parsed: object = json.loads(_unpacked(arrays["concepts"])[0])
    if not isinstance(parsed, dict):
        raise EngineUnavailable("the local model holds no concepts: run `strata train`")
    layer, layer_rough, kind, kind_rough, role = (_head(arrays, name) for name in _HEADS)
    return LexicalModel(
        features=Features(
            word_grams=_grams(arrays, "words", "word_idf"),
            char_grams=_grams(arrays, "chars", "char_idf"),
            form_grams=_grams(arrays, "forms", "form_idf"),
            vectors=Vectors(index=_index(arrays["vector_words"]), matrix=_floats(arrays["vectors"])),
            concepts=Concepts.parse({str(key): str(value) for key, value in parsed.items()}),
        ),
        layers=tuple(_unpacked(arrays["layers"])),
        layer=TwoHeads(layer, layer_rough),
        kind=TwoHeads(kind, kind_rough),
        role=role,
        calibration=Calibration(**{name: _floats(arrays[name]) for name in _CALIBRATION}),
        together=_floats(arrays["together"]),
    )


def _head(arrays: dict[str, NDArray[np.generic]], name: str) -> Head:
    return Head(
        slopes=_floats(arrays[f"{name}_slopes"]),
        offsets=_floats(arrays[f"{name}_offsets"]),
        temperature=float(_floats(arrays[f"{name}_temperature"])[0]),
    )


def _grams(arrays: dict[str, NDArray[np.generic]], grams: str, idf: str) -> Grams:
    return Grams(index=_index(arrays[grams]), idf=_floats(arrays[idf]))


def _index(packed: NDArray[np.generic]) -> dict[str, int]:
    return {gram: at for at, gram in enumerate(_unpacked(packed))}


def _floats(stored: NDArray[np.generic]) -> Floats:
    return stored.astype(np.float32)


def _packed(texts: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode("utf-8"), dtype=np.uint8)


def _unpacked(packed: NDArray[np.generic]) -> list[str]:
    text = packed.tobytes().decode("utf-8")
    return text.split("\n") if text else []
