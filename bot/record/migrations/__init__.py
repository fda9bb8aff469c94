"""Schema versions, applied by Alembic; `upgrade` brings a database to the newest one."""
