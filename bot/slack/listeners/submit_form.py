"""A submitted form: say what is wrong with it in the form itself, or store it, acknowledge, let a worker decide."""

from __future__ import annotations

import hashlib
import json

from slack_bolt.async_app import AsyncAck

from bot.slack.front import Front
from bot.slack.ids import Block
from bot.slack.payloads import EditForm, parse_submission


class SubmitForm:
    def __init__(self, front: Front) -> None:
        self._front = front

    async def __call__(self, ack: AsyncAck, body: dict[str, object], view: dict[str, object]) -> None:
        submission = parse_submission(body)
        if isinstance(submission.form, EditForm):
            problem = await self._front.form_problem(submission.value, submission.by, submission.form)
            if problem is not None:
                await ack(response_action="errors", errors={Block.LAYER: problem})
                return
        answers = hashlib.sha256(json.dumps(view.get("state"), sort_keys=True).encode()).hexdigest()
        await self._front.keep_verdict(f"form:{view.get('id')}:{submission.by.user}:{answers}"[:255], body)
        await ack()
