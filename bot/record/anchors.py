"""The head of the audit chain, signed and kept outside the record: what notices that the whole chain was replaced.

Whoever can write to the database can write another chain that verifies. They cannot sign an anchor (Ed25519; the key is
made from STRATA_SECRET, which is not in the database), and the anchors of the old chain no longer fit. So keep the file
on another disk or another host (STRATA_ANCHORS), or copy the lines elsewhere: who can delete the file too leaves no
trace but its absence.

    line = JCS( v, seq, hash, at, by, signature )        signature over JCS of the rest
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import Field, ValidationError

from bot.record.audit import Audit, AuditBroken
from bot.record.record import Record
from graphs.errors import StrataError
from graphs.model import Millis, Value

MOST_BYTES = 64 * 1024 * 1024
_HEX = r"^[0-9a-f]+$"


class AnchorsUnreadable(StrataError):
    """The file cannot be read or written; the text says why."""


class Anchor(Value):
    """One signed head."""

    v: Literal[1] = 1
    seq: int = Field(ge=1)
    hash: str = Field(pattern=_HEX, min_length=64, max_length=64)
    at: Millis
    by: str = Field(pattern=_HEX, min_length=64, max_length=64)
    """The public key, in hex: anybody who knows it can check the line without the secret."""
    signature: str = Field(default="", pattern=r"^[0-9a-f]{128}$|^$")

    def signed_text(self) -> bytes:
        return rfc8785.dumps(self.model_dump(exclude={"signature"}))

    def line(self) -> str:
        return rfc8785.dumps(self.model_dump()).decode() + "\n"


class Signer:
    """Signs anchors, and knows its own."""

    def __init__(self, key: bytes) -> None:
        """`key`: 32 bytes that no database user can read."""
        self._private = Ed25519PrivateKey.from_private_bytes(key)
        self._public = self._private.public_key()
        self.name = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, seq: int, digest: str, at: Millis) -> Anchor:
        draft = Anchor(seq=seq, hash=digest, at=at, by=self.name)
        return draft.model_copy(update={"signature": self._private.sign(draft.signed_text()).hex()})

    def signed(self, anchor: Anchor) -> bool:
        """Whether this key signed exactly this."""
        try:
            self._public.verify(bytes.fromhex(anchor.signature), anchor.signed_text())
        except InvalidSignature:
            return False
        return anchor.by == self.name


class AnchorFile:
    """Anchors, one a line, only ever appended to."""

    def __init__(self, path: Path, signer: Signer) -> None:
        self.path = path
        self._signer = signer

    async def anchor(self, record: Record) -> Anchor | None:
        """Appends the chain's head; None when nothing was added since the last anchor.

        Safe to run twice at once: two lines of one head say the same. Raises `AnchorsUnreadable`.
        """
        async with record.read() as tx:
            head, now = await tx.audit.head(), await tx.now()
        known = self.read()
        if head.seq == 0 or (known and (known[-1].seq, known[-1].hash) == (head.seq, head.hash)):
            return None
        made = self._signer.sign(head.seq, head.hash, now)
        self._append(made.line())
        return made

    def read(self) -> list[Anchor]:
        """In the file's order; empty where there is no file yet. Raises `AnchorsUnreadable`, `AuditBroken`."""
        try:
            if not self.path.exists():
                return []
            if self.path.stat().st_size > MOST_BYTES:
                raise AnchorsUnreadable(f"{self.path} is larger than {MOST_BYTES} bytes: begin a new file")
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise AnchorsUnreadable(f"{self.path} cannot be read ({type(error).__name__})") from None
        return [self._parsed(at, line) for at, line in enumerate(lines, 1)]

    def _parsed(self, at: int, line: str) -> Anchor:
        try:
            anchor = Anchor.model_validate_json(line)
        except ValidationError:
            raise AuditBroken(f"line {at} of {self.path.name} is no anchor") from None
        if not self._signer.signed(anchor):
            raise AuditBroken(f"line {at} of {self.path.name} was not signed with this installation's secret")
        return anchor

    def _append(self, line: str) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, line.encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise AnchorsUnreadable(f"{self.path} cannot be written ({error.strerror})") from None


async def compare(audit: Audit, anchors: Sequence[Anchor]) -> None:
    """Raises `AuditBroken` at the first anchor that the chain does not pass through. The chain itself: `verify`."""
    hashes = await audit.hashes({one.seq for one in anchors})
    for one in anchors:
        found = hashes.get(one.seq)
        if found is None:
            raise AuditBroken(f"the chain ended before entry {one.seq}, which was anchored: entries were removed")
        if found != one.hash:
            raise AuditBroken(f"entry {one.seq} is not the one that was anchored: the chain was replaced")
