"""Runs migrations on the connection that `bot.record.migrate` hands over."""

from __future__ import annotations

from alembic import context

from bot.record.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
