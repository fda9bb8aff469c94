"""What people do with messages: click, choose, type commands, mention the bot, write to it.

An act that a real client would not allow raises `PersonCannot`; what the bot made of an allowed act is the returned
`Outcome`.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from bot.sandbox.slack import payloads
from bot.sandbox.slack.callbacks import say_immediately
from bot.sandbox.slack.delivery import Delivery, Kind
from bot.sandbox.slack.events import EventSender
from bot.sandbox.slack.forms import state_of
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.narrow import Json
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.pressing import action, find
from bot.sandbox.slack.refusal import PersonCannot, Refusal
from bot.sandbox.slack.sight import Sight


class People(Sight):
    delivery: Delivery
    events: EventSender

    async def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        value: str | None = None,
        *,
        seen: Message | None = None,
    ) -> Outcome:
        """Press a button or choose `value` in a select or overflow of a stored message.

        `seen` is an older state of the message still on this person's screen: the way to press a button that the bot
        has meanwhile taken away.
        """
        person, room = self._member(user, channel)
        message = seen or self._visible_message(person, room, ts)
        element = find(message.elements, action_id, value)
        pressed = action(element, value, self.world.store.next_ts())
        state = state_of(list(message.blocks))
        payload = payloads.message_action(self.world, person, message, pressed, state)
        return await self.delivery.interaction(Kind.INTERACTIVE, payload)

    async def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        """Choose a message shortcut of the app from a message's menu."""
        person, room = self._member(user, channel)
        message = self._visible_message(person, room, ts)
        payload = payloads.message_shortcut(self.world, person, message, callback_id)
        return await self.delivery.interaction(Kind.INTERACTIVE, payload)

    async def slash(self, user: str, channel: str, command: str, text: str = "") -> Outcome:
        """Type a slash command; an answer in the acknowledgement is shown to this person (or to all) at once."""
        person, room = self._member(user, channel)
        if "commands" not in self.world.workspace.scopes:
            raise PersonCannot(f"{command} is not a valid command: the app lacks the scope commands")
        payload = payloads.command(self.world, person, room, command, text)
        outcome = await self.delivery.interaction(Kind.COMMAND, payload)
        if not outcome.acked:
            return outcome
        try:
            say_immediately(self.world, room.id, person.id, outcome.body)
        except (Refusal, ValidationError) as problem:
            return replace(outcome, acked=False, error=f"bad answer: {problem}")
        return outcome

    async def mention(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> Outcome:
        """Say something to the bot in a channel; the bot gets an `app_mention` event."""
        said = self.say(user, channel, f"<@{self.world.workspace.bot.id}> {text}", thread_ts=thread_ts)
        return await self.event({**said.wire(), "type": "app_mention", "channel": said.channel})

    async def direct_message(self, user: str, text: str) -> Outcome:
        """Write to the bot in the direct conversation; the bot gets a `message` event."""
        person = self._actor(user)
        said = self.say(user, self.world.store.dm(person.id).id, text)
        return await self.event({**said.wire(), "channel": said.channel, "channel_type": "im"})

    async def open_home(self, user: str, tab: str = "home") -> Outcome:
        person = self._actor(user)
        opened: Json = {"type": "app_home_opened", "user": person.id, "tab": tab}
        return await self.event(opened | {"channel": self.world.store.dm(person.id).id})

    async def event(self, inner: Json) -> Outcome:
        """Any event, wrapped as Slack wraps it and retried as Slack retries it."""
        return await self.events.send(inner)

    def say(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> Message:
        """A person writes in a channel; no event is sent."""
        person, room = self._member(user, channel)
        said = Message(room.id, self.world.store.next_ts(), person.id, text, thread_ts=thread_ts, team=person.team_id)
        self.world.store.add(said)
        return said
