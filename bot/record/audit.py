"""The audit chain: append-only entries, each bound to the one before by SHA-256 over canonical JSON (JCS, RFC 8785).

    seal(n) = SHA-256( salt(n) || JCS(facts of entry n that may speak of a person) )
    hash(n) = SHA-256( JCS(entry n, with seal(n) in place of those facts) || hash(n-1) )

The salt is 128 random bits, in hex, and stands with the sealed facts beside the entry. So the chain holds commitments:
while salt and facts are there they are bound by the chain as everything else is, and when both are deleted, what is
left tells nothing about them (a salted hash commitment is hiding) and the chain verifies as before. A deletion is
itself an entry, `erased`, that names the entries it took facts from. Facts that are missing without one, or that are
there again after one, break the chain. Entries of the first version have no seal, their whole text is hashed; what is
left of one after an erasure is bound by its SHA-256 in the `erased` entry.

Which facts are never personal is listed in `_PLAIN`; any other one is sealed. The head row is locked by the appending
transaction, so entries of concurrent transactions get consecutive numbers or none.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Collection, Mapping

import rfc8785
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.clock import StoreNow
from bot.record.eraser import whole_word
from bot.record.prose import storable
from bot.record.tables import audit, audit_head
from graphs.errors import StrataError
from graphs.model import Millis, Value

GENESIS = "0" * 64
ERASED = "erased"
ERASURES = "erasures"
"""The subject of the entries that say what was erased."""
_PLAIN = frozenset(
    {
        *("proposal", "digest", "position", "field", "fence", "delivery", "job", "operation", "asked_for"),
        *("policies", "policy_version", "operations", "policy", "engine", "prompt"),
        *("entries", "remains"),
        *("triage", "model", "outcome", "usd", "tokens", "cached", "steps", "calls", "keep", "agreed"),
        *("fresh", "kept", "written", "lost", "batch", "certainty"),
        *("agent_prompts", "taxonomy"),
    }
)
_VERSION = 2
_PAGE = 500

_Row = Row[tuple[object, ...]]


class AuditBroken(StrataError):
    """The chain does not verify; the text says where."""


class Entry(Value):
    """One audited fact. `actor` is `human:U…`, `agent:triage`, `executor:main`, `operator` or `system`."""

    actor: str
    action: str
    subject: str
    facts: dict[str, str]
    is_erased: bool = False
    """Some of its facts were deleted, on the request of a person they spoke of."""


class Numbered(Value):
    """An entry with its place in the chain and its time."""

    seq: int
    at: Millis
    entry: Entry


class Head(Value):
    """The end of the chain: whoever keeps a copy elsewhere can tell whether the whole chain was replaced."""

    seq: int
    hash: str


def entry_hash(entry: Mapping[str, object], prev: str) -> str:
    """Hex SHA-256 of the entry's canonical form followed by the previous hash."""
    return _text_hash(_canonical(entry), prev)


def _canonical(entry: Mapping[str, object]) -> str:
    return rfc8785.dumps(dict(entry)).decode()  # type: ignore[arg-type]  # JSON only


