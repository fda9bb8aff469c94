"""Copies threads from one checkpointer to another through what every checkpointer offers, and compares them.

Can be done again after it was interrupted: what an earlier attempt left in the target is deleted first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple

from bot.checkpoints.guarded import BROKEN, Guarded, check
from graphs.errors import StrataError

Tell = Callable[[int, int], None]
"""How many threads are done, and of how many."""


class ThreadDiffers(StrataError):
    """A thread is not the same after it was copied."""


@dataclass(frozen=True)
class Threads:
    copied: int
    given_up: tuple[str, ...]
    """Could not be read. What waits in them is still decided from the record."""


async def copy_threads(source: Guarded, target: Guarded, tell: Tell) -> Threads:
    """Raises `ThreadDiffers`, and the databases' own errors."""
    for left in await target.threads():
        await target.adelete_thread(left)
    names = await source.threads()
    given_up: list[str] = []
    for number, thread in enumerate(names, start=1):
        try:
            steps = await _steps(source, thread)
        except BROKEN:
            given_up.append(thread)
            continue
        for one in reversed(steps):  # the oldest first, as they were written
            await _put(target, one)
        if [_content(one) for one in await _steps(target, thread)] != [_content(one) for one in steps]:
            raise ThreadDiffers(f"the thread {thread} is not the same after it was copied: please report this")
        tell(number, len(names))
    return Threads(len(names) - len(given_up), tuple(given_up))


async def _steps(saver: Guarded, thread: str) -> list[CheckpointTuple]:
    """The newest first. Raises one of `BROKEN` for what cannot be read."""
    steps = [one async for one in saver.alist({"configurable": {"thread_id": thread}})]
    for one in steps:
        check(one)
    return steps


async def _put(target: Guarded, step: CheckpointTuple) -> None:
    here = step.config["configurable"]
    place: RunnableConfig = {
        "configurable": {"thread_id": here["thread_id"], "checkpoint_ns": here["checkpoint_ns"]},
    }
    if step.parent_config is not None:
        place["configurable"]["checkpoint_id"] = step.parent_config["configurable"]["checkpoint_id"]
    stored = await target.aput(place, step.checkpoint, step.metadata, step.checkpoint["channel_versions"])
    writes: dict[str, list[tuple[str, object]]] = {}
    for task, channel, value in step.pending_writes or []:
        writes.setdefault(task, []).append((channel, value))
    for task, written in writes.items():
        await target.aput_writes(stored, written, task)


def _content(step: CheckpointTuple) -> tuple[object, ...]:
    """Without the order of tasks among each other, which each store sorts for itself."""
    parent = step.parent_config["configurable"]["checkpoint_id"] if step.parent_config else None
    writes = sorted(step.pending_writes or [], key=lambda one: one[0])
    return (step.config["configurable"]["checkpoint_id"], parent, step.checkpoint, step.metadata, writes)
