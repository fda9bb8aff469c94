"""Reading issues, for whoever holds a transport.

Owns reads and paging. The reader and the writer each make their own one around their own transport, so sharing this
code shares no credential. Must not write.
"""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from bot.executor.port import PostedComment
from bot.trackers.blanks import with_blanks
from bot.trackers.jira.names import issue_path, project_key
from bot.trackers.jira.payloads import COMMENTS, FIELDS, ISSUE, Comment, Fields, Labelled, to_ticket
from bot.trackers.jira.rich_text import plain
from bot.trackers.jira.search import Page, Search
from bot.trackers.jira.site import JiraSite
from bot.trackers.transport import Transport
from graphs.errors import TicketGone, TrackerError, TrackerRejected
from graphs.model import Ticket, TicketRef

_PAGE: Final = 100
_MOST_PAGES: Final = 50
_LABEL_PAGES: Final = 5
_LABELLED: Final = TypeAdapter(Page[Labelled])


class Tickets:
    def __init__(self, transport: Transport, site: JiraSite, anybody: Transport | None = None) -> None:
        """`anybody`: a way to Jira without a credential, to learn what the public sees; none where nobody asks."""
        self._transport = transport
        self._site = site
        self._anybody = anybody
        self._search = Search(transport, site)

    async def fields(self, ref: TicketRef) -> Fields:
        """The issue as Jira has it."""
        answer = await self._transport.get(issue_path(ref), {"fields": FIELDS})
        issue = answer.read(ISSUE)
        if issue.key != f"{ref.project}-{ref.number}":
            # Jira keeps answering to an issue's old key.
            raise TicketGone(f"{ref.short} has moved to another project or was given another key")
        if not issue.fields.issuetype.is_triaged:
            raise TicketGone(f"{ref.short} is a sub-task or an epic, and those are not triaged")
        return issue.fields

    async def read(self, ref: TicketRef, *, private: bool | None = None) -> Ticket:
        """Asks whether anybody could see it, unless the caller, who shows the ticket to nobody, says `private`."""
        fields = await self.fields(ref)
        if private is None:
            private = fields.security is not None or await self._is_private(ref)
        return to_ticket(ref, fields, self._site, private=private)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        """Those in use on the 500 issues of the project that changed last: Jira keeps no list for one project."""
        jql = f'project = "{project_key(ref.project)}" AND labels IS NOT EMPTY ORDER BY updated DESC'
        found = self._search.pages(jql, "labels", _LABELLED, _LABEL_PAGES)
        return frozenset([with_blanks(name) async for page in found for one in page for name in one.fields.labels])

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """All of them, or `TrackerRejected`: a list that ends early would hide our own latest comment."""
        return tuple(_posted(one) for one in await self._comments(ref))

    async def shown_comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """Without those for one role or group, and without a service project's internal notes."""
        return tuple(_posted(one) for one in await self._comments(ref) if one.is_shown)

    async def _comments(self, ref: TicketRef) -> tuple[Comment, ...]:
        found: dict[str, Comment] = {}
        for number in range(_MOST_PAGES):
            asked = {"startAt": str(number * _PAGE), "maxResults": str(_PAGE), "orderBy": "created"}
            answer = await self._transport.get(f"{issue_path(ref)}/comment", asked)
            page = answer.read(COMMENTS)
            found |= {one.id: one for one in page.comments}
            if not page.comments or len(found) >= page.total:
                return tuple(found.values())
        raise TrackerRejected(f"{ref.short} has too many comments to read them back")

    async def _is_private(self, ref: TicketRef) -> bool:
        """Public is what a stranger can read. Whatever goes wrong with the question counts as private."""
        if self._anybody is None:
            return True
        try:
            answer = await self._anybody.get(issue_path(ref), {"fields": FIELDS})
            return answer.read(ISSUE).key != f"{ref.project}-{ref.number}"
        except TrackerError:
            return True


def _posted(one: Comment) -> PostedComment:
    return PostedComment(id=one.id, body=plain(one.body), author=one.login)
