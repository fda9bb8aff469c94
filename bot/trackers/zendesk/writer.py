"""The executor's hand in Zendesk: one member at a time, each change checked in Zendesk's own answer.

A ticket has one assignee, so it is set only where nobody is assigned, and only if nobody has changed the ticket since
that look (`safe_update`). Comments are internal: no word of ours reaches a customer. They stay, for Zendesk deletes
none.
"""

from __future__ import annotations

from typing import NoReturn

from pydantic import JsonValue

from bot.executor.port import PostedComment
from bot.trackers.answers import Rejection
from bot.trackers.blanks import with_blanks
from bot.trackers.text import same
from bot.trackers.transport import Transport
from bot.trackers.zendesk.names import is_number, ticket_path, to_tag
from bot.trackers.zendesk.payloads import ISSUE, TAGS, Issue, to_note
from bot.trackers.zendesk.site import ZendeskSite
from bot.trackers.zendesk.tickets import Tickets
from graphs.errors import TrackerRejected
from graphs.model import Login, Ticket, TicketRef

_TRIES = 3
"""How often a ticket that others are busy with is looked at anew."""


class ZendeskWriter:
    """Implements `bot.executor.port.TicketWriter`."""

    def __init__(self, transport: Transport, site: ZendeskSite) -> None:
        self._transport = transport
        self._site = site
        self._tickets = Tickets(transport, site)

    async def read(self, ref: TicketRef) -> Ticket:
        return await self._tickets.read(ref)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._tickets.labels(ref)

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        return await self._tickets.comments(ref)

    async def create_label(self, ref: TicketRef, label: str) -> None:
        """Nothing to do: a tag is there once a ticket carries it. One that could not be is a no."""
        ticket_path(ref.model_copy(update={"number": "1"}), self._site)
        to_tag(label)

    async def add_label(self, ref: TicketRef, label: str) -> None:
        answer = await self._transport.write("PUT", self._tags(ref), {"tags": [to_tag(label)]})
        if not _carried(answer.read(TAGS).tags, label):
            raise TrackerRejected(f"Zendesk silently ignored the tag on {ref.short}, or spells it in another way")

    async def remove_label(self, ref: TicketRef, label: str) -> None:
        answer = await self._transport.write("DELETE", self._tags(ref), {"tags": [to_tag(label)]})
        if _carried(answer.read(TAGS).tags, label):
            raise TrackerRejected(f"Zendesk does not let this account remove a tag of {ref.short}")

    async def assign(self, ref: TicketRef, login: Login) -> None:
        if not is_number(login):
            raise TrackerRejected("Zendesk names an account by its number")
        for _ in range(_TRIES):
            found = await self._tickets.issue(ref)
            if found.assignees and found.assignees != (login,):
                raise TrackerRejected(f"Zendesk would replace {found.assignees[0]} on {ref.short}: assign by hand")
            if found.assignees or await self._set_assignee(ref, found, login):
                return
        _busy(ref)

    async def unassign(self, ref: TicketRef, login: Login) -> None:
        for _ in range(_TRIES):
            found = await self._tickets.issue(ref)
            if found.assignees != (login,) or await self._set_assignee(ref, found, None):
                return
        _busy(ref)

    async def comment(self, ref: TicketRef, body: str) -> None:
        note: JsonValue = {"comment": {"body": to_note(body), "public": False}}
        answer = await self._transport.write("PUT", ticket_path(ref, self._site), {"ticket": note})
        answer.read(ISSUE)

    async def remove_comment(self, ref: TicketRef, comment: str) -> None:
        if not is_number(comment):
            raise TrackerRejected("the id of a Zendesk comment has digits only")
        raise TrackerRejected(f"Zendesk never deletes a comment: the internal one on {ref.short} stays")

    def _tags(self, ref: TicketRef) -> str:
        return f"{ticket_path(ref, self._site)}/tags"

    async def _set_assignee(self, ref: TicketRef, seen: Issue, login: Login | None) -> bool:
        """False where somebody changed the ticket since it was `seen`: nothing was written then."""
        stamp = f"{seen.updated_at:%Y-%m-%dT%H:%M:%SZ}"
        wanted: JsonValue = {
            "assignee_id": int(login) if login else None,
            "safe_update": True,
            "updated_stamp": stamp,
        }
        try:
            answer = await self._transport.write("PUT", ticket_path(ref, self._site), {"ticket": wanted})
        except Rejection as error:
            if "conflict" in error.codes:
                return False
            raise
        if answer.read(ISSUE).ticket.assignees != ((login,) if login else ()):
            raise TrackerRejected(f"Zendesk silently ignored who is assigned to {ref.short}")
        return True


def _carried(tags: tuple[str, ...], label: str) -> bool:
    return any(same(with_blanks(one), label) for one in tags)


def _busy(ref: TicketRef) -> NoReturn:
    raise TrackerRejected(f"others were changing {ref.short} at the same time: assign by hand")
