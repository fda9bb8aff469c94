"""Version 6: a day in Slack: cards that were put off, people who are away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snoozes",
        sa.Column("proposal_id", sa.String(length=32), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_snoozes_proposal_id"),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_snoozes"),
    )
    op.create_table(
        "absences",
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("first", sa.String(length=10), nullable=False),
        sa.Column("last", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_absences"),
    )
    op.create_index("ix_absences_last", "absences", ["last"])


def downgrade() -> None:
    """Nothing that was decided or written is lost with these."""
    op.drop_table("absences")
    op.drop_table("snoozes")
