"""Version 5: what was written can be taken back: which proposal undoes which, and which changes are gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_UNDOING = sa.text("undoes IS NOT NULL")


def upgrade() -> None:
    op.add_column("proposals", sa.Column("undoes", sa.String(length=32), nullable=True))
    op.add_column("effects", sa.Column("undone_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_proposals_undoes", "proposals", ["undoes"], sqlite_where=_UNDOING, postgresql_where=_UNDOING)


def downgrade() -> None:
    """Which changes were taken back would be forgotten, and they would be offered again."""
    raise NotImplementedError("restore a backup instead: going back would forget what was taken back")
