"""Opens the record of the settings and brings it to this program's schema, or says in a sentence why that cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from bot.record.claim import Claim, InUse, claim
from bot.record.engine import file_of
from bot.record.migrate import NewerRecord, current, newest, upgrade
from bot.record.outages import RecordUnavailable
from bot.record.record import Record, Waker
from bot.settings import BadSetting, Settings

__all__ = ["RecordUnavailable", "open_record", "record_there"]


class _OneHost(Record):
    """A record in an SQLite file, which this host has to itself."""

    def __init__(self, url: str, waker: Waker, held: Claim) -> None:
        super().__init__(url, waker)
        self._held = held

    async def close(self) -> None:
        await super().close()
        self._held.release()


async def open_record(settings: Settings, waker: Waker) -> Record:
    """At the newest schema. Raises `BadSetting`, `RecordUnavailable`."""
    try:
        settings.strata_directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        folder = settings.strata_directory
        raise BadSetting(f"STRATA_DIRECTORY {folder} cannot be used as a folder ({error.strerror})") from None
    record = await _open(settings.record_url, waker)
    try:
        await upgrade(record.engine)
    except NewerRecord as error:
        await record.close()
        raise BadSetting(str(error)) from None
    except (SQLAlchemyError, CommandError, OSError, RecordUnavailable) as error:
        await record.close()
        if isinstance(error, RecordUnavailable):
            raise
        # Not the error's text: it can hold the address with its password.
        raise RecordUnavailable(
            f"the record cannot be opened ({type(error).__name__}): see STRATA_RECORD_URL"
        ) from error
    return record


@asynccontextmanager
async def record_there(settings: Settings) -> AsyncIterator[Record | None]:
    """The record, for looking only: nothing is made, brought up to date or claimed. None where there is none to read:
    it is not there, of another version, or cannot be reached."""
    record = None
    try:
        file = file_of(settings.record_url)
        if file is None or file.exists():
            record = Record(settings.record_url, _Nobody())
        there = record is not None and await current(record.engine) == newest()
    except (SQLAlchemyError, ValueError, OSError, RecordUnavailable):
        there = False
    try:
        yield record if there else None
    finally:
        if record is not None:
            await record.close()


class _Nobody:
    """Whoever only looks wakes nobody."""

    def wake(self, kinds: Iterable[str]) -> None:
        raise AssertionError(f"a look has added work: {kinds}")


async def _open(url: str, waker: Waker) -> Record:
    held = None
    try:
        file = file_of(url)
        if file is None:
            return Record(url, waker)
        file.parent.mkdir(parents=True, exist_ok=True)
        held = await claim(file)
        return _OneHost(url, waker, held)
    except InUse as error:
        raise RecordUnavailable(str(error)) from None
    except (SQLAlchemyError, ValueError, OSError) as error:
        if held is not None:
            held.release()
        raise BadSetting(f"STRATA_RECORD_URL cannot be used ({type(error).__name__})") from None
