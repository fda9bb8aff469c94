"""What both checkpointers have in common: an outage is told as one, and what cannot be read counts as not there.

A thread without a readable checkpoint is a thread that was lost: its ticket is triaged anew from the record, and a
decision that was stored is carried out all the same.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import structlog
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.pregel._checkpoint import LATEST_VERSION  # of the format that the graph can go on from

from bot.checkpoints.strict import Unreadable
from bot.record.outages import telling_outages

log = structlog.get_logger(__name__)

STORE = "the store of the checkpoints"
BROKEN = (Unreadable, ValueError, TypeError, KeyError, IndexError, AttributeError, NotImplementedError)
"""What reading damaged bytes can end in."""
_PARTS: dict[str, type] = {
    "v": int,
    "id": str,
    "channel_values": dict,
    "channel_versions": dict,
    "versions_seen": dict,
}


class Guarded(BaseCheckpointSaver[str]):
    """To be mixed into an official checkpointer, before it."""

    @abstractmethod
    async def threads(self) -> list[str]:
        """Ids of all threads that have checkpoints."""

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """None also for a checkpoint that is damaged, hostile or from a newer program; that is logged as an error."""
        try:
            with telling_outages(STORE):
                found = await super().aget_tuple(config)
            if found is not None:
                check(found)
        except BROKEN as error:
            why = str(error) if isinstance(error, Unreadable) else type(error).__name__
            thread = config["configurable"]["thread_id"]
            log.error("a checkpoint cannot be read: its thread is given up", thread=thread, why=why)  # noqa: TRY400  # told above
            return None
        return found

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        with telling_outages(STORE):
            return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, object]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        with telling_outages(STORE):
            await super().aput_writes(config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        with telling_outages(STORE):
            await super().adelete_thread(thread_id)


def check(found: CheckpointTuple) -> None:
    """Raises `Unreadable` for a checkpoint that no graph of this program could go on from."""
    checkpoint: object = found.checkpoint
    if not isinstance(checkpoint, dict):
        raise Unreadable("it is no checkpoint")
    wrong = [part for part, kind in _PARTS.items() if not isinstance(checkpoint.get(part), kind)]
    if wrong:
        raise Unreadable(f"it has no {wrong[0]}")
    if checkpoint["v"] > LATEST_VERSION:
        raise Unreadable(f"it has format {checkpoint['v']}, newer than {LATEST_VERSION}")
