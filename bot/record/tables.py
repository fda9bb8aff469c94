"""The schema of the record, for SQLite and PostgreSQL alike.

Owns table and index definitions. Must not hold queries: each repository beside this file owns those.
Times are milliseconds since 1970 UTC by the store's own clock; bodies are JSON written by Pydantic.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    text,
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


def _some(name: str, columns: str, where: str, *, unique: bool = False) -> Index:
    """An index over the rows that a query looks through, and no others."""
    chosen = text(where)
    names = columns.split()
    return Index(name, *names, unique=unique, sqlite_where=chosen, postgresql_where=chosen)


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
    # Whose turn it is to pay for: `tracker:install`, or nothing for work that is not for a tracker.
    Column("install", String(128), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("run_at", BigInteger, nullable=False),
    # Its place in the line of its kind; none while it waits for `run_at`. See `bot.record.line`.
    Column("turn", BigInteger),
    # When the present wait or lease began, 0 in line. In the future it can only be after the clock was set back.
    Column("since", BigInteger, nullable=False),
    Column("lease_owner", String(64)),
    Column("lease_until", BigInteger),
    Column("fence", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    # How often an operator gave it another chance.
    Column("retried", Integer, nullable=False),
    Column("error", Prose, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    # The guarantee that a ticket is worked on by one worker at a time.
    _some("uq_jobs_leased_ticket", "ticket_key", "state = 'leased'", unique=True),
    _some("ix_jobs_leased", "lease_until", "state = 'leased'"),
    _some("ix_jobs_line", "kind turn id", "state = 'ready' AND turn IS NOT NULL"),
    _some("ix_jobs_line_new", "kind install turn", "turn IS NOT NULL AND fence = 0"),
    _some("ix_jobs_line_again", "kind install turn", "turn IS NOT NULL AND fence > 0 AND finished_at IS NULL"),
    _some("ix_jobs_served", "kind turn", "state <> 'ready' AND turn IS NOT NULL"),
    _some("ix_jobs_waiting", "run_at", "state = 'ready' AND turn IS NULL"),
    _some("ix_jobs_open", "since", "finished_at IS NULL"),
    _some("ix_jobs_ticket", "ticket_key", "finished_at IS NULL"),
    _some("ix_jobs_dead", "id", "state = 'dead'"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("ref", Text, nullable=False),
    Column("live_triage", String(32)),
    # A keyed hash of who filed it, once the text is gone: by it a person's tickets are found. See `bot.record.erasure`.
    Column("reporter", String(64)),
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
    # Tickets as they were read, in order of time: what the search for similar ones follows. See `bot.record.seen`.
    _some("ix_steps_screened", "at triage_id", "name = 'screen'"),
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
    # The proposal whose changes this one takes back.
    Column("undoes", String(32)),
    # The waiting proposal beside which this one asks the reporter a question.
    Column("asks", String(32)),
    _some("ix_proposals_undoes", "undoes", "undoes IS NOT NULL"),
    _some("ix_proposals_asks", "asks", "asks IS NOT NULL"),
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

lessons = Table(
    "lessons",
    metadata,
    # The agent's proposal that an approver decided. What was decided and by whom stands there; here is what is counted
    # and searched by. See `bot.record.lessons`.
    Column("proposal_id", String(32), ForeignKey("proposals.id"), primary_key=True),
    Column("ticket_key", String(400), nullable=False, index=True),
    Column("place", String(300), nullable=False),
    Column("engine", String(64), nullable=False),
    Column("said", String(64), nullable=False),
    # The engine's probability for what it said, in percent.
    Column("share", Integer, nullable=False),
    # The right layer, where the decision names it.
    Column("layer", String(64)),
    # Whether the layer was right; nothing where the decision does not say.
    Column("was_right", Boolean),
    Column("by", String(32), nullable=False),
    Column("forgotten", Boolean, nullable=False),
    # Number of the audit entry by which this row is as it is: it only grows, in the order of the commits.
    Column("seq", BigInteger, nullable=False),
    Index(None, "place", "seq"),
    Index(None, "place", "engine", "said", "seq"),
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
    # When it was taken back, or found gone.
    Column("undone_at", BigInteger),
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
    # Facts that may speak of a person, and the salt of their seal: what an erasure deletes. See `bot.record.audit`.
    Column("salt", String(32)),
    Column("sealed", Text),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("owner", String(128)),
    Column("fence", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
)

snoozes = Table(
    "snoozes",
    metadata,
    # A waiting proposal that a person put off. The row stays when it is back: it holds the new end of its time.
    Column("proposal_id", String(32), ForeignKey("proposals.id"), primary_key=True),
    # Nothing: it is back.
    Column("until", BigInteger),
    Column("due_at", BigInteger, nullable=False),
    Column("by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    # The first of two approvals; the second one is the decision.
    Column("proposal_id", String(32), ForeignKey("proposals.id"), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    # Cards that somebody has reported.
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("proposal_id", String(32), ForeignKey("proposals.id"), nullable=False),
    Column("ticket_key", String(400), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("note", Prose, nullable=False),
    Column("by", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
)

absences = Table(
    "absences",
    metadata,
    # Days on which a person said to be away, both included, as ISO dates; one stretch for each person.
    Column("user", String(32), primary_key=True),
    Column("first", String(10), nullable=False),
    Column("last", String(10), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
)

switches = Table(
    "switches",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("is_on", Boolean, nullable=False),
    Column("by", String(128), nullable=False),
    Column("why", Prose, nullable=False),
    Column("at", BigInteger, nullable=False),
)