def _text_hash(canonical: str, prev: str) -> str:
    # Over the stored text as it is: a change that means nothing to a JSON parser is a change all the same.
    return hashlib.sha256(canonical.encode() + prev.encode()).hexdigest()


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _split(facts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(facts that may stay for ever, facts that are sealed)."""
    listed = facts.get("field") == "label"  # then the value is a name out of the policies
    plain = {name: fact for name, fact in facts.items() if name in _PLAIN or not fact or (listed and name == "value")}
    return plain, {name: fact for name, fact in facts.items() if name not in plain}


class Audit:
    """The chain within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def append(self, actor: str, action: str, subject: str, **facts: str) -> int:
        """Returns the entry's number."""
        head = await self._locked_head()
        now = int((await self._db.execute(select(StoreNow()))).scalar_one())
        plain, personal = _split({name: storable(fact) for name, fact in facts.items()})
        entry: dict[str, object] = {
            "v": _VERSION,
            "seq": head.seq + 1,
            "at": now,
            **Entry(actor=actor, action=action, subject=subject, facts=plain).model_dump(exclude={"is_erased"}),
        }
        beside: dict[str, str | None] = {"salt": None, "sealed": None}
        if personal:
            beside = {"salt": secrets.token_hex(16), "sealed": _canonical(personal)}
            entry["seal"] = _sha(f"{beside['salt']}{beside['sealed']}")
        text = _canonical(entry)
        digest = _text_hash(text, head.hash)
        await self._db.execute(
            insert(audit).values(
                seq=head.seq + 1, prev=head.hash, hash=digest, at=now, subject=subject, entry=text, **beside
            )
        )
        moved = await self._db.execute(
            update(audit_head)
            .where(audit_head.c.id == 1, audit_head.c.seq == head.seq)
            .values(seq=head.seq + 1, hash=digest)
        )
        if not moved.rowcount:
            raise AuditBroken("the audit head moved while an entry was being written")
        return head.seq + 1

    async def _locked_head(self) -> Head:
        row = (await self._db.execute(select(audit_head).where(audit_head.c.id == 1).with_for_update())).one()
        return Head(seq=row.seq, hash=row.hash)

    async def head(self) -> Head:
        row = (await self._db.execute(select(audit_head).where(audit_head.c.id == 1))).one()
        return Head(seq=row.seq, hash=row.hash)

    async def entries(self, subject: str | None = None) -> list[Entry]:
        """All entries in order, or those about one subject."""
        return [one.entry for one in await self.numbered(subject)]

    async def numbered(self, subject: str | None = None) -> list[Numbered]:
        query = select(audit).order_by(audit.c.seq)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        return [Numbered(seq=row.seq, at=row.at, entry=_entry(row)) for row in await self._db.execute(query)]

    async def hashes(self, numbers: Collection[int]) -> dict[int, str]:
        """The hashes of these entries, of those that are there."""
        found: dict[int, str] = {}
        wanted = sorted(numbers)
        for at in range(0, len(wanted), _PAGE):
            query = select(audit.c.seq, audit.c.hash).where(audit.c.seq.in_(wanted[at : at + _PAGE]))
            found |= {row.seq: row.hash for row in await self._db.execute(query)}
        return found

    async def holds(self, digest: str) -> bool:
        """Whether some entry has this hash."""
        return (await self._db.execute(select(audit.c.seq).where(audit.c.hash == digest))).first() is not None

    async def exported(self, *, with_facts: bool = True) -> AsyncIterator[str]:
        """Each entry as one line of JSON with everything that its hash is computed from, in order.

        `with_facts` adds salt and sealed facts; without them the lines speak of nobody, and the hashes hold as well.
        """
        async for row in self._rows():
            line = {"seq": row.seq, "prev": row.prev, "hash": row.hash, "entry": row.entry}
            if with_facts and row.sealed is not None:
                line |= {"salt": row.salt, "sealed": row.sealed}
            yield _canonical(line)

    async def about(self, subject: str) -> list[int]:
        """Numbers of the entries about a subject that hold facts which can be erased."""
        query = select(audit).where(audit.c.subject == subject).order_by(audit.c.seq)
        return [row.seq for row in await self._db.execute(query) if _erasable(row)]

    async def naming(self, word: str) -> list[int]:
        """Numbers of the entries that hold erasable facts in which this word stands, as a whole word in any case."""
        beside = func.lower(func.coalesce(audit.c.sealed, audit.c.entry))
        query = select(audit).where(beside.contains(word.lower(), autoescape=True)).order_by(audit.c.seq)
        whole = whole_word(word)
        rows = [row for row in await self._db.execute(query) if _erasable(row)]
        return [row.seq for row in rows if any(map(whole.search, _personal(row).values()))]

    async def erase(self, entries: Collection[int], why: str) -> int:
        """Deletes the sealed facts of these entries for ever, and appends the entry that says so; returns how many.

        The caller names nobody in `why`: that text stays.
        """
        await self._locked_head()
        gone: list[int] = []
        remains: dict[str, str] = {}
        for row in await self._db.execute(select(audit).where(audit.c.seq.in_(entries)).order_by(audit.c.seq)):
            if not _erasable(row):
                continue
            gone.append(row.seq)
            rest: dict[str, str | None] = {"salt": None, "sealed": None}
            if row.sealed is None:  # of the first version
                entry = json.loads(row.entry)
                rest["entry"] = _canonical({**entry, "facts": _split(entry["facts"])[0], "erased": True})
                remains[str(row.seq)] = _sha(str(rest["entry"]))
            await self._db.execute(update(audit).where(audit.c.seq == row.seq).values(**rest))
        if gone:
            names = ",".join(map(str, gone))
            await self.append("operator", ERASED, ERASURES, entries=names, remains=_canonical(remains), why=why)
        return len(gone)

    async def verify(self) -> int:
        """Number of entries that verify; asked within `read()`. Raises `AuditBroken` at the first that does not."""
        prev, seq = GENESIS, 0
        erasures = await self._erasures()
        async for row in self._rows():
            seq += 1
            if row.seq != seq:
                raise AuditBroken(f"entry {seq} is missing: the next one found says {row.seq}")
            problem = "was changed after it was written" if row.prev != prev else _problem(row, prev, erasures.get(seq))
            if problem:
                raise AuditBroken(f"entry {seq} {problem}")
            prev = row.hash
        head = await self.head()
        if (head.seq, head.hash) != (seq, prev):
            raise AuditBroken(f"the head says {head.seq} entries, the chain has {seq}: entries were removed")
        return seq

    async def _rows(self) -> AsyncIterator[_Row]:
        """The chain in order, in pages: it may be longer than fits into memory."""
        after: int | None = None
        while True:
            query = select(audit).order_by(audit.c.seq).limit(_PAGE)
            page = (await self._db.execute(query if after is None else query.where(audit.c.seq > after))).all()
            for row in page:
                yield row
            if len(page) < _PAGE:
                return
            after = page[-1].seq

    async def _erasures(self) -> dict[int, str]:
        """Which entries an entry says it took facts from, each with the hash of what is left, where it needs one.

        These entries are verified like all others; one that cannot be read is found there.
        """
        found: dict[int, str] = {}
        for row in await self._db.execute(select(audit).where(audit.c.subject == ERASURES)):
            try:
                entry = json.loads(row.entry)
                if entry["action"] == ERASED:
                    remains = json.loads(entry["facts"]["remains"])
                    named = map(int, entry["facts"]["entries"].split(","))
                    found |= {seq: remains.get(str(seq), "") for seq in named if seq < row.seq}
            except (ValueError, LookupError, TypeError, AttributeError):
                continue
        return found


def _problem(row: _Row, prev: str, erasure: str | None) -> str:
    """What is wrong with an entry; empty when it verifies. `erasure` is None for one that nobody erased anything of."""
    if row.hash != _text_hash(row.entry, prev):
        if not erasure or _sha(row.entry) != erasure:
            return "was changed after it was written"
    elif erasure:
        return "was erased and has its facts again"
    entry = json.loads(row.entry)
    # The columns that repeat parts of the entry, so that they can be searched, are bound by it too.
    if (entry["seq"], entry["at"], entry["subject"]) != (row.seq, row.at, row.subject):
        return "was changed after it was written"
    seal = entry.get("seal")
    if row.salt is None and row.sealed is None:
        return "lost facts that nobody erased" if seal is not None and erasure is None else ""
    if seal is None or row.salt is None or row.sealed is None or seal != _sha(f"{row.salt}{row.sealed}"):
        return "was changed after it was written"
    return "" if erasure is None else "was erased and has its facts again"


def _erasable(row: _Row) -> bool:
    if row.sealed is not None:
        return True
    entry = json.loads(row.entry)
    return "v" not in entry and "erased" not in entry and bool(_split(entry["facts"])[1])


def _personal(row: _Row) -> dict[str, str]:
    """The facts that can be erased."""
    if row.sealed is None:
        return _split(json.loads(row.entry)["facts"])[1]
    found: dict[str, str] = json.loads(row.sealed)
    return found


def _entry(row: _Row) -> Entry:
    entry = json.loads(row.entry)
    sealed = json.loads(row.sealed) if row.sealed is not None else {}
    told = {name: entry[name] for name in ("actor", "action", "subject")}
    lost = "erased" in entry or ("seal" in entry and row.sealed is None)
    return Entry(**told, facts={**entry["facts"], **sealed}, is_erased=lost)
