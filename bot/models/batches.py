"""Sends many questions as one Message Batch and reads what became of them. Implements `graphs.agent.batching.Batches`.

Owns the vendor's words for a batch. Tries nothing twice: whoever sends has to look first whether an earlier try got
through. Results are read line by line, so that one broken line costs one answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal, cast

import httpx2
from anthropic import APIConnectionError, APIStatusError, AsyncAnthropic
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from bot.models import wire
from bot.models.talker import status_error
from bot.models.wire import Garbled
from graphs.agent.batching import Missed, Standing
from graphs.agent.talk import ModelAway, Reply, Request
from graphs.model import Millis

if TYPE_CHECKING:
    from anthropic.types.messages.batch_create_params import Request as BatchRequest

SEND_S, ASK_S, READ_S = 300.0, 60.0, 600.0
"""For sending a batch of some megabytes, for a question about one, and for reading its results."""
MOST_LISTED: Final = 200
MOST_LINE: Final = 1_000_000
_NAME = "the model service's batches"


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Counts(_Wire):
    canceled: int = 0
    errored: int = 0
    expired: int = 0
    processing: int = 0
    succeeded: int = 0

    @property
    def whole(self) -> int:
        return self.canceled + self.errored + self.expired + self.processing + self.succeeded


class _Batch(_Wire):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")]
    processing_status: Literal["in_progress", "canceling", "ended"]
    created_at: datetime
    expires_at: datetime | None = None
    request_counts: _Counts = _Counts()


class _Result(_Wire):
    type: str
    message: JsonValue = None


class _Line(_Wire):
    custom_id: Annotated[str, Field(max_length=200)]
    result: _Result


_BATCHES = TypeAdapter(list[_Batch])


class ClaudeBatches:
    def __init__(self, client: AsyncAnthropic) -> None:
        """Only the vendor's own service has batches, or a server that does as it does."""
        self._batches = client.messages.batches

    async def send(self, questions: Sequence[tuple[str, Request]]) -> str:
        asked = [{"custom_id": name, "params": wire.params_of(request)} for name, request in questions]
        async with _told(SEND_S):
            made = await self._batches.create(requests=cast("Iterable[BatchRequest]", asked), timeout=SEND_S)
            return _Batch.model_validate(made.model_dump(mode="json", warnings=False)).id

    async def sent_since(self, at: Millis, count: int) -> Sequence[str]:
        async with _told(ASK_S):
            page = await self._batches.list(limit=MOST_LISTED // 2)
            found = _BATCHES.validate_python([one.model_dump(mode="json", warnings=False) for one in page.data])
            if page.has_next_page() and found and _millis(found[-1].created_at) >= at:
                more = await page.get_next_page()
                found += _BATCHES.validate_python([one.model_dump(mode="json", warnings=False) for one in more.data])
        fitting = [one for one in found if _millis(one.created_at) >= at and one.request_counts.whole == count]
        return [one.id for one in sorted(fitting, key=lambda one: one.created_at)]

    async def look(self, batch: str) -> Standing:
        async with _told(ASK_S):
            told = await self._batches.retrieve(batch)
            found = _Batch.model_validate(told.model_dump(mode="json", warnings=False))
        ends = None if found.expires_at is None else _millis(found.expires_at)
        return Standing(ended=found.processing_status == "ended", expires_at=ends)

    async def read(self, batch: str) -> Mapping[str, Reply | Missed]:
        found: dict[str, Reply | Missed] = {}
        async with _told(READ_S), self._batches.with_streaming_response.results(batch) as response:
            async for line in response.iter_lines():
                if (one := _line(line)) is not None:
                    found[one.custom_id] = _outcome(one.result)
        return found


def _line(text: str) -> _Line | None:
    """None for a line of which not even the question's name can be read: it counts as lost."""
    try:
        return _Line.model_validate(json.loads(text)) if 0 < len(text) <= MOST_LINE else None
    except (ValueError, RecursionError):
        return None


def _outcome(result: _Result) -> Reply | Missed:
    match result.type:
        case "succeeded":
            try:
                return wire.read_reply(result.message)
            except Garbled:
                return Missed.UNREADABLE
        case "errored" | "expired" | "canceled":
            return Missed(result.type)
        case _:
            return Missed.UNREADABLE


@asynccontextmanager
async def _told(seconds: float) -> AsyncIterator[None]:
    """The SDK's failures in our words."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise ModelAway(f"{_NAME} did not answer in time") from None
    except APIStatusError as error:
        raise status_error(_NAME, error) from None
    except (APIConnectionError, httpx2.HTTPError) as error:
        raise ModelAway(f"{_NAME} cannot be reached ({type(error).__name__})") from None
    except ValidationError:
        raise ModelAway(f"{_NAME} sent an answer of another form than it promises") from None


def _millis(moment: datetime) -> Millis:
    return Millis(int(moment.timestamp() * 1000))
