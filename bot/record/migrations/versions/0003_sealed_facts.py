"""Version 3: facts that may speak of a person stand sealed beside the audit entry, so that they can be erased.

Entries that are there already stay as they are and verify by the formula of their time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit", sa.Column("salt", sa.String(length=32), nullable=True))
    op.add_column("audit", sa.Column("sealed", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("reporter", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Sealed facts cannot become part of the hashed text again."""
    raise NotImplementedError("restore a backup instead: going back would break the audit chain")
