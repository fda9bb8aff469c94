"""Shows triages in Slack: draws the card from the record, posts it once, keeps it true.

Owns the step from rows to a `CardView`. Must not decide anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from bot.crash import reached
from bot.record.cards import CardState as Posted
from bot.record.outbox import OutboxRow
from bot.record.record import Record, Transaction
from bot.service.desk import Desk
from bot.service.looking_back import looked_back
from bot.service.routing import Routes
from bot.service.undoing import is_open, undoable
from bot.slack.blocks import answers
from bot.slack.blocks.card import card
from bot.slack.blocks.message import Json, Message
from bot.slack.blocks.view import (
    Applied,
    Applying,
    Asleep,
    CardState,
    CardView,
    Failed,
    Outcome,
    Pending,
    Result,
    Stale,
    TakenBack,
    TakingBack,
    TicketFace,
)
from bot.slack.errors import SlackNotSetUp
from bot.slack.escape import mention, mrkdwn
from bot.slack.ids import CARD_EVENT, CardKey
from bot.tasks import Claimed, LeaveChannel, PostCard, RefreshCard, TellChannel, TellThread
from bot.work.lease import renew
from bot.work.pause import is_channel_paused
from bot.work.worker import TryAgain
from graphs.answers import Checked, Gathered, Screened
from graphs.approvers import Approvers
from graphs.errors import Outage, RateLimited
from graphs.model import (
    Analysis,
    Approved,
    LayerId,
    Millis,
    OutboxState,
    Proposal,
    SlackUserId,
    TicketRef,
    TriageId,
    TriageState,
)
from graphs.ports import Taxonomy
from graphs.state import Step

MOST_TOLD = 600
PAUSED_S = 30.0
UNPOSTED_S = 5.0
_OUTCOMES = {
    "applied": Outcome.DONE,
    "already_there": Outcome.ALREADY,
    "drift": Outcome.KEPT,
}


def _none(ref: TicketRef) -> tuple[str, ...]:
    del ref
    return ()


class Cards:
    def __init__(
        self,
        record: Record,
        desk: Desk,
        key: CardKey,
        taxonomy: Taxonomy,
        routes: Routes,
        approvers: Approvers,
        shortfalls: Callable[[TicketRef], tuple[str, ...]] = _none,
    ) -> None:
        self._record = record
        self._desk = desk
        self._key = key
        self._taxonomy = taxonomy
        self._routes = routes
        self._approvers = approvers
        self._shortfalls = shortfalls

    async def post(self, job: Claimed) -> None:
        """Posts the card once. Whatever happened to an earlier try is found out by looking, not by posting again."""
        assert isinstance(job.task, PostCard)
        triage = job.task.triage
        async with self._record.begin(job) as tx:
            proposal = await tx.proposals.latest(triage)
            channel = self._routes.of(proposal) if proposal else self._routes.default
            if await is_channel_paused(tx, channel):
                raise TryAgain("the channel is paused", PAUSED_S, penalty=False)
            tried = await tx.cards.get(triage)
            reserved = await tx.cards.reserve(triage, channel)
            message = await self._message(tx, triage)
        if reserved.state is Posted.POSTED or message is None:
            return
        reached("card.reserved")
        ts = await self._desk.find(reserved.channel, triage) if tried else None
        shown = ""  # what an earlier try posted may be out of date by now
        if ts is None:
            shown = _hash(message)
            try:
                ts = await self._post(job, reserved.channel, message)
            except RateLimited:
                if tried is None:  # nothing of it can be in the channel, so the next try need not look there
                    await self._release(job, triage)
                raise
        reached("card.sent")
        async with self._record.begin(job) as tx:
            await tx.cards.posted(triage, ts, shown)
            now = await self._message(tx, triage)
            if now is None or _hash(now) != shown:
                await tx.jobs.add(RefreshCard(triage=triage), ticket=job.ticket)
            await tx.jobs.finish(job)
        reached("card.posted")

    async def _release(self, job: Claimed, triage: TriageId) -> None:
        async with self._record.begin(job) as tx:
            await tx.cards.release(triage)

    async def _post(self, job: Claimed, channel: str, message: Message) -> str:
        """A channel or an app that has to be mended first is waited for: the ticket must not get lost meanwhile."""
        async with self._record.begin(job) as tx:
            lease = await renew(tx, job)
        reached("card.posting")
        lease.still_awake()
        try:
            return await self._desk.post(channel, message)
        except SlackNotSetUp as error:
            if channel != self._routes.default:
                await self._tell_operator(channel, error)
            raise Outage(str(error)) from error

    async def _tell_operator(self, channel: str, error: SlackNotSetUp) -> None:
        """Once for each channel: nobody else can mend it, and the card may go nowhere else."""
        text = f"Cards for the channel {channel} of owners.yaml or layers.yaml have to wait. {error}"
        async with self._record.begin() as tx:
            await tx.jobs.add(TellChannel(text=text), key=f"unreachable:{channel}")

    async def left(self, job: Claimed) -> None:
        """What stays in a channel from which a card has gone elsewhere: one line."""
        assert isinstance(job.task, LeaveChannel)
        task = job.task
        line = answers.said("↪ This card was passed on to another team.")
        gone = line.model_copy(update={"metadata": _found_by(TriageId(f"gone-{task.ts}"))})
        await self._desk.update(task.channel, task.ts, gone)

    async def refresh(self, job: Claimed) -> None:
        """Brings the posted card in line with the record. Showing the same thing twice is skipped."""
        assert isinstance(job.task, RefreshCard)
        triage = job.task.triage
        async with self._record.read() as tx:
            posted = await tx.cards.get(triage)
            message = await self._message(tx, triage)
        if posted is None or posted.ts is None or message is None or posted.shown == _hash(message):
            return
        reached("card.updating")
        await self._desk.update(posted.channel, posted.ts, message)
        reached("card.updated")
        async with self._record.begin(job) as tx:
            await tx.cards.posted(triage, posted.ts, _hash(message))
            await tx.jobs.finish(job)
        reached("card.refreshed")

    async def tell(self, job: Claimed) -> None:
        """Says it once, whatever becomes of Slack's answer, and not before Slack is set up to take it."""
        assert isinstance(job.task, TellChannel)
        text = job.task.text
        name = TriageId("notice-" + hashlib.sha256(f"{job.id}\n{text}".encode()).hexdigest()[:25])
        if job.fence > 1 and await self._desk.find(self._routes.default, name):
            return  # an earlier try got through, only its answer was lost
        names = " ".join(mention(one) for one in job.task.to)
        notice = answers.said(f"{names} {mrkdwn(text, MOST_TOLD)}".strip())
        await self._post(job, self._routes.default, notice.model_copy(update={"metadata": _found_by(name)}))
        reached("notice.sent")

    async def tell_thread(self, job: Claimed) -> None:
        """The same in the thread of a card. Where there is no card, nobody has a thread to read."""
        assert isinstance(job.task, TellThread)
        await self.reply(job, job.task.triage, answers.said(job.task.text))

    async def reply(self, job: Claimed, triage: TriageId, message: Message) -> None:
        """Answers under a card, once."""
        async with self._record.read() as tx:
            posted = await tx.cards.get(triage)
        if posted is None:
            return
        if posted.ts is None:
            raise TryAgain("its card is not posted yet", UNPOSTED_S, penalty=False)
        channel, thread = posted.channel, posted.ts
        name = TriageId("reply-" + hashlib.sha256(f"{job.id}\n{message.text}".encode()).hexdigest()[:26])
        if job.fence > 1 and await self._desk.find(channel, name, thread):
            return  # an earlier try got through, only its answer was lost
        async with self._record.begin(job) as tx:
            lease = await renew(tx, job)
        lease.still_awake()
        await self._desk.post(channel, message.model_copy(update={"metadata": _found_by(name)}), thread)

    async def _message(self, tx: Transaction, triage: TriageId) -> Message | None:
        view = await self.view(tx, triage, for_card=True)
        return None if view is None else card(view)

    async def view(self, tx: Transaction, triage: TriageId, *, for_card: bool = False) -> CardView | None:
        """Everything about a triage as the record has it; None while there is no proposal.

        `for_card`: only what its card shows. After a decision that is nothing of the past.
        """
        proposal = await tx.proposals.latest(triage)
        screened = await tx.triages.recall(triage, Step.SCREEN)
        analysis = await tx.triages.recall(triage, Step.ANALYSE)
        checked = await tx.triages.recall(triage, Step.CHECK)
        if proposal is None or screened is None or analysis is None or checked is None:
            return None
        ticket, found = Screened.model_validate_json(screened), Analysis.model_validate_json(analysis)
        kept = Checked.model_validate_json(checked).evidence
        state = await self._state(tx, proposal)
        snooze = await tx.snoozes.get(proposal.id)
        view = CardView(
            proposal=proposal,
            ticket=TicketFace.of(ticket.ticket, ticket.opened_at),
            analysis=found.model_copy(update={"evidence": kept}),
            hygiene=ticket.ticket.hygiene,
            review_questions=self._questions(proposal.layer),
            layer_titles={one: self._taxonomy.layer_title(one) for one in self._taxonomy.layers},
            value=self._key.value_for(proposal.id),
            state=state,
            undoable=await undoable(tx, proposal) if isinstance(state, Applied | TakenBack) else (),
            shortfalls=self._shortfalls(proposal.target),
            formal=self._approvers.is_formal(risky=bool(found.risks)),
            first=(first := await tx.consents.first(proposal.id)),
            seconds=self._approvers.seconds(first),
            asked_at=await _asked_at(tx, proposal),
            due_at=snooze.due_at if snooze else proposal.expires_at,
            asleep=Asleep(by=snooze.by, until=snooze.until) if snooze and snooze.until else None,
        )
        if for_card and not isinstance(view.state, Pending):
            return view
        gathered = await tx.triages.recall(triage, Step.GATHER)
        similar = Gathered.model_validate_json(gathered).similar if gathered else ()
        past = await looked_back(tx, proposal, found, similar, private=ticket.ticket.private)
        return view.model_copy(update=dict(past))

    def _questions(self, layer: LayerId) -> tuple[str, ...]:
        """None for a layer that the policies do not have any more."""
        return self._taxonomy.review_questions(layer) if layer in self._taxonomy.layers else ()

    async def _state(self, tx: Transaction, proposal: Proposal) -> CardState:
        decision = await tx.proposals.decision(proposal.id)
        if decision is None:
            return Pending()
        if not isinstance(decision, Approved):
            return decision
        triage = await tx.triages.get(proposal.triage)
        rows = await tx.outbox.of(proposal.id)
        undos = await tx.proposals.undos(proposal.id)
        if undos:
            return await _undone(tx, undos[-1])
        return _written(decision, rows, applying=triage.state is TriageState.APPLYING)


