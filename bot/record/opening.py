"""Opens the record of the settings and brings it to this program's schema, or says in a sentence why that cannot be."""

from __future__ import annotations

from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from bot.record.migrate import upgrade
from bot.record.record import Record, Waker
from bot.settings import BadSetting, Settings
from graphs.errors import Outage


class RecordUnavailable(Outage):
    """The database cannot be reached or brought to this program's schema."""


async def open_record(settings: Settings, waker: Waker) -> Record:
    """At the newest schema. Raises `BadSetting`, `RecordUnavailable`."""
    try:
        settings.strata_directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        folder = settings.strata_directory
        raise BadSetting(f"STRATA_DIRECTORY {folder} cannot be used as a folder ({error.strerror})") from None
    try:
        record = Record(settings.record_url, waker)
    except (SQLAlchemyError, ValueError, OSError) as error:
        raise BadSetting(f"STRATA_RECORD_URL cannot be used ({type(error).__name__})") from None
    try:
        await upgrade(record.engine)
    except (SQLAlchemyError, CommandError, OSError) as error:
        await record.close()
        # Not the error's text: it can hold the address with its password.
        raise RecordUnavailable(
            f"the record cannot be opened ({type(error).__name__}): see STRATA_RECORD_URL"
        ) from error
    return record
