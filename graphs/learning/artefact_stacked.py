"""What the stacked profile adds to the lexical model, as a file of its own: two heads and a calibration.

Owns writing and reading. It belongs to one lexical model and one encoder, and is refused beside any other.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from graphs.errors import EngineUnavailable
from graphs.learning import artefact, encoder
from graphs.learning.calibration import Calibration
from graphs.learning.panel import EncodedHead, EncodedVoter, Stacked

ENGINE = "local-stacked-3"


class StackedManifest(BaseModel):
    """How the file came to be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    command: str
    lexical_sha256: str
    """Of the lexical model that it was fitted beside."""
    encoder: str
    """The package that holds the encoder."""
    encoder_sha256: str


def save(voter: EncodedVoter, calibration: Calibration, folder: Path, lexical_sha256: str, command: str) -> None:
    """Writes `<name>.npz` and `<name>.json`."""
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        allow_pickle=False,
        plain_slopes=voter.plain.slopes.astype(np.float16),
        plain_offsets=voter.plain.offsets,
        rough_slopes=voter.rough.slopes.astype(np.float16),
        rough_offsets=voter.rough.offsets,
        shares=calibration.shares,
        lifts=calibration.lifts,
        set_floors=calibration.set_floors,
    )
    manifest = StackedManifest(
        name=ENGINE,
        sha256=hashlib.sha256(packed.getvalue()).hexdigest(),
        command=command,
        lexical_sha256=lexical_sha256,
        encoder=encoder.MODEL[0],
        encoder_sha256=encoder.MODEL[2],
    )
    (folder / f"{ENGINE}.npz").write_bytes(packed.getvalue())
    (folder / f"{ENGINE}.json").write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")


def trained(folder: Path = artefact.SHIPPED) -> bool:
    """Whether there are heads at all; whether they fit is seen when they are loaded."""
    return (folder / f"{ENGINE}.json").exists()


def load(folder: Path = artefact.SHIPPED) -> Stacked:
    """Loads the encoder too. Raises `EngineUnavailable` where it is not installed or the files do not fit together."""
    found = encoder.encoder()
    try:
        manifest = StackedManifest.model_validate_json((folder / f"{ENGINE}.json").read_bytes())
        lexical = artefact.Manifest.model_validate_json((folder / f"{artefact.ENGINE}.json").read_bytes())
        content = (folder / f"{ENGINE}.npz").read_bytes()
    except (OSError, ValidationError) as problem:
        raise EngineUnavailable(
            f"cannot read the model {ENGINE} in {folder.name}/: run `strata train --stacked`"
        ) from problem
    fits = manifest.lexical_sha256 == lexical.sha256 and manifest.encoder_sha256 == encoder.MODEL[2]
    if not fits or hashlib.sha256(content).hexdigest() != manifest.sha256:
        raise EngineUnavailable(
            f"{ENGINE}.npz does not belong to the model and encoder beside it: run `strata train --stacked`"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        held = {key: arrays[key].astype(np.float32) for key in arrays.files}
    return Stacked(
        encoder=found,
        voter=EncodedVoter(
            plain=EncodedHead(held["plain_slopes"], held["plain_offsets"]),
            rough=EncodedHead(held["rough_slopes"], held["rough_offsets"]),
        ),
        calibration=Calibration(held["shares"], held["lifts"], held["set_floors"]),
    )
