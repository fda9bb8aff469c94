"""The off switch: a setting, a file in the data folder, or `strata pause` for all processes. Any of them is enough.

Every process looks into the record every few seconds, and at once when told that the switch was turned. A record that
cannot be read leaves the switch as it was: nothing is proposed or written without the record anyway. The executor asks
the record itself, in the transaction that comes before each write.
"""

from __future__ import annotations

import asyncio

import structlog

from bot.record.record import Record, Transaction
from bot.settings import Settings
from graphs.errors import Outage

log = structlog.get_logger(__name__)

PAUSE_FILE = "PAUSED"
SWITCH = "all"
LOOK_S = 2.0


def channel_switch(channel: str) -> str:
    """The switch that stops new cards and reminders in one channel."""
    return f"channel:{channel}"


async def is_channel_paused(tx: Transaction, channel: str) -> bool:
    found = await tx.switches.get(channel_switch(channel))
    return found is not None and found.on


async def is_paused(tx: Transaction) -> bool:
    """What the record says at this moment."""
    found = await tx.switches.get(SWITCH)
    return found is not None and found.on


class PauseSwitch:
    """Asked before every step that proposes or writes."""

    def __init__(self, settings: Settings, record: Record) -> None:
        self._setting = settings.strata_paused
        self._file = settings.strata_directory / PAUSE_FILE
        self._record = record
        self._recorded = False
        self._told = asyncio.Event()
        self._stopping = False

    def is_on(self) -> bool:
        return self._setting or self._recorded or self._file.exists()

    async def look(self) -> None:
        """Reads the switch anew."""
        try:
            async with self._record.read() as tx:
                found = await tx.switches.get(SWITCH)
        except Outage as error:
            log.warning("the pause switch cannot be read, it stays as it was", on=self._recorded, why=str(error))
            return
        on = found is not None and found.on
        if on != self._recorded:
            log.warning("paused" if on else "resumed", by=found.by if found else "", why=found.why if found else "")
        self._recorded = on

    async def told(self, _text: str = "") -> None:
        """The switch was turned: do not wait for the next look."""
        self._told.set()

    async def run(self) -> None:
        while not self._stopping:
            self._told.clear()
            await self.look()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._told.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        self._stopping = True
        self._told.set()
