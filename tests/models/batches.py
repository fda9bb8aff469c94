"""The Message Batches of the scripted Messages API: taken, polled, and their results told in another order.

Owns the wire only. What becomes of a question is the test's: an answer, or one of the service's other endings.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.sandbox.model.scripted import Fails, HangsUp, Json, Says

PATH = "/v1/messages/batches"
Fate = Says | str
"""What a model says; or `errored`, `expired`, `canceled`, `garbage`, `silence`."""


@dataclass
class Batch:
    id: str
    questions: list[Json]
    polls: int
    made: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class BatchDesk:
    """`fate` says what becomes of a question, by its request."""

    fate: Callable[[Json], Fate]
    polls: int = 1
    """Looks at a batch before it has ended."""
    lose_answers: int = 0
    """So many batches are taken, and whoever sent them hears nothing."""
    refuse: Fails | None = None
    url: str = ""
    taken: list[Batch] = field(default_factory=list)

    @property
    def questions(self) -> int:
        return sum(len(one.questions) for one in self.taken)

    def answer(self, method: str, path: str, asked: Json) -> bytes | Fails | HangsUp | None:
        path, _, _ = path.partition("?")
        if not path.startswith(PATH):
            return None
        if self.refuse is not None:
            return self.refuse
        rest = path.removeprefix(PATH).strip("/").split("/")
        if method == "POST":
            return self._take(asked)
        if rest == [""]:
            listed = [self._shown(one) for one in reversed(self.taken)]
            return json.dumps({"data": listed, "has_more": False, "first_id": None, "last_id": None}).encode()
        batch = next(one for one in self.taken if one.id == rest[0])
        if rest[-1] == "results":
            return b"".join(self._line(one) for one in reversed(batch.questions))
        batch.polls -= 1
        return json.dumps(self._shown(batch)).encode()

    def _take(self, asked: Json) -> bytes | HangsUp:
        questions = asked["requests"]
        assert isinstance(questions, list)
        batch = Batch(f"msgbatch_{len(self.taken) + 1}", questions, self.polls)
        self.taken.append(batch)
        if self.lose_answers:
            self.lose_answers -= 1
            return HangsUp()
        return json.dumps(self._shown(batch)).encode()

    def _shown(self, batch: Batch) -> Json:
        ended, size = batch.polls < 0, len(batch.questions)
        counts = {"canceled": 0, "errored": 0, "expired": 0, "processing": 0 if ended else size}
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "created_at": batch.made.isoformat(),
            "expires_at": (batch.made + timedelta(days=1)).isoformat(),
            "request_counts": {**counts, "succeeded": size if ended else 0},
            "results_url": f"{self.url}{PATH}/{batch.id}/results" if ended else None,
        }

    def _line(self, question: Json) -> bytes:
        params = question["params"]
        assert isinstance(params, dict)
        match self.fate(params):
            case Says() as says:
                message = {
                    "id": "msg_01",
                    "type": "message",
                    "role": "assistant",
                    "model": params["model"],
                    "content": list(says.blocks),
                    "stop_reason": says.stop,
                    "usage": says.usage,
                }
                result: Json = {"type": "succeeded", "message": message}
            case "garbage":
                return b'{"custom_id": "half\n'
            case "silence":
                return b""
            case "errored":
                error = {"type": "error", "error": {"type": "invalid_request_error", "message": "canary-in-an-error"}}
                result = {"type": "errored", "error": error}
            case kind:
                result = {"type": kind}
        return json.dumps({"custom_id": question["custom_id"], "result": result}).encode() + b"\n"
