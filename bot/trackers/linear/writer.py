"""The executor's hand in Linear: one member at a time, each change checked in Linear's own answer.

An issue has one assignee, so a person is set only where nobody is, or whom we mean already; between that look and the
write somebody may assign themselves, and Linear offers nothing to rule it out. A comment is posted under an id that we
choose, made from its marker, so that Linear itself refuses to take it twice.
"""

from __future__ import annotations

from pydantic import JsonValue

from bot.executor.marker import chosen_id
from bot.executor.port import PostedComment
from bot.trackers.answers import Rejection
from bot.trackers.linear import answers, documents
from bot.trackers.linear.documents import Document
from bot.trackers.linear.names import is_id, is_login, label_name, team_key
from bot.trackers.linear.payloads import Issue, Person
from bot.trackers.linear.site import LinearSite
from bot.trackers.linear.tickets import Tickets, checked
from bot.trackers.linear.wire import LinearTransport
from bot.trackers.text import same
from graphs.errors import TicketGone, TrackerRejected, TrackerUnavailable
from graphs.model import Login, Ticket, TicketRef

_PLAIN_GREY = "#ededed"


class LinearWriter:
    """Implements `bot.executor.port.TicketWriter`."""

    def __init__(self, transport: LinearTransport, site: LinearSite) -> None:
        self._transport = transport
        self._tickets = Tickets(transport, site)

    async def read(self, ref: TicketRef) -> Ticket:
        return await self._tickets.read(ref)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._tickets.labels(ref)

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        return await self._tickets.comments(ref)

    async def create_label(self, ref: TicketRef, label: str) -> None:
        """In the team, unless it or the whole workspace has one of that name."""
        if await self._label_id(ref, label) is not None:
            return
        wanted: JsonValue = {"name": label, "color": _PLAIN_GREY, "teamId": await self._team_id(ref)}
        try:
            answer = await self._transport.mutate(documents.CREATE_LABEL, answers.FINISHED, input=wanted)
        except Rejection:
            if await self._label_id(ref, label) is None:
                raise
            return
        _insist(done=answer.data.done.success, what=f"make the label in {ref.project}")

    async def add_label(self, ref: TicketRef, label: str) -> None:
        label_name(label)
        issue = await self._tickets.issue(ref)
        found = await self._label_id(ref, label)
        if found is None:
            raise TrackerRejected(f"Linear has no label of that name in {ref.project}")
        after = await self._change(ref, documents.ADD_LABEL, id=issue.id, label=found)
        if not _has(after, label):
            raise TrackerRejected(f"Linear silently ignored the label on {ref.short}: may this key set labels?")

    async def remove_label(self, ref: TicketRef, label: str) -> None:
        issue = await self._tickets.issue(ref)
        there = [one for one in issue.labels.nodes if same(one.name, label)]
        if not there:
            label_name(label)
            return
        after = await self._change(ref, documents.REMOVE_LABEL, id=issue.id, label=there[0].id)
        if _has(after, label):
            raise TrackerRejected(f"Linear does not let this key remove a label of {ref.short}")

    async def assign(self, ref: TicketRef, login: Login) -> None:
        person = await self._person(login)
        issue = await self._tickets.issue(ref)
        if issue.assignee is not None and issue.assignee.id != person.id:
            raise TrackerRejected(f"Linear would replace {issue.assignee.login} on {ref.short}: assign by hand")
        if issue.assignee is not None:
            return
        after = await self._change(ref, documents.UPDATE, id=issue.id, input={"assigneeId": person.id})
        if after.assignee is None or after.assignee.id != person.id:
            raise TrackerRejected(f"Linear silently ignored the assignment of {login} to {ref.short}: is it a member?")

    async def unassign(self, ref: TicketRef, login: Login) -> None:
        issue = await self._tickets.issue(ref)
        if issue.assignee is None or not same(issue.assignee.login, login):
            return
        after = await self._change(ref, documents.UPDATE, id=issue.id, input={"assigneeId": None})
        if after.assignee is not None and same(after.assignee.login, login):
            raise TrackerRejected(f"Linear silently ignored that {login} was taken off {ref.short}")

    async def comment(self, ref: TicketRef, body: str) -> None:
        issue, chosen = await self._tickets.issue(ref), chosen_id(body)
        wanted: JsonValue = {"issueId": issue.id, "body": body, **({"id": chosen} if chosen else {})}
        try:
            answer = await self._transport.mutate(documents.COMMENT, answers.FINISHED, input=wanted)
        except Rejection:
            # A second one under the same id is refused: then the first is there, and that is what was wanted.
            if chosen is None or not await self._is_posted(ref, chosen):
                raise
            return
        _insist(done=answer.data.done.success, what=f"post a comment on {ref.short}")

    async def remove_comment(self, ref: TicketRef, comment: str) -> None:
        if not is_id(comment):
            raise TrackerRejected("the id of a Linear comment is a UUID")
        if not await self._is_posted(ref, comment):
            return  # it is gone already; and an id of another ticket's comment is none of this one
        answer = await self._transport.mutate(documents.DELETE_COMMENT, answers.FINISHED, id=comment)
        _insist(done=answer.data.done.success, what=f"delete a comment of {ref.short}")

    async def _change(self, ref: TicketRef, document: Document, **variables: JsonValue) -> Issue:
        answer = await self._transport.mutate(document, answers.CHANGED, **variables)
        if answer.data.changed.issue is None:
            raise TrackerUnavailable(f"Linear did not say what became of {ref.short}")
        return checked(ref, answer.data.changed.issue)

    async def _label_id(self, ref: TicketRef, label: str) -> str | None:
        """The team's own before the workspace's; a heading over labels is none."""
        pages = self._tickets.project_labels(ref, label_name(label))
        found = [one async for page in pages for one in page if same(one.name, label) and not one.is_group]
        found.sort(key=lambda one: one.team is None)
        return found[0].id if found else None

    async def _team_id(self, ref: TicketRef) -> str:
        team = team_key(ref.project)
        answer = await self._transport.query(documents.TEAMS, answers.TEAMS, filter={"key": {"eq": team}})
        found = [one.id for one in answer.data.teams.nodes if one.key == team]
        if not found:
            raise TicketGone(f"this key sees no team {team}")
        return found[0]

    async def _is_posted(self, ref: TicketRef, comment: str) -> bool:
        return any(one.id == comment for one in await self.comments(ref))

    async def _person(self, login: Login) -> Person:
        """Linear assigns by id; a display name is found without regard to case."""
        if not is_login(login):
            raise TrackerRejected("Linear has no account of that name")
        wanted: JsonValue = {"displayName": {"eqIgnoreCase": login}, "active": {"eq": True}}
        answer = await self._transport.query(documents.PEOPLE, answers.PEOPLE, filter=wanted)
        found = [one for one in answer.data.users.nodes if same(one.display_name, login) and one.active]
        if not found:
            raise TrackerRejected(f"Linear has no account named {login}")
        if not found[0].is_assignable:
            raise TrackerRejected(f"Linear does not let {login} be assigned")
        return found[0]


def _has(issue: Issue, label: str) -> bool:
    return any(same(label, one.name) for one in issue.labels.nodes)


def _insist(*, done: bool, what: str) -> None:
    if not done:
        raise TrackerRejected(f"Linear did not let this key {what}")
