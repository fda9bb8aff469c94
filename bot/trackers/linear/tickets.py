"""Reading issues, for whoever holds a transport.

Owns reads and paging. The reader and the writer each make their own one around their own transport, so sharing this
code shares no credential. Must not write.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import JsonValue

from bot.executor.port import PostedComment
from bot.trackers.linear import answers, documents
from bot.trackers.linear.names import identifier, team_key
from bot.trackers.linear.payloads import Comment, Issue, ProjectLabel, to_ticket
from bot.trackers.linear.site import LinearSite
from bot.trackers.linear.wire import LinearTransport
from graphs.errors import TicketGone, TrackerRejected
from graphs.model import Ticket, TicketRef

_MOST_PAGES = 50
"""5,000 entries; nobody chooses among 5,000 labels."""


class Tickets:
    def __init__(self, transport: LinearTransport, site: LinearSite) -> None:
        self._transport = transport
        self._site = site

    async def issue(self, ref: TicketRef) -> Issue:
        """The issue as Linear has it."""
        answer = await self._transport.query(documents.ISSUE, answers.ISSUE, id=identifier(ref))
        return checked(ref, answer.data.issue)

    async def read(self, ref: TicketRef) -> Ticket:
        return to_ticket(ref, await self.issue(ref), self._site)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        """Those of the team and those of the whole workspace; headings over labels are none."""
        found = self.project_labels(ref)
        return frozenset([one.name async for page in found for one in page if not one.is_group])

    async def project_labels(self, ref: TicketRef, name: str | None = None) -> AsyncIterator[tuple[ProjectLabel, ...]]:
        """What may be put on the team's issues, in pages; with `name` only what is called so, in any case."""
        team = team_key(ref.project)
        wanted: dict[str, JsonValue] = {"or": [{"team": {"key": {"eq": team}}}, {"team": {"null": True}}]}
        wanted |= {} if name is None else {"name": {"eqIgnoreCase": name}}
        after: str | None = None
        for _ in range(_MOST_PAGES):
            answer = await self._transport.query(documents.LABELS, answers.LABELS, filter=wanted, after=after)
            page = answer.data.issue_labels
            yield tuple(one for one in page.nodes if one.team is None or one.team.key == team)
            after = page.next
            if after is None:
                return

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """All of them, or `TrackerRejected`: a list that ends early would hide our own latest comment."""
        found: list[Comment] = []
        after: str | None = None
        for _ in range(_MOST_PAGES):
            answer = await self._transport.query(documents.COMMENTS, answers.COMMENTS, id=identifier(ref), after=after)
            discussed = answer.data.issue
            if discussed is None or discussed.identifier != identifier(ref):
                raise moved(ref)
            found += discussed.comments.nodes
            after = discussed.comments.next
            if after is None:
                return _oldest_first(found)
        raise TrackerRejected(f"{ref.short} has too many comments to read them back")

    async def shown_comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        """Linear has no comments that only some may see."""
        return await self.comments(ref)


def checked(ref: TicketRef, issue: Issue | None) -> Issue:
    """The issue if it is the one that was asked for and is not in the bin."""
    if issue is None or issue.identifier != identifier(ref):
        raise moved(ref)
    if issue.trashed:
        raise TicketGone(f"{ref.short} was deleted in Linear")
    if issue.labels.next is not None:
        raise TrackerRejected(f"{ref.short} has too many labels to read them back")
    return issue


def moved(ref: TicketRef) -> TicketGone:
    """Linear finds an issue of another team by its old name too: here it is another ticket."""
    return TicketGone(f"{ref.short} is not there: moved to another team, deleted, or hidden from this key")


def _oldest_first(found: list[Comment]) -> tuple[PostedComment, ...]:
    """Linear lists the newest first; of two in one millisecond the later stays the later."""
    ordered = found[::-1]
    ordered.sort(key=lambda one: one.created_at)
    return tuple(PostedComment(id=one.id, body=one.body, author=one.author) for one in ordered)