async def _asked_at(tx: Transaction, proposal: Proposal) -> Millis | None:
    """When the newest question to the reporter was asked that is on the ticket."""
    for question in reversed(await tx.proposals.questions(proposal.id)):
        if any(row.state is OutboxState.DONE for row in await tx.outbox.of(question.id)):
            return question.created_at
    return None


def _found_by(name: TriageId) -> Json:
    """Metadata by which `Desk.find` finds a message that shows no triage."""
    return {"event_type": CARD_EVENT, "event_payload": {"triage": name, "proposal": ""}}


def _written(decision: Approved, rows: list[OutboxRow], *, applying: bool) -> CardState:
    """What became of an approved proposal, from its outbox rows."""
    if applying:
        return Applying(by=decision.by, at=decision.at)
    failed = [row for row in rows if row.state is OutboxState.FAILED]
    if len(failed) < len(rows):
        return Applied(by=decision.by, at=decision.at, results=tuple(_result(row) for row in rows))
    details = tuple(dict.fromkeys(row.detail for row in failed))
    if all(row.outcome in ("drift", "skipped") for row in failed):
        return Stale(by=decision.by, at=decision.at, changes=details)
    return Failed(by=decision.by, at=decision.at, reason="; ".join(details))


async def _undone(tx: Transaction, undo: Proposal) -> CardState:
    """What became of the newest try to take a change set back."""
    by, at = undo.edited_by or SlackUserId(""), undo.created_at
    if await is_open(tx, undo):
        return TakingBack(by=by, at=at)
    return TakenBack(by=by, at=at, results=tuple(_result(row) for row in await tx.outbox.of(undo.id)))


def _result(row: OutboxRow) -> Result:
    if row.state in (OutboxState.DONE, OutboxState.FAILED):
        outcome = _OUTCOMES.get(row.outcome, Outcome.FAILED)
    else:
        outcome = Outcome.UNKNOWN
    return Result(operation=row.operation, outcome=outcome, note=row.detail)


def _hash(message: Message) -> str:
    return hashlib.sha256(json.dumps(message.arguments(), sort_keys=True).encode()).hexdigest()
