"""Turns an edit form into a new proposal with its own digest. Submitting the form approves that one and no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.record.record import Transaction
from bot.slack.payloads import EditForm, RejectForm
from graphs.answers import Gathered, Screened
from graphs.model import Comment, LayerId, Millis, OwnerId, Proposal, SlackUserId
from graphs.owners import Owners
from graphs.ports import Taxonomy
from graphs.proposing import digest_of, operations_for, proposal_id
from graphs.state import Step
from prompts.loader import Prompt

MAX_COMMENT = 2000


class Editing:
    def __init__(self, taxonomy: Taxonomy, owners: Owners, comment: Prompt, redact: Callable[[str], str]) -> None:
        self._taxonomy = taxonomy
        self._owners = owners
        self._comment = comment
        self.redacted = redact

    def named(self, form: RejectForm) -> LayerId | None:
        """The layer that the person calls right, where there is such a one."""
        return form.layer if form.layer in self._taxonomy.layers else None

    async def proposal(
        self, tx: Transaction, old: Proposal, form: EditForm, editor: SlackUserId, now: Millis
    ) -> Proposal | None:
        """The edited proposal; None when it would write nothing or names what does not exist."""
        screened = await tx.triages.recall(old.triage, Step.SCREEN)
        gathered = await tx.triages.recall(old.triage, Step.GATHER)
        if screened is None or gathered is None or form.layer not in self._taxonomy.layers:
            return None
        owner = self._owners.find(form.owner, old.target.tracker) if form.owner else None
        if form.owner and owner is None:
            return None
        suggested = operations_for(
            Screened.model_validate_json(screened).ticket,
            layer=form.layer,
            kind=form.kind,
            owner=owner,
            taxonomy=self._taxonomy,
            tracker_labels=Gathered.model_validate_json(gathered).tracker_labels,
            comment=self._comment,
        )
        kept = tuple(one for one in suggested if not isinstance(one, Comment))
        text = self.redacted(form.comment.strip())[:MAX_COMMENT]
        operations = (*kept, Comment(body=text)) if text else kept
        if not operations:
            return None
        what = {
            "id": proposal_id(old.triage, old.id, editor, form.model_dump_json()),
            "operations": operations,
            "digest": digest_of(old.target, old.seen, operations, old.versions),
            "layer": form.layer,
            "kind": form.kind,
            "owner": owner,
        }
        return _in_place_of(old, what, editor, now)

    async def passed_on(self, tx: Transaction, old: Proposal, to: OwnerId, now: Millis) -> Proposal | None:
        """The same layer and kind for another owner; None when that owner is unknown or nothing would be written."""
        found = self._owners.find(to, old.target.tracker)
        screened = await tx.triages.recall(old.triage, Step.SCREEN)
        gathered = await tx.triages.recall(old.triage, Step.GATHER)
        if found is None or screened is None or gathered is None:
            return None
        owner = found.model_copy(update={"reason": "another team passed it on"})
        operations = operations_for(
            Screened.model_validate_json(screened).ticket,
            layer=old.layer,
            kind=old.kind,
            owner=owner,
            taxonomy=self._taxonomy,
            tracker_labels=Gathered.model_validate_json(gathered).tracker_labels,
            comment=self._comment,
        )
        what = {
            "id": proposal_id(old.triage, old.id, "passed on", to),
            "operations": operations,
            "digest": digest_of(old.target, old.seen, operations, old.versions),
            "owner": owner,
        }
        return _in_place_of(old, what, None, now) if operations else None

    @staticmethod
    def alternative(old: Proposal, number: int, editor: SlackUserId, now: Millis) -> Proposal | None:
        """What the card offered as its alternative of this number, to the letter; None when there was none."""
        if number >= len(old.alternatives):
            return None
        chosen = old.alternatives[number]
        what = {"id": proposal_id(old.triage, old.id, editor, f"alternative {number}"), **dict(chosen)}
        return _in_place_of(old, what, editor, now)


def _in_place_of(old: Proposal, what: Mapping[str, object], editor: SlackUserId | None, now: Millis) -> Proposal:
    return old.model_copy(
        update={
            **what,
            "alternatives": (),
            "created_at": now,
            "expires_at": Millis(now + (old.expires_at - old.created_at)),
            "edited_by": editor,
            "replaces": old.id,
        }
    )
