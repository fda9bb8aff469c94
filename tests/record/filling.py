"""Rows in every table, whatever tables there are: made up from the definitions, so that a new one is not forgotten."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table, insert

from bot.record.record import Record
from bot.record.tables import audit, audit_head, metadata

ROWS = 3
ODD = "Grüße, 世界 🎈 \\u0000 ' \" %s :x ?"


async def fill(record: Record, rows: int = ROWS) -> None:
    """Each row refers to the row with the same number in the table it refers to."""
    async with record.begin() as tx:
        for number in range(rows):
            await tx.audit.append("system", "noted", f"subject-{number}", odd=ODD)
    async with record.engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table not in (audit, audit_head):
                await connection.execute(insert(table), [_row(table, number) for number in range(rows)])


def _row(table: Table, number: int) -> dict[str, object]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: Column[object], number: int) -> object:
    for key in column.foreign_keys:
        return _value(key.column, number)
    if column.name == "state":
        return "ready"  # some indexes are for rows of one state
    if column.nullable and number == 1:
        return None
    return _of_type(column, number)


def _of_type(column: Column[object], number: int) -> object:
    match column.type:
        case Boolean():
            return number % 2 == 0
        case Integer():
            return 1_000_000_007 * (number + 1) if column.primary_key else number
        case LargeBinary():
            return bytes(range(256)) * (number + 1)
        case String(length=int(length)):
            return f"{column.name}-{number}"[-length:]
        case _:
            return f"{ODD} {number}"
