"""The schema of the record, for SQLite and PostgreSQL alike.

Owns table and index definitions. Must not hold queries: each repository beside this file owns those.
Times are milliseconds since 1970 UTC by the store's own clock; bodies are JSON written by Pydantic.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.record.prose import Prose

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SERIAL = BigInteger().with_variant(Integer, "sqlite")

inbox = Table(
    "inbox",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("provider", String(16), nullable=False),
    Column("install", String(64), nullable=False),
    Column("delivery_id", String(255), nullable=False),
    Column("name", String(64), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("why", Prose, nullable=False),
    Column("ticket_key", String(400)),
    Column("received_at", BigInteger, nullable=False),
    UniqueConstraint("provider", "install", "delivery_id"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("provider", String(16), nullable=False),
    Column("install", String(64), nullable=False),
    Column("delivery_id", String(255), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("why", Prose, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    UniqueConstraint("provider", "install", "delivery_id", "body_sha256"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("key", String(500), unique=True),
    Column("ticket_key", String(400)),
    Column("body", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("run_at", BigInteger, nullable=False),
    Column("lease_owner", String(64)),
    Column("lease_until", BigInteger),
    Column("fence", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("error", Prose, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index(None, "state", "kind", "run_at"),
    Index(None, "ticket_key", "state"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("ref", Text, nullable=False),
    Column("live_triage", String(32)),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
)

triages = Table(
    "triages",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("ticket_key", String(400), ForeignKey("tickets.key"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("why", Prose, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index(None, "state", "created_at"),
)

steps = Table(
    "steps",
    metadata,
    Column("triage_id", String(32), ForeignKey("triages.id"), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("triage_id", String(32), ForeignKey("triages.id"), nullable=False, index=True),
    Column("ticket_key", String(400), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("replaces", String(32)),
)

decisions = Table(
    "decisions",
    metadata,
    # One row at most for each proposal: inserting it is the compare-and-set from "undecided".
    Column("proposal_id", String(32), ForeignKey("proposals.id"), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("proposal_id", String(32), ForeignKey("proposals.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("ticket_key", String(400), nullable=False),
    Column("operation", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("detail", Prose, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    UniqueConstraint("proposal_id", "position"),
    Index(None, "ticket_key", "changed_at"),
)

effects = Table(
    "effects",
    metadata,
    Column("outbox_id", _SERIAL, ForeignKey("outbox.id"), primary_key=True),
    Column("ticket_key", String(400), nullable=False, index=True),
    Column("field", String(16), nullable=False),
    Column("value", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

cards = Table(
    "cards",
    metadata,
    Column("triage_id", String(32), ForeignKey("triages.id"), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("state", String(8), nullable=False),
    Column("ts", String(32)),
    Column("shown", String(64), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("user", String(32), primary_key=True),
    Column("body", Text, nullable=False),
    Column("checked_at", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("subject", String(400), nullable=False, index=True),
    Column("entry", Text, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
