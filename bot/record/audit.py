"""The audit chain: append-only entries, each bound to the one before by SHA-256 over canonical JSON.

    hash(n) = SHA-256( JCS(entry n) || hash(n-1) )        JCS: RFC 8785

Every field an auditor relies on is inside the hashed entry. The head row is locked by the appending transaction, so
entries of concurrent transactions get consecutive numbers or none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import rfc8785
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.prose import storable
from bot.record.tables import audit, audit_head
from graphs.errors import StrataError
from graphs.model import Value

GENESIS = "0" * 64


class AuditBroken(StrataError):
    """The chain does not verify; the text says where."""


class Entry(Value):
    """One audited fact. `actor` is `human:U…`, `agent:triage`, `executor:main` or `system`."""

    actor: str
    action: str
    subject: str
    facts: dict[str, str]


def entry_hash(entry: Mapping[str, object], prev: str) -> str:
    """Hex SHA-256 of the entry's canonical form followed by the previous hash."""
    return _text_hash(_canonical(entry), prev)


def _canonical(entry: Mapping[str, object]) -> str:
    return rfc8785.dumps(dict(entry)).decode()  # type: ignore[arg-type]  # JSON only


def _text_hash(canonical: str, prev: str) -> str:
    # Over the stored text as it is: a change that means nothing to a JSON parser is a change all the same.
    return hashlib.sha256(canonical.encode() + prev.encode()).hexdigest()


def _columns_agree(row: Row[tuple[object, ...]]) -> bool:
    """The columns that repeat parts of the entry, so that they can be searched, are bound by it too."""
    entry = json.loads(row.entry)
    return (entry["seq"], entry["at"], entry["subject"]) == (row.seq, row.at, row.subject)


class Audit:
    """The chain within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def append(self, actor: str, action: str, subject: str, **facts: str) -> None:
        head = (await self._db.execute(select(audit_head).where(audit_head.c.id == 1).with_for_update())).one()
        now = int((await self._db.execute(select(StoreNow()))).scalar_one())
        said = {name: storable(fact) for name, fact in facts.items()}
        entry: dict[str, object] = {
            "seq": head.seq + 1,
            "at": now,
            **Entry(actor=actor, action=action, subject=subject, facts=said).model_dump(),
        }
        text = _canonical(entry)
        digest = _text_hash(text, head.hash)
        await self._db.execute(
            insert(audit).values(seq=head.seq + 1, prev=head.hash, hash=digest, at=now, subject=subject, entry=text)
        )
        moved = await self._db.execute(
            update(audit_head)
            .where(audit_head.c.id == 1, audit_head.c.seq == head.seq)
            .values(seq=head.seq + 1, hash=digest)
        )
        if not moved.rowcount:
            raise AuditBroken("the audit head moved while an entry was being written")

    async def entries(self, subject: str | None = None) -> list[Entry]:
        """All entries in order, or those about one subject."""
        query = select(audit).order_by(audit.c.seq)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        rows = await self._db.execute(query)
        return [Entry.model_validate({k: json.loads(r.entry)[k] for k in Entry.model_fields}) for r in rows]

    async def verify(self) -> int:
        """Number of entries that verify; asked within `read()`. Raises `AuditBroken` at the first that does not."""
        prev, seq = GENESIS, 0
        for row in await self._db.execute(select(audit).order_by(audit.c.seq)):
            seq += 1
            if row.seq != seq:
                raise AuditBroken(f"entry {seq} is missing: the next one found says {row.seq}")
            if row.prev != prev or row.hash != _text_hash(row.entry, prev) or not _columns_agree(row):
                raise AuditBroken(f"entry {seq} was changed after it was written")
            prev = row.hash
        head = (await self._db.execute(select(audit_head).where(audit_head.c.id == 1))).one()
        if (head.seq, head.hash) != (seq, prev):
            raise AuditBroken(f"the head says {head.seq} entries, the chain has {seq}: entries were removed")
        return seq
