"""Reading issues, for whoever holds a transport.

Owns reads and paging. The reader and the writer each make their own one around their own transport, so sharing this
code shares no credential. Must not write.
"""

from __future__ import annotations

from bot.executor.port import PostedComment
from bot.trackers.github.names import issue_path, project_path
from bot.trackers.github.payloads import COMMENTS, ISSUE, LABELS, REPOSITORY, names_of, to_ticket
from bot.trackers.github.site import GitHubSite
from bot.trackers.paging import pages
from bot.trackers.transport import Transport
from graphs.errors import TicketGone, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import Ticket, TicketRef

_MOST_PAGES = 50
"""5,000 entries. GitHub itself stops at 2,500 comments; nobody chooses among 5,000 labels."""


class Tickets:
    def __init__(self, transport: Transport, site: GitHubSite) -> None:
        self._transport = transport
        self._site = site

    async def read(self, ref: TicketRef, *, private: bool | None = None) -> Ticket:
        """Asks whether the project is private, unless the caller, who shows the ticket to nobody, says `private`."""
        answer = await self._transport.get(issue_path(ref))
        issue = answer.read(ISSUE)
        if str(issue.number) != ref.number:
            raise TrackerUnavailable(f"{answer.call}: GitHub answered with another issue")
        if issue.pull_request is not None:
            raise TicketGone(f"{ref.short} is a pull request, and there never was an issue of that number")
        return to_ticket(ref, issue, self._site, private=await self._is_private(ref) if private is None else private)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        """The first 5,000. A label beyond them looks new; making it again does no harm."""
        found = pages(self._transport, f"{project_path(ref.project)}/labels", {}, LABELS, _MOST_PAGES)
        return frozenset([name async for page in found for name in names_of(page)])

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """All of them, or `TrackerRejected`: a list that ends early would hide our own latest comment."""
        found: dict[str, PostedComment] = {}
        count = 0
        async for page in pages(self._transport, f"{issue_path(ref)}/comments", {}, COMMENTS, _MOST_PAGES):
            count += 1
            for one in page:
                found[str(one.id)] = PostedComment(id=str(one.id), body=one.body or "", author=one.author)
        if count == _MOST_PAGES:
            raise TrackerRejected(f"{ref.short} has too many comments to read them back")
        return tuple(found.values())

    async def shown_comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """GitHub has no comments that only some may see."""
        return await self.comments(ref)

    async def _is_private(self, ref: TicketRef) -> bool:
        """What cannot be seen is taken for private. Asked each time: a project can be closed at any moment."""
        try:
            answer = await self._transport.get(project_path(ref.project))
        except (TicketGone, TrackerRefused):
            return True
        return answer.read(REPOSITORY).private
