"""Moves everything Strata keeps from its SQLite files to PostgreSQL, and says where two stores stand.

Owns the order of a move: threads first, the record last and in one transaction, so the target is whole or empty.
Deletes nothing in the source.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.checkpoints import sqlite as checkpoints_file
from bot.checkpoints.copying import Threads, copy_threads
from bot.checkpoints.opening import open_checkpoints
from bot.checkpoints.sqlite import open_sqlite
from bot.record.claim import InUse, claim
from bot.record.copying import CopyRefused, Tell, copy_record
from bot.record.engine import file_of, open_engine
from bot.record.migrate import NewerRecord, current, newest, refuse_newer
from bot.record.opening import open_record
from bot.record.outages import RecordUnavailable, telling_outages
from bot.settings import BadSetting, Settings
from bot.work.delivery import InProcess

CHECKPOINTS = "checkpoints.db"


@dataclass(frozen=True)
class Standing:
    """The schema version of one store; `found` is None where nothing was made yet."""

    store: str
    found: str | None
    newest: str

    @property
    def is_behind(self) -> bool:
        return self.found != self.newest


@dataclass(frozen=True)
class Moved:
    rows: Mapping[str, int]
    threads: Threads | None
    """None where the source had no file with checkpoints."""


async def standing(settings: Settings) -> tuple[Standing, Standing]:
    """Of the record and of the checkpoints; makes and changes nothing. Raises `BadSetting`, `RecordUnavailable`."""
    return await _record(settings), await _checkpoints(settings)


async def bring_up(settings: Settings) -> None:
    """Record and checkpoints, to the newest schema. Raises `BadSetting`, `RecordUnavailable`."""
    record = await open_record(settings, InProcess())
    await record.close()
    async with open_checkpoints(settings):
        pass


async def _record(settings: Settings) -> Standing:
    found = None
    file = file_of(settings.record_url)
    if file is None or file.exists():
        engine = open_engine(settings.record_url)
        try:
            found = await current(engine)
            refuse_newer(found)
        except NewerRecord as error:
            raise BadSetting(str(error)) from None
        except (SQLAlchemyError, OSError) as error:
            raise RecordUnavailable(
                f"the record cannot be asked ({type(error).__name__}): see STRATA_RECORD_URL"
            ) from error
        finally:
            await engine.dispose()
    return Standing("record", found, newest())


async def _checkpoints(settings: Settings) -> Standing:
    if file_of(settings.record_url) is not None:
        return Standing("checkpoints", checkpoints_file.level(settings.checkpoints_path), checkpoints_file.NEWEST)
    from bot.checkpoints import postgres

    return Standing("checkpoints", await postgres.level(settings.record_url), postgres.NEWEST)


async def move(settings: Settings, source: Path, tell: Tell) -> Moved:
    """From the SQLite record `source`, and the checkpoints beside it, to the stores of the settings.

    Raises `BadSetting`, `CopyRefused`, `bot.record.audit.AuditBroken`, `RecordUnavailable`.
    """
    if file_of(settings.record_url) is not None:
        raise BadSetting("a record is copied to PostgreSQL: set STRATA_RECORD_URL to postgresql+psycopg://…")
    if not source.is_file():  # noqa: ASYNC240  # once, before anything else runs
        raise BadSetting(
            f"{source} is not there: name the SQLite record to copy, as a path or sqlite+aiosqlite:///path"
        )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_alone(source))
        old = open_engine(f"sqlite+aiosqlite:///{source}")
        stack.push_async_callback(old.dispose)
        record = await open_record(settings, InProcess())
        stack.push_async_callback(record.close)
        # Before the copy's transaction begins: building its indexes waits for all that are under way.
        target = await stack.enter_async_context(open_checkpoints(settings))
        file = source.with_name(CHECKPOINTS)
        kept = await stack.enter_async_context(open_sqlite(file)) if file.exists() else None
        threads: list[Threads] = []

        async def also() -> None:
            if kept is not None:
                threads.append(await copy_threads(kept, target, lambda done, of: tell("threads", done, of)))

        try:
            with telling_outages("one of the two records"):
                rows = await copy_record(old, record.engine, also, tell)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise CopyRefused(f"{source} cannot be copied ({type(error).__name__}): nothing was kept") from error
    return Moved(rows, threads[0] if threads else None)


@asynccontextmanager
async def _alone(source: Path) -> AsyncIterator[None]:
    """No bot may work on the source, nor be started on it in the meantime."""
    try:
        held = await claim(source, alone=True)
    except InUse as error:
        raise CopyRefused(str(error)) from None
    try:
        yield
    finally:
        held.release()
