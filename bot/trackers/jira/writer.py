"""The executor's hand in Jira: one member at a time, each change read back.

Jira answers a write with 204 and no word of what came of it, so it is read again: a field that no screen shows, or a
server that ignores an update, is seen. An issue has one assignee, so it is set only where nobody is assigned. Between
that look and the write somebody may assign themselves; Jira offers nothing to rule it out.
"""

from __future__ import annotations

from pydantic import JsonValue

from bot.executor.port import PostedComment
from bot.trackers.blanks import with_blanks
from bot.trackers.jira.names import is_login, is_number, issue_path, to_jira
from bot.trackers.jira.payloads import COMMENT
from bot.trackers.jira.rich_text import to_document, to_wiki
from bot.trackers.jira.site import JiraSite
from bot.trackers.jira.tickets import Tickets
from bot.trackers.text import same
from bot.trackers.transport import Transport
from graphs.errors import TicketGone, TrackerRejected
from graphs.model import Login, Ticket, TicketRef


class JiraWriter:
    """Implements `bot.executor.port.TicketWriter`."""

    def __init__(self, transport: Transport, site: JiraSite) -> None:
        self._transport = transport
        self._site = site
        self._tickets = Tickets(transport, site)

    async def read(self, ref: TicketRef) -> Ticket:
        # Who writes compares fields and shows them to nobody, five times for each ticket.
        return await self._tickets.read(ref, private=True)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._tickets.labels(ref)

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        return await self._tickets.comments(ref)

    async def create_label(self, ref: TicketRef, label: str) -> None:
        """Nothing to do: a label of Jira is there once an issue carries it. One that could not be is a no."""
        issue_path(ref.model_copy(update={"number": "1"}))
        to_jira(label)

    async def add_label(self, ref: TicketRef, label: str) -> None:
        await self._update_labels(ref, {"add": to_jira(label)})
        if not await self._carried(ref, label):
            raise TrackerRejected(f"Jira silently ignored the label on {ref.short}: is the field on its edit screen?")

    async def remove_label(self, ref: TicketRef, label: str) -> None:
        to_jira(label)
        for name in await self._carried(ref, label):  # as Jira spells it: it takes labels with regard to case
            await self._update_labels(ref, {"remove": name})
            if await self._carried(ref, label):
                raise TrackerRejected(f"Jira does not let this account remove a label of {ref.short}")

    async def assign(self, ref: TicketRef, login: Login) -> None:
        if not is_login(login):
            raise TrackerRejected("Jira has no account of that name")
        there = (await self._tickets.fields(ref)).assignees
        if any(same(one, login) for one in there):
            return
        if there:
            raise TrackerRejected(f"Jira would replace {there[0]} on {ref.short}: assign by hand")
        try:
            await self._set_assignee(ref, login)
        except TicketGone:
            # The issue was there a moment ago, so it is the person who is not.
            raise TrackerRejected(f"Jira has no account named {login} for {ref.short}") from None
        if not any(same(one, login) for one in (await self._tickets.fields(ref)).assignees):
            raise TrackerRejected(f"Jira silently ignored the assignment of {login} to {ref.short}")

    async def unassign(self, ref: TicketRef, login: Login) -> None:
        if not any(same(one, login) for one in (await self._tickets.fields(ref)).assignees):
            return
        await self._set_assignee(ref, None)
        if any(same(one, login) for one in (await self._tickets.fields(ref)).assignees):
            raise TrackerRejected(f"Jira silently ignored that {login} was taken off {ref.short}")

    async def comment(self, ref: TicketRef, body: str) -> None:
        text: JsonValue = to_document(body, self._site.page(ref)) if self._site.is_cloud else to_wiki(body)
        answer = await self._transport.write("POST", f"{issue_path(ref)}/comment", {"body": text})
        answer.read(COMMENT)

    async def remove_comment(self, ref: TicketRef, comment: str) -> None:
        if not is_number(comment):
            raise TrackerRejected("the id of a Jira comment has digits only")
        try:
            await self._transport.write("DELETE", f"{issue_path(ref)}/comment/{comment}")
        except TicketGone:
            # 404: it is gone already, or we may not: whether it is still listed tells which.
            if any(one.id == comment for one in await self.comments(ref)):
                raise TrackerRejected(f"Jira does not let this account delete a comment of {ref.short}") from None

    async def _update_labels(self, ref: TicketRef, verb: dict[str, JsonValue]) -> None:
        await self._transport.write("PUT", issue_path(ref), {"update": {"labels": [verb]}})

    async def _carried(self, ref: TicketRef, label: str) -> list[str]:
        """The issue's labels of that name, as Jira spells them."""
        return [one for one in (await self._tickets.fields(ref)).labels if same(with_blanks(one), label)]

    async def _set_assignee(self, ref: TicketRef, login: Login | None) -> None:
        name = "accountId" if self._site.is_cloud else "name"
        await self._transport.write("PUT", f"{issue_path(ref)}/assignee", {name: login})
