"""The store's clock in milliseconds, as a SQL expression: leases and expiry are judged by one clock only."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class StoreNow(FunctionElement[int]):
    """Milliseconds since 1970-01-01 UTC by the database server's wall clock."""

    type = BigInteger()
    inherit_cache = True


@compiles(StoreNow, "sqlite")
def _sqlite(_element: StoreNow, _compiler: SQLCompiler, **_options: object) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)"


@compiles(StoreNow, "postgresql")
def _postgresql(_element: StoreNow, _compiler: SQLCompiler, **_options: object) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
