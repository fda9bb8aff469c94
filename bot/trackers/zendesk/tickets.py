"""Reading tickets, for whoever holds a transport.

Owns reads and paging. The reader and the writer each make their own one around their own transport, so sharing this
code shares no credential. Must not write.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, TypeVar

from pydantic import TypeAdapter

from bot.executor.port import PostedComment
from bot.trackers.blanks import with_blanks
from bot.trackers.transport import Transport
from bot.trackers.zendesk.names import ticket_path
from bot.trackers.zendesk.payloads import ALL_TAGS, COMMENTS, ISSUE, Comment, Issue, Page, plain, to_ticket
from bot.trackers.zendesk.site import ZendeskSite
from graphs.errors import TicketGone, TrackerRejected, TrackerUnavailable
from graphs.model import Ticket, TicketRef

_MOST_PAGES: Final = 51
"""Zendesk itself stops at 5,000 comments."""
Paged = TypeVar("Paged", bound=Page)


class Tickets:
    def __init__(self, transport: Transport, site: ZendeskSite) -> None:
        self._transport = transport
        self._site = site

    async def issue(self, ref: TicketRef) -> Issue:
        """The ticket as Zendesk has it."""
        answer = await self._transport.get(ticket_path(ref, self._site))
        found = answer.read(ISSUE).ticket
        if str(found.id) != ref.number:
            raise TrackerUnavailable(f"{answer.call}: Zendesk answered with another ticket")
        if found.status == "deleted":
            raise TicketGone(f"{ref.short} was deleted")
        return found

    async def read(self, ref: TicketRef) -> Ticket:
        return to_ticket(ref, await self.issue(ref), self._site)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        """The account's tags in use: Zendesk keeps no other list."""
        ticket_path(ref.model_copy(update={"number": "1"}), self._site)
        found = pages(self._transport, "/tags", {}, ALL_TAGS, _MOST_PAGES)
        return frozenset([with_blanks(one.name) async for page in found for one in page.tags])

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """All of them, or `TrackerRejected`: a list that ends early would hide our own latest comment."""
        return tuple(_posted(one) for one in await self._comments(ref))

    async def shown_comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """Those that the requester sees: internal notes are the team's."""
        return tuple(_posted(one) for one in await self._comments(ref) if one.public)

    async def _comments(self, ref: TicketRef) -> list[Comment]:
        """Without the first one, which is the ticket's own text."""
        found: dict[int, Comment] = {}
        count = 0
        path = f"{ticket_path(ref, self._site)}/comments"
        async for page in pages(self._transport, path, {"sort": "created_at"}, COMMENTS, _MOST_PAGES):
            count += 1
            found |= {one.id: one for one in page.comments}
        if count == _MOST_PAGES:
            raise TrackerRejected(f"{ref.short} has too many comments to read them back")
        return [*found.values()][1:]


async def pages(
    transport: Transport, path: str, asked: dict[str, str], shape: TypeAdapter[Paged], most: int
) -> AsyncIterator[Paged]:
    """At most `most` pages of a hundred. The cursor is data and travels as a parameter; its address is not called."""
    after = ""
    for _ in range(most):
        more = {"page[after]": after} if after else {}
        page = (await transport.get(path, {**asked, "page[size]": "100", **more})).read(shape)
        yield page
        after = page.meta.after or ""
        if not (page.meta.has_more and after):
            return


def _posted(one: Comment) -> PostedComment:
    return PostedComment(id=str(one.id), body=plain(one.body), author=one.login)
