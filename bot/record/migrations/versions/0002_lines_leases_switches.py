"""Version 2: lines of jobs that are fair to each install, leases of roles, switches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INDEXES = (
    # name, columns, rows
    ("ix_jobs_leased", ["lease_until"], "state = 'leased'"),
    ("ix_jobs_line", ["kind", "turn", "id"], "state = 'ready' AND turn IS NOT NULL"),
    ("ix_jobs_line_new", ["kind", "install", "turn"], "turn IS NOT NULL AND fence = 0"),
    ("ix_jobs_line_again", ["kind", "install", "turn"], "turn IS NOT NULL AND fence > 0 AND finished_at IS NULL"),
    ("ix_jobs_served", ["kind", "turn"], "state <> 'ready' AND turn IS NOT NULL"),
    ("ix_jobs_waiting", ["run_at"], "state = 'ready' AND turn IS NULL"),
    ("ix_jobs_open", ["since"], "finished_at IS NULL"),
    ("ix_jobs_ticket", ["ticket_key"], "finished_at IS NULL"),
    ("ix_jobs_dead", ["id"], "state = 'dead'"),
)
_INSTALL = {
    "sqlite": "substr(ticket_key, 1, instr(ticket_key, ':')"
    " + instr(substr(ticket_key, instr(ticket_key, ':') + 1), ':') - 1)",
    "postgresql": "split_part(ticket_key, ':', 1) || ':' || split_part(ticket_key, ':', 2)",
}


def upgrade() -> None:
    # With defaults in the database: what a program of version 1 still adds meanwhile can be claimed like everything.
    op.add_column("jobs", sa.Column("install", sa.String(length=128), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("turn", sa.BigInteger(), nullable=True))
    op.add_column("jobs", sa.Column("since", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("retried", sa.Integer(), nullable=False, server_default="0"))
    _fill()
    op.drop_index("ix_jobs_state_kind_run_at", "jobs")
    op.drop_index("ix_jobs_ticket_key_state", "jobs")
    _partial("uq_jobs_leased_ticket", ["ticket_key"], "state = 'leased'", unique=True)
    for name, columns, rows in _INDEXES:
        _partial(name, columns, rows)

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=128), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )


def _fill() -> None:
    """Open jobs have no turn yet: they line up at the first claim, in the order of their times."""
    install = _INSTALL[op.get_bind().dialect.name]
    op.execute(f"UPDATE jobs SET install = {install} WHERE ticket_key LIKE '%:%:%'")  # noqa: S608  # the text above
    # There are no two leased jobs of one ticket; if there were, the index below could not be made.
    op.execute(
        "UPDATE jobs SET state = 'ready', lease_owner = NULL WHERE state = 'leased' AND EXISTS"
        " (SELECT 1 FROM jobs later WHERE later.ticket_key = jobs.ticket_key AND later.state = 'leased'"
        " AND later.id > jobs.id)"
    )


def _partial(name: str, columns: list[str], rows: str, *, unique: bool = False) -> None:
    where = sa.text(rows)
    op.create_index(name, "jobs", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Version 1 has no place for turns, leases and switches."""
    raise NotImplementedError("restore a backup instead: going back would forget who was paused and why")
