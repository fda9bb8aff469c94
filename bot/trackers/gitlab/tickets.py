"""Reading issues, for whoever holds a transport.

Owns reads and paging. The reader and the writer each make their own one around their own transport, so sharing this
code shares no credential. Must not write.
"""

from __future__ import annotations

from bot.executor.port import PostedComment
from bot.trackers.gitlab.names import issue_path, project_path
from bot.trackers.gitlab.payloads import ISSUE, LABELS, NOTES, PROJECT, TRIAGED_TYPES, Issue, to_ticket
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.paging import pages
from bot.trackers.transport import Transport
from graphs.errors import TicketGone, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import Login, Ticket, TicketRef

_MOST_PAGES = 50
"""5,000 entries; nobody chooses among 5,000 labels."""


class Tickets:
    def __init__(self, transport: Transport, site: GitLabSite) -> None:
        self._transport = transport
        self._site = site

    async def issue(self, ref: TicketRef) -> Issue:
        """The issue as GitLab has it."""
        answer = await self._transport.get(issue_path(ref))
        issue = answer.read(ISSUE)
        if str(issue.iid) != ref.number:
            raise TrackerUnavailable(f"{answer.call}: GitLab answered with another issue")
        if issue.issue_type not in TRIAGED_TYPES:
            raise TicketGone(f"{ref.short} is not an issue but a work item of another type")
        return issue

    async def read(self, ref: TicketRef, *, private: bool | None = None) -> Ticket:
        """Asks whether the project is public, unless the caller, who shows the ticket to nobody, says `private`."""
        issue = await self.issue(ref)
        if private is None:
            private = issue.confidential or await self._is_private(ref)
        return to_ticket(ref, issue, self._site, private=private)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        """The first 5,000, those of the groups above included."""
        found = pages(self._transport, f"{project_path(ref.project)}/labels", {}, LABELS, _MOST_PAGES)
        return frozenset([one.name async for page in found for one in page])

    async def comments(self, ref: TicketRef, *, internal: bool) -> tuple[PostedComment, ...]:
        """All of them, or `TrackerRejected`: a list that ends early would hide our own latest comment.

        `internal`: also those that only the project's members may see.
        """
        found: dict[int, PostedComment] = {}
        count = 0
        asked = {"sort": "asc", "order_by": "created_at"}
        async for page in pages(self._transport, f"{issue_path(ref)}/notes", asked, NOTES, _MOST_PAGES):
            count += 1
            for one in page:
                if not one.system and (internal or not (one.internal or one.confidential)):
                    author = one.author.username if one.author else Login("ghost")
                    found[one.id] = PostedComment(id=str(one.id), body=one.body, author=author)
        if count == _MOST_PAGES:
            raise TrackerRejected(f"{ref.short} has too many comments to read them back")
        return tuple(found.values())

    async def shown_comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """Internal notes are for the project's members: no model is shown them and no card quotes them."""
        return await self.comments(ref, internal=False)

    async def _is_private(self, ref: TicketRef) -> bool:
        """What cannot be seen, or is only for people with an account, is taken for private."""
        try:
            answer = await self._transport.get(project_path(ref.project))
        except (TicketGone, TrackerRefused):
            return True
        return answer.read(PROJECT).visibility != "public"
