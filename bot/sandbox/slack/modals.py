"""What people do with modals and the home tab: fill in, submit, press, close, search in a select."""

from __future__ import annotations

from dataclasses import replace

from bot.sandbox.slack import payloads
from bot.sandbox.slack.delivery import Delivery, Kind
from bot.sandbox.slack.forms import FIELD_OF, Values, left_empty, state_of
from bot.sandbox.slack.message import elements_in
from bot.sandbox.slack.methods.views import checked
from bot.sandbox.slack.narrow import Json, as_object, as_objects
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.pressing import action, find
from bot.sandbox.slack.refusal import PersonCannot, Refusal
from bot.sandbox.slack.sight import Sight
from bot.sandbox.slack.views import View


class Modals(Sight):
    delivery: Delivery

    async def submit(self, user: str, view: str, values: Values | None = None) -> Outcome:
        """Fill in and submit a modal named by id or callback id; what the bot answers is done to the modal."""
        person, shown = self._view(user, view)
        state = state_of(shown.blocks, values)
        if empty := list(left_empty(shown.blocks, state)):
            raise PersonCannot(f"required fields are empty: {empty}")
        payload = payloads.submission(self.world, person, shown, state)
        outcome = await self.delivery.interaction(Kind.INTERACTIVE, payload)
        if not outcome.acked:
            return outcome
        try:
            self._apply(shown, outcome)
        except Refusal as refusal:
            return replace(outcome, acked=False, error=f"bad answer: {refusal.body()}")
        return outcome

    async def click_in_view(self, user: str, view: str, action_id: str, value: str | None = None) -> Outcome:
        """Press a button or choose in a select inside a modal or the home tab."""
        person, shown = self._view(user, view)
        element = find(tuple(elements_in(shown.blocks)), action_id, value)
        pressed = action(element, value, self.world.store.next_ts())
        entered: Values = {element.block_id: {action_id: value}} if element.type in FIELD_OF else {}
        state = state_of(shown.blocks, entered if element.type != "overflow" else None)
        payload = payloads.view_action(self.world, person, shown, pressed, state)
        return await self.delivery.interaction(Kind.INTERACTIVE, payload)

    async def close_view(self, user: str, view: str, *, whole_stack: bool = False) -> Outcome | None:
        """Close a modal; only a view with `notify_on_close` tells the bot."""
        person, shown = self._view(user, view)
        outcome = None
        for closed in self.world.views.close(shown, whole_stack=whole_stack):
            if closed.body.get("notify_on_close") is True:
                payload = payloads.closed(self.world, person, closed, is_cleared=whole_stack)
                outcome = await self.delivery.interaction(Kind.INTERACTIVE, payload)
        return outcome

    async def suggest(self, user: str, view: str, action_id: str, query: str) -> list[Json]:
        """Type into an external select of a modal; the options the bot offers."""
        person, shown = self._view(user, view)
        element = find(tuple(elements_in(shown.blocks)), action_id, None)
        place: Json = {"container": {"type": "view", "view_id": shown.id}, "view": shown.wire(self.world.workspace)}
        payload = payloads.suggestion(self.world, person, element, query, place)
        outcome = await self.delivery.interaction(Kind.INTERACTIVE, payload)
        return as_objects(outcome.body.get("options"))

    def _apply(self, view: View, outcome: Outcome) -> None:
        """Do to the modal what the answer to a submission says."""
        views = self.world.views
        match outcome.response_action:
            case "errors":
                self._show_errors(view, outcome)
            case "clear":
                views.close(view, whole_stack=True)
            case "update":
                views.update(view, checked(as_object(outcome.body.get("view")), "modal"))
            case "push":
                views.push(view.user, checked(as_object(outcome.body.get("view")), "modal"))
            case "":
                views.close(view)
            case other:
                raise Refusal("invalid_response_action", (f"[ERROR] unknown response_action: {other}",))

    def _show_errors(self, view: View, outcome: Outcome) -> None:
        inputs = {str(block.get("block_id")) for block in view.blocks if block.get("type") == "input"}
        if not outcome.errors or not inputs.issuperset(outcome.errors):
            raise Refusal("invalid_errors", (f"[ERROR] errors must name input blocks: {sorted(inputs)}",))
        self.world.views.put(replace(view, errors=tuple(outcome.errors.items())))
