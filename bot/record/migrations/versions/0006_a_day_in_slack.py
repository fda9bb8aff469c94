"""Version 6: a day in Slack: cards that were put off or reported, questions to reporters, people who are away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


_ASKING = sa.text("asks IS NOT NULL")


def upgrade() -> None:
    op.add_column("proposals", sa.Column("asks", sa.String(length=32), nullable=True))
    op.create_index("ix_proposals_asks", "proposals", ["asks"], sqlite_where=_ASKING, postgresql_where=_ASKING)
    op.create_table(
        "incidents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("proposal_id", sa.String(length=32), nullable=False),
        sa.Column("ticket_key", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_incidents_proposal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_ticket_key", "incidents", ["ticket_key"])
    op.create_table(
        "consents",
        sa.Column("proposal_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_consents_proposal_id"),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_consents"),
    )
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
    """Reports of cards would be forgotten, and questions would be taken for proposals."""
    raise NotImplementedError("restore a backup instead: going back would forget what people have reported")
