"""What Slack's listeners may do: store what came in with its job, look into the record (`bot.slack.front`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.crash import reached
from bot.record.inbox import Delivery, Outcome
from bot.record.record import Record
from bot.service.absences import RecordAbsences
from bot.service.cards import Cards
from bot.service.editing import Editing
from bot.service.judging import Rules, judge
from bot.service.people import People
from bot.slack.blocks import answers
from bot.slack.blocks.message import Message
from bot.slack.blocks.modals import OwnerOption
from bot.slack.blocks.verbs import missing
from bot.slack.blocks.view import CardView, Pending
from bot.slack.front import Openable
from bot.slack.ids import Action as Button
from bot.slack.ids import CardKey
from bot.slack.payloads import Click, Command, EditForm, Home, Person, is_stranger
from bot.tasks import AnswerCommand, DrawHome, LookUpPerson, TakeVerdict
from graphs.acts import Action
from graphs.calendar import Calendar
from graphs.model import Actor, TrackerName
from graphs.owners import Owners
from prompts.loader import Prompt

PROVIDER = "slack"
_UNREAD = frozenset({"token", "blocks", "message"})
"""Parts of Slack's payloads: an old shared secret, and what is on the screen, which we drew ourselves."""
FORM_ACTIONS = {
    Button.EDIT: Action.EDIT,
    Button.REJECT: Action.REJECT,
    Button.DUPLICATE: Action.REJECT,
    Button.SNOOZE: Action.SNOOZE,
    Button.HAND_OVER: Action.HAND_OVER,
    Button.ASK: Action.ASK_REPORTER,
}
"""What the gate is asked before a form is opened."""


@dataclass(frozen=True)
class Parts:
    record: Record
    cards: Cards
    people: People
    key: CardKey
    home: Home
    rules: Rules
    owners: Owners
    editing: Editing
    question: Prompt
    calendar: Calendar


class SlackFront:
    def __init__(self, parts: Parts) -> None:
        self._is = parts

    async def keep_verdict(self, delivery_id: str, body: object) -> None:
        reached("press.storing")
        async with self._is.record.begin() as tx:
            stored, row = await tx.inbox.store(self._delivery(delivery_id, "verdict", body), Outcome.ACCEPTED, "")
            if stored is Outcome.ACCEPTED:
                await tx.jobs.add(TakeVerdict(delivery=row))
        reached("press.committed")

    async def keep_command(self, command: Command, body: object) -> None:
        reached("command.storing")
        async with self._is.record.begin() as tx:
            delivery = self._delivery(f"command:{command.trigger_id}"[:255], "command", body)
            stored, row = await tx.inbox.store(delivery, Outcome.ACCEPTED, "")
            if stored is Outcome.ACCEPTED:
                await tx.jobs.add(AnswerCommand(delivery=row))
        reached("command.committed")

    async def draw_home(self, person: Person) -> None:
        async with self._is.record.begin() as tx:
            await tx.jobs.add(DrawHome(user=person.user, is_stranger=is_stranger(person, self._is.home)))

    def _delivery(self, delivery_id: str, name: str, body: object) -> Delivery:
        return Delivery(
            provider=PROVIDER,
            install=self._is.home.team,
            delivery_id=delivery_id,
            name=name,
            body=json.dumps(_to_keep(body, self._is.editing.redacted), sort_keys=True).encode(),
        )

    async def openable(self, click: Click, *, deciding: bool) -> Openable | Message:
        proposal_id = self._is.key.open(click.value)
        async with self._is.record.read() as tx:
            proposal = await tx.proposals.get(proposal_id) if proposal_id else None
            view = await self._is.cards.view(tx, proposal.triage) if proposal else None
        if proposal is None or view is None:
            return answers.unknown_card()
        refusal = await self._refusal(click, view) if deciding else None
        if refusal is not None:
            return refusal
        options = await self._options(proposal.target.tracker)
        return Openable(view=view, owners=options, question=self._is.question.fill(missing=missing(view)))

    async def _options(self, tracker: TrackerName) -> tuple[OwnerOption, ...]:
        """Everybody who may be chosen; a person may choose somebody who is away, and is warned."""
        async with self._is.record.read() as tx:
            away = await RecordAbsences.read(tx, self._is.calendar, await tx.now())
            today = self._is.calendar.today(await tx.now(), None)
        return tuple(
            OwnerOption(owner=one.owner, name=one.name, away_until=self._is.owners.away_until(one.owner, today, away))
            for one in self._is.owners.choices(tracker)
        )

    async def _refusal(self, click: Click, view: CardView) -> Message | None:
        """Why this person may not open a deciding form on this card now."""
        if not isinstance(view.state, Pending):
            return answers.already_decided(view.state)
        actor = await self._is.people.known(click.by.user)
        if actor is None:
            async with self._is.record.begin() as tx:
                who = LookUpPerson(user=click.by.user, team=click.by.team or "", channel=click.channel)
                await tx.jobs.add(who)
            reached("lookup.committed")
            return answers.said("I am looking up whether you may decide this. Please press again in a moment.")
        stranger = is_stranger(click.by, self._is.home) or actor.is_stranger
        return await self._judged(actor.model_copy(update={"is_stranger": stranger}), click, view)

    async def _judged(self, actor: Actor, click: Click, view: CardView) -> Message | None:
        rules, proposal = self._is.rules, view.proposal
        async with self._is.record.read() as tx:
            judged = await judge(tx, rules, actor, FORM_ACTIONS[Button(click.action_id)], proposal)
        return None if judged.permission.allowed else answers.may_not(judged.permission.why, rules.who_can())

    async def form_problem(self, value: str, by: Person, form: EditForm) -> str | None:
        proposal_id = self._is.key.open(value)
        async with self._is.record.read() as tx:
            proposal = await tx.proposals.get(proposal_id) if proposal_id else None
            if proposal is None:
                return "This card is unknown. Close the form and ask for the ticket again."
            now = await tx.now()
            edited = await self._is.editing.proposal(tx, proposal, form, by.user, now)
        if edited is None:
            return "This would change nothing: people have set these fields already. Cancel, or choose something else."
        return None


def _to_keep(body: object, redact: Callable[[str], str]) -> object:
    """A payload as it may be stored: what a person typed redacted, and nothing that nobody reads again."""
    match body:
        case {"type": "plain_text_input", "value": str(typed)}:
            return {"type": "plain_text_input", "value": redact(typed)}
        case {"command": str(command), "text": str(typed), **rest}:
            kept = {key: value for key, value in rest.items() if key not in _UNREAD}
            return {**kept, "command": command, "text": redact(typed)}
        case {"type": "app_mention" | "message" as what, "text": str(typed), **rest}:
            kept = {key: value for key, value in rest.items() if key not in _UNREAD}
            return {**kept, "type": what, "text": redact(typed)}
        case dict():
            return {key: _to_keep(value, redact) for key, value in body.items() if key not in _UNREAD}
        case list():
            return [_to_keep(one, redact) for one in body]
        case _:
            return body
